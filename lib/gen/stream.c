/*
 * stream - a generation as server-sent events (gen_events in gen.h)
 *
 * Everything sent is read from the row, so a stream can begin at any point and
 * be resumed, by another process too:
 *
 *	status		{"status","stage"}	when it changed
 *	scan_line	{"index","text"}	one per status message
 *	done, error	the last one		as GET /generations/{id}
 *
 * An id is "<lines sent>.<stage sent>"; Last-Event-ID brings it back.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "gen/gen.h"
#include "io/loop.h"
#include "web/req.h"
#include "web/resp.h"
#include "web/share.h"
#include "web/sse.h"

#define READ_CAP	(4 << 20)
#define RETRY_S	5

static const char *const stages[] = {
	"", "queued", "scanning", "prompting", "generating", "postscan",
	"done", "error", "canceled",
};
#define NSTAGE	(int)(sizeof stages / sizeof *stages)

struct sent {
	int	 lines, stage;
};

static int
stage_no(const char *s)
{
	for (int i = 1; i < NSTAGE; i++)
		if (str_eq(s, stages[i]))
			return i;
	return 0;
}

static const char *
event_id(struct cx *cx, const struct sent *s)
{
	return cx_fmt(cx, "%d.%d", s->lines, s->stage);
}

/* From Last-Event-ID; a malformed one means from the beginning. */
static struct sent
resume(const char *last)
{
	struct sent s = { 0 };
	int n = 0;

	if (last == NULL || sscanf(last, "%4d.%1d%n", &s.lines, &s.stage,
	    &n) != 2 || last[n] != '\0' || s.lines < 0 || s.stage >= NSTAGE)
		return (struct sent){ 0 };
	return s;
}

static coroutine_fn enum err
send_lines(struct cx *cx, struct req *rq, const struct gen *g,
    struct sent *s)
{
	const struct cJSON *line = json_first(json_pointer(g->vars,
	    "/userMessages/scan_lines"));
	struct json js;
	struct buf *b;
	enum err er;

	for (int i = 0; line != NULL; line = json_next(line), i++) {
		if (i < s->lines)
			continue;
		b = buf_new(cx, 65536);
		json_init(&js, b);
		json_obj(&js, NULL);
		json_int(&js, "index", i);
		json_str(&js, "text", json_text(line));
		json_end(&js);
		s->lines = i + 1;
		if ((er = sse_event(cx, rq, event_id(cx, s), "scan_line",
		    b->data)) != E_OK)
			return er;
	}
	return E_OK;
}

static coroutine_fn enum err
send_status(struct cx *cx, struct req *rq, const struct gen *g,
    struct sent *s)
{
	struct buf *b = buf_new(cx, 4096);
	int no = stage_no(g->stage);
	struct json js;

	if (no == s->stage)
		return E_OK;
	s->stage = no;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "status", g->status);
	json_str(&js, "stage", g->stage);
	json_end(&js);
	return sse_event(cx, rq, event_id(cx, s), "status", b->data);
}

static coroutine_fn enum err
send_end(struct cx *cx, struct req *rq, const struct gen *g,
    const struct sent *s)
{
	struct buf *b = buf_new(cx, 512 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	gen_full(cx, &js, g);
	json_end(&js);
	return sse_event(cx, rq, event_id(cx, s), str_eq(g->status, "done") ?
	    "done" : "error", b->data);
}

/* Reads the row and sends what is new; own memory, as streams live long. */
static coroutine_fn enum err
send_new(struct cx *cx, struct req *rq, const char *id, struct sent *s,
    bool *over)
{
	struct cx tmp = cx_fork(cx, READ_CAP);
	struct gen g;
	enum err er;

	if ((er = gen_read(&tmp, req_pass(rq), id, &g)) == E_OK &&
	    (er = send_lines(&tmp, rq, &g, s)) == E_OK &&
	    (er = send_status(&tmp, rq, &g, s)) == E_OK && g.over) {
		*over = true;
		er = send_end(&tmp, rq, &g, s);
	}
	cx->err = tmp.err;
	cx_release(&tmp);
	return er;
}

coroutine_fn enum err
gen_events(struct cx *cx, struct req *rq, struct resp *rs, const char *id)
{
	struct sent s = resume(req_header(rq, "Last-Event-ID"));
	struct gen_waiter *me;
	struct gen g;
	int64_t beat = loop_now() + SSE_HEARTBEAT_MS;
	bool over = false;
	enum err er;

	if (rq->method != M_HEAD && !share_wait(cx, rq)) {
		er = err_say(cx, E_BUSY, "There are as many open streams as "
		    "we keep for you. Close one, or ask for the state.");
		cx->err.retry_after = RETRY_S;
		return er;
	}
	me = gen_join(cx, id);
	if ((er = gen_read(cx, req_pass(rq), id, &g)) != E_OK ||
	    (er = sse_open(rq, rs)) != E_OK || rq->method == M_HEAD)
		return er;
	for (;;) {
		er = send_new(cx, rq, id, &s, &over);
		if ((er != E_OK && er != E_DB) || over)
			return er;
		er = gen_next(rq, me, beat);
		if (er == E_TIMEOUT) {
			er = sse_beat(rq);
			beat = loop_now() + SSE_HEARTBEAT_MS;
		}
		if (er != E_OK)
			/* After E_STOP the client resumes with its id. */
			return er == E_STOP ? E_OK : er;
	}
}
