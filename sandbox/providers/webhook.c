/*
 * callback - see callback.h
 */
#include "config.h"

#include "core/request_log.h"
#include "core/sandbox.h"
#include "io/http.h"
#include "io/loop.h"
#include "providers/webhook_send.h"

#define WORK_MAX	(1 << 20)
#define CALL_MS		10000
#define ANSWER_MAX	65536
#define STALE_S		900

/* Those that were told to let the next one pass. */
struct held {
	struct wait	 w;
	enum endpoint	 place;
	struct held	*next;
};

static struct held *held;

static void
let_go(enum endpoint p)
{
	for (struct held *h = held; h != NULL; h = h->next)
		if (h->place == p)
			wait_wake(&h->w, E_OK);
}

static void
hold_back(enum endpoint p, int64_t ms)
{
	struct held me = { .w = WAIT_INIT, .place = p, .next = held }, **q;

	held = &me;
	(void)wait_for(&me.w, loop_now() + ms);
	for (q = &held; *q != &me; q = &(*q)->next)
		;
	*q = me.next;
}

/* What arrives is not what was signed. */
static const char *
forgery(struct cx *cx, const struct callback *c)
{
	return c->forged != NULL ? c->forged : cx_fmt(cx,
	    "{\"tampered\":true,%s", c->body + 1);
}

static bool
attempt(const struct callback *c, const struct fault *f)
{
	struct http_call call = HTTP_CALL("POST", c->url);
	int64_t at = clock_now() / 1000;
	struct callback half = *c;
	uint64_t number;
	struct cx cx;
	enum err er;

	app_cx(&cx, WORK_MAX);
	snprintf(cx.reqid, sizeof cx.reqid, "%s", c->id);
	http_header(&cx, &call, "Content-Type", "application/json");
	if (f->kind == FAULT_MALFORMED) {
		half.body = cx_dupn(&cx, c->body, strlen(c->body) / 2);
		c = &half;
	}
	if (f->kind == FAULT_STALE)
		at -= STALE_S;
	if (c->sign != NULL)
		c->sign(&cx, &call, c, at);
	call.body = f->kind == FAULT_TAMPERED ? forgery(&cx, c) : c->body;
	call.bodylen = strlen(call.body);
	call.maxbody = ANSWER_MAX;
	call.timeout_ms = CALL_MS;
	call.guarded = !url_under(c->url, conf_str(C_PUBLIC_URL));
	number = request_log_sent(c->place, &call);
	er = http_do(&cx, &call);
	if (er != E_OK)
		log_info(&cx, "callback: %s", cx.err.detail);
	request_log_status(c->place, number, er == E_OK ? (int)call.status : 0);
	cx_release(&cx);
	return er == E_OK && call.status >= 200 && call.status <= 299;
}

static void
deliver_it(const struct callback *c, const struct fault *f)
{
	const int *pause = c->pauses;
	struct cx cx;

	cx_init(&cx, "sandbox", 4096);
	while (!attempt(c, f) && pause != NULL && *pause >= 0)
		(void)loop_sleep(&cx, *pause++);
	cx_release(&cx);
	let_go(c->place);
}

static void
carry(void *arg)
{
	struct callback *c = arg;
	struct fault f;
	struct cx cx;

	cx_init(&cx, "sandbox", 128 << 10);
	faults_take(&cx, c->place, &f);
	if (f.kind == FAULT_DELAY)
		(void)loop_sleep(&cx, f.ms);
	if (f.kind == FAULT_REORDER)
		hold_back(c->place, f.ms);
	cx_release(&cx);
	if (f.kind != FAULT_LOST)
		deliver_it(c, &f);
	if (f.kind == FAULT_DUPLICATE)
		deliver_it(c, &f);
	free((void *)(uintptr_t)c->url);
	free((void *)(uintptr_t)c->id);
	free((void *)(uintptr_t)c->body);
	free((void *)(uintptr_t)c->forged);
	free(c);
}

void
callback_send(const struct callback *what)
{
	struct callback *c;

	XXXAN(c = malloc(sizeof *c));
	*c = *what;
	c->url = keep(what->url);
	c->id = keep(what->id);
	c->body = keep(what->body);
	c->forged = keep(what->forged);
	loop_go(carry, c);
}
