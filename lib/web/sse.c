/*
 * sse - framing of server-sent events and their heartbeat
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "web/resp.h"
#include "web/sse.h"

#define EVENT_MAX	(1 << 20)

coroutine_fn enum err
sse_open(struct req *rq, struct resp *rs)
{
	return resp_stream(rs, rq, "text/event-stream");
}

coroutine_fn enum err
sse_event(struct cx *cx, struct req *rq, const char *id, const char *event,
    const char *data)
{
	struct buf b;
	enum err er;

	AZ(strpbrk(data, "\r\n"));
	buf_init(&b, EVENT_MAX);
	if (id != NULL)
		buf_fmt(&b, "id: %s\n", id);
	buf_fmt(&b, "event: %s\ndata: ", event);
	buf_puts(&b, data);
	buf_puts(&b, "\n\n");
	er = buf_ok(&b) ? resp_piece(rq, b.data, b.len) :
	    err_set(cx, E_NOMEM, "event too large");
	buf_release(&b);
	return er;
}

coroutine_fn enum err
sse_beat(struct req *rq)
{
	return resp_piece(rq, ":\n\n", 3);
}
