/* webhook - signs, sends and repeats; acts out the faults of webhooks */
#include "config.h"

#include "core/request_log.h"
#include "core/service.h"
#include "io/http.h"
#include "io/loop.h"
#include "providers/webhook.h"

#define BODY_MAX	(4 << 20)
#define WORK_MAX	(1 << 20)
#define CALL_MS		10000
#define ANSWER_MAX	65536
#define STALE_S		900

struct sending {
	const struct webhook *webhook;
	char		*url, *id, *body, *forged;
};

/* Those that were ordered to let the next one pass. */
struct held {
	struct wait	 w;
	enum endpoint	 endpoint;
	struct held	*next;
};

static struct held *held;

static void
let_go(enum endpoint ep)
{
	for (struct held *h = held; h != NULL; h = h->next)
		if (h->endpoint == ep)
			wait_wake(&h->w, E_OK);
}

static void
hold_back(enum endpoint ep, int64_t ms)
{
	struct held me = { .w = WAIT_INIT(W_SANDBOX_WEBHOOK),
	    .endpoint = ep, .next = held }, **q;

	held = &me;
	(void)wait_for(&me.w, loop_now() + ms);
	for (q = &held; *q != &me; q = &(*q)->next)
		;
	*q = me.next;
}

static bool
attempt(const struct sending *s, const struct fault *f)
{
	struct http_call call = HTTP_CALL("POST", s->url);
	const char *body = s->body;
	int64_t at = clock_now() / 1000;
	uint64_t number;
	struct cx cx;
	enum err er;

	app_cx(&cx, WORK_MAX + strlen(body) * 3);
	snprintf(cx.reqid, sizeof cx.reqid, "%s", s->id);
	http_header(&cx, &call, "Content-Type", "application/json");
	if (f->kind == FAULT_MALFORMED)
		body = cx_dupn(&cx, body, strlen(body) / 2);
	if (f->kind == FAULT_STALE)
		at -= STALE_S;
	if (s->webhook->sign != NULL)
		s->webhook->sign(&cx, &call, s->id, body, at);
	/* What arrives is not what was signed. */
	if (f->kind == FAULT_TAMPERED)
		body = s->forged != NULL ? s->forged : cx_fmt(&cx,
		    "{\"tampered\":true,%s", body + 1);
	call.body = body;
	call.bodylen = strlen(body);
	call.maxbody = ANSWER_MAX;
	call.timeout_ms = CALL_MS;
	call.guarded = !url_under(s->url, conf_str(C_PUBLIC_URL));
	number = request_log_sent(s->webhook->endpoint, &call);
	er = http_do(&cx, &call);
	if (er != E_OK)
		log_info(&cx, "webhook: %s", cx.err.detail);
	request_log_status(s->webhook->endpoint, number,
	    er == E_OK ? (int)call.status : 0);
	cx_release(&cx);
	return er == E_OK && call.status >= 200 && call.status <= 299;
}

static void
deliver(struct cx *cx, const struct sending *s, const struct fault *f)
{
	const int *pause = s->webhook->pauses;

	while (!attempt(s, f) && pause != NULL && *pause >= 0)
		(void)loop_sleep(cx, *pause++);
	let_go(s->webhook->endpoint);
}

static void
carry(void *arg)
{
	struct sending *s = arg;
	struct fault f;
	struct cx cx;

	cx_init(&cx, 128 << 10);
	faults_take(&cx, s->webhook->endpoint, &f);
	if (f.kind == FAULT_DELAY)
		(void)loop_sleep(&cx, f.ms);
	if (f.kind == FAULT_REORDER)
		hold_back(s->webhook->endpoint, f.ms);
	if (f.kind != FAULT_LOST)
		deliver(&cx, s, &f);
	if (f.kind == FAULT_DUPLICATE)
		deliver(&cx, s, &f);
	cx_release(&cx);
	free(s->url);
	free(s->id);
	free(s->body);
	free(s->forged);
	free(s);
}

/* NULL when it would be too large. */
static char *
body_of(struct cx *cx, const struct webhook *w, struct prediction *p,
    bool forged)
{
	struct buf *b = buf_new(cx, BODY_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	w->print(cx, &js, p, forged);
	json_end(&js);
	return json_ok(&js) ? keep(b->data) : NULL;
}

void
webhook_send(const struct webhook *w, struct prediction *p, const char *id)
{
	struct sending *s;
	struct cx cx;

	app_cx(&cx, 3 * BODY_MAX);
	XXXAN(s = calloc(1, sizeof *s));
	s->webhook = w;
	s->url = keep(p->webhook);
	s->id = keep(id);
	s->body = body_of(&cx, w, p, false);
	if (w->prints_forged)
		s->forged = body_of(&cx, w, p, true);
	cx_release(&cx);
	if (s->body != NULL)
		loop_go(carry, s);
}
