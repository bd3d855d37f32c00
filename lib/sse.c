/*
 * sse - see sse.h
 */
#include "config.h"

#include <string.h>

#include "buf.h"
#include "cx.h"
#include "peer.h"
#include "req.h"
#include "resp.h"
#include "sse.h"

#define EVENT_MAX	(1 << 20)

static enum err
put(struct req *rq, const char *p, size_t n)
{
	enum err er;

	if ((er = rq->peer->ops->write(rq->peer, p, n)) != E_OK)
		return er;
	return rq->peer->ops->flush(rq->peer);
}

enum err
sse_open(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct buf *b = buf_new(cx, 32768);

	buf_fmt(b, "Status: 200 OK\r\nContent-Type: text/event-stream\r\n"
	    "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
	    "X-Request-Id: %s\r\n", cx->reqid);
	buf_put(b, rs->headers->data, rs->headers->len);
	buf_puts(b, "\r\n");
	rs->status = 200;
	rs->streamed = true;
	return put(rq, b->data, b->len);
}

enum err
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
	er = buf_ok(&b) ? put(rq, b.data, b.len) :
	    err_set(cx, E_NOMEM, "event too large");
	buf_release(&b);
	return er;
}

enum err
sse_beat(struct req *rq)
{
	return put(rq, ":\n\n", 3);
}
