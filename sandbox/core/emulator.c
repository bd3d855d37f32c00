/* emulator - runs a request through counters, faults and its handler */
#include "config.h"

#include "core/request_log.h"
#include "core/service.h"
#include "io/loop.h"

#define HOLD_LOOK_MS	20

static const struct {
	const char	*name;
	unsigned	 traits;
} endpoints[EP__MAX] = {
#define ENDPOINT(id, name, traits)	[id] = { name, traits },
#include "core/endpoint.def"
#undef ENDPOINT
};

static const struct emulator *const *table;

const char *
endpoint_name(enum endpoint ep)
{
	return endpoints[ep].name;
}

enum endpoint
endpoint_find(const char *s)
{
	int i = EP__MAX;

	while (--i > EP_NONE && !str_eq(s, endpoints[i].name))
		;
	return (enum endpoint)i;
}

bool
endpoint_has(enum endpoint ep, enum endpoint_trait t)
{
	return (endpoints[ep].traits & t) != 0;
}

void
emulators_register(const struct emulator *const *list)
{
	table = list;
}

const struct emulator *const *
emulators(void)
{
	return table;
}

const char *
env_secret(const char *env)
{
	const char *s = getenv(env);

	return s != NULL && *s != '\0' ? s : NULL;
}

bool
authorization_is(struct req *rq, const char *scheme, const char *secret)
{
	const char *h = req_header(rq, "Authorization");

	return h != NULL && secret != NULL && *secret != '\0' &&
	    str_starts(h, scheme) && crypto_str_eq(h + strlen(scheme), secret);
}

const struct status_words *
status_words(const struct status_words *w, int status)
{
	while (w->status != status && w->status != 0 &&
	    !(w->status == 500 && status > 500))
		w++;
	return w;
}

/* --- a request */

struct emulation {
	struct cx	*cx;
	struct req	*rq;
	struct resp	*rs;
	const struct emulator *emulator;
	const struct emulated_route *route;
	struct fault	 fault;
};

static void
find_route(struct emulation *e)
{
	enum method m = e->rq->method == M_HEAD ? M_GET : e->rq->method;

	for (size_t i = 0; (e->emulator = table[i]) != NULL; i++)
		for (e->route = e->emulator->route; e->route->path != NULL;
		    e->route++)
			if (e->route->method == m &&
			    e->route->path == e->rq->route)
				return;
	BUG("a route that no emulator has");
}

static enum err
handle(struct emulation *e)
{
	const struct emulator *em = e->emulator;
	int refused = 0;

	if (em->authorize != NULL)
		refused = em->authorize(e->cx, e->rq);
	else if (em->key_env != NULL && !authorization_is(e->rq,
	    em->key_scheme, env_secret(em->key_env)))
		refused = 401;
	if (refused != 0 && !e->route->open)
		return em->error(e->cx, e->rq, e->rs, refused);
	return e->route->fault_fn != NULL ?
	    e->route->fault_fn(e->cx, e->rq, e->rs, &e->fault) :
	    e->route->fn(e->cx, e->rq, e->rs);
}

/* nginx closes the connection without an answer. */
static enum err
drop(struct resp *rs)
{
	/* nginx follows the first of two redirects. */
	buf_clear(rs->headers);
	resp_header(rs, "X-Accel-Redirect", "/_drop");
	return resp_raw(rs, 200, "text/plain", "", 0);
}

static enum err
send_status(struct emulation *e)
{
	const struct fault *f = &e->fault;
	enum err er = e->emulator->error != NULL ?
	    e->emulator->error(e->cx, e->rq, e->rs, f->status) :
	    resp_raw(e->rs, f->status, "text/html", "", 0);

	if (f->retry_after != NULL)
		resp_header(e->rs, "Retry-After", f->retry_after);
	if (er != E_OK || f->body == NULL)
		return er;
	return resp_raw(e->rs, f->status, f->body[0] == '<' ? "text/html" :
	    "application/json", f->body, strlen(f->body));
}

/* Half of the answer, as from a proxy that gave up in the middle. */
static enum err
cut_in_half(struct resp *rs, const struct fault *f)
{
	int status = rs->status;

	if (f->body != NULL)
		return resp_raw(rs, status, f->body[0] == '<' ? "text/html" :
		    rs->type, f->body, strlen(f->body));
	if (rs->body->len == 0)
		return resp_raw(rs, status, "text/html", "<html><head>", 12);
	rs->body->len /= 2;
	rs->body->data[rs->body->len] = '\0';
	return E_OK;
}

static enum err
stall(struct req *rq, struct resp *rs, int64_t ms)
{
	struct wait w = WAIT_INIT(W_SANDBOX_STALL);
	enum err er;

	req_on_hup(rq, &w);
	er = wait_for(&w, loop_now() + ms);
	req_on_hup(rq, NULL);
	return er == E_HUP ? E_HUP : drop(rs);
}

static enum err
hold(struct cx *cx, int64_t ms)
{
	int64_t until = loop_now() + ms;
	unsigned cleared = faults_cleared();
	enum err er = E_OK;

	while (er == E_OK && faults_cleared() == cleared &&
	    loop_now() < until)
		er = loop_sleep(cx, HOLD_LOOK_MS);
	return er;
}

static enum err
strike(struct emulation *e)
{
	const struct fault *f = &e->fault;
	enum err er = E_OK;

	if (f->kind == FAULT_STALL)
		return stall(e->rq, e->rs, f->ms);
	if (f->kind == FAULT_HOLD && (er = hold(e->cx, f->ms)) != E_OK)
		return er;
	if (f->kind == FAULT_DELAY && (er = loop_sleep(e->cx, f->ms)) != E_OK)
		return er;
	if (f->kind != FAULT_STATUS || f->after)
		er = handle(e);
	if (er != E_OK)
		return er;
	switch (f->kind) {
	case FAULT_STATUS:
		return send_status(e);
	case FAULT_LOST:
		return drop(e->rs);
	case FAULT_MALFORMED:
		return cut_in_half(e->rs, f);
	default:
		return E_OK;
	}
}

enum err
emulate(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct emulation e = { .cx = cx, .rq = rq, .rs = rs };
	enum endpoint ep;
	uint64_t number;
	enum err er;

	find_route(&e);
	ep = e.route->endpoint_of != NULL ? e.route->endpoint_of(rq) :
	    e.route->endpoint;
	if (e.emulator->headers != NULL)
		e.emulator->headers(rq, rs);
	number = request_log_received(ep, rq);
	faults_take(cx, ep, &e.fault);
	er = strike(&e);
	/* 499, as nginx logs a client that has left. */
	request_log_status(ep, number, er == E_HUP ||
	    e.fault.kind == FAULT_LOST ? 499 :
	    er == E_OK ? rs->status : err_http(er));
	return er;
}
