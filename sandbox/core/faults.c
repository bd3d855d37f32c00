/* faults - the orders, and what they may say */
#include "config.h"

#include "core/record.h"
#include "core/service.h"

#define ORDERS_MAX	1000
#define STALL_MS	120000
#define REORDER_MS	5000

struct order {
	struct order	*next;
	enum endpoint	 endpoint;
	struct fault	 fault;		/* its strings are the order's */
	int64_t		 left;		/* -1: for ever */
	double		 probability;
	int64_t		 used;
};

/* What a body asks for; strings live as long as the request. */
struct asked {
	const char	*target, *kind, *body, *retry_after;
	int64_t		 status, ms, count;
	bool		 after;
	double		 probability;
};

#define ASKED(key, type, member, ...)					\
	FIELD(key, type, struct asked, member, __VA_ARGS__)

static const struct record_field fields[] = {
	ASKED("target", REC_STR, target, 1, 40, true),
	ASKED("kind", REC_STR, kind, 1, 40, true),
	ASKED("status", REC_INT, status, 200, 599),
	ASKED("ms", REC_INT, ms, 0, 3600000),
	ASKED("count", REC_INT, count, -1, 1000000000),
	ASKED("after", REC_BOOL, after),
	ASKED("body", REC_STR, body, 0, 65536),
	{ 0 }
};

/* NEEDS: a trait of the endpoint; NOT_OF: or one that it must not have. */
static const struct {
	const char	*name;
	unsigned	 needs, not_of;
} kinds[FAULT__MAX] = {
	[FAULT_DELAY] = { "delay", 0, 0 },
	[FAULT_HOLD] = { "hold", 0, SENDS_WEBHOOKS },
	[FAULT_STATUS] = { "status", 0, SENDS_WEBHOOKS },
	[FAULT_STALL] = { "stall", 0, SENDS_WEBHOOKS },
	[FAULT_MALFORMED] = { "malformed", 0, 0 },
	[FAULT_REFUSED] = { "refused", CAN_REFUSE, 0 },
	[FAULT_LOST] = { "lost", 0, 0 },
	[FAULT_EXPIRED] = { "expired", CAN_EXPIRE, 0 },
	[FAULT_FAILED] = { "failed", CAN_FAIL, 0 },
	[FAULT_FLAWED] = { "flawed", CAN_FAIL, 0 },
	[FAULT_DUPLICATE] = { "duplicate", SENDS_WEBHOOKS, 0 },
	[FAULT_REORDER] = { "reorder", SENDS_WEBHOOKS, 0 },
	[FAULT_TAMPERED] = { "tampered", SENDS_WEBHOOKS, 0 },
	[FAULT_STALE] = { "stale", SENDS_WEBHOOKS, 0 },
	[FAULT_THROTTLED] = { "throttled", CAN_THROTTLE, 0 },
	[FAULT_DENIED] = { "denied", CAN_DENY, 0 },
};

static struct order	*orders, **tail = &orders;
static size_t		 norders;
static unsigned		 cleared;

static void
order_drop(struct order **p)
{
	struct order *o = *p;

	if ((*p = o->next) == NULL)
		tail = p;
	free((void *)(uintptr_t)o->fault.retry_after);
	free((void *)(uintptr_t)o->fault.body);
	free(o);
	norders--;
}

void
faults_clear(void)
{
	while (orders != NULL)
		order_drop(&orders);
	cleared++;
}

unsigned
faults_cleared(void)
{
	return cleared;
}

size_t
faults_count(void)
{
	return norders;
}

static struct order **
first_of(enum endpoint ep)
{
	struct order **p = &orders;

	while (*p != NULL && (*p)->endpoint != ep)
		p = &(*p)->next;
	return p;
}

bool
faults_pending(enum endpoint ep)
{
	return *first_of(ep) != NULL;
}

static bool
happens(double probability)
{
	uint32_t r;

	if (probability >= 1)
		return true;
	crypto_random(&r, sizeof r);
	return r / 4294967296.0 < probability;
}

void
faults_take(struct cx *cx, enum endpoint ep, struct fault *out)
{
	struct order **p = first_of(ep), *o = *p;

	memset(out, 0, sizeof *out);
	if (o == NULL || !happens(o->probability))
		return;
	*out = o->fault;
	if (out->retry_after != NULL)
		out->retry_after = cx_dup(cx, out->retry_after);
	if (out->body != NULL)
		out->body = cx_dup(cx, out->body);
	o->used++;
	if (o->left > 0 && --o->left == 0)
		order_drop(p);
}

/* --- /_sandbox/faults */

static enum err
find_kind(struct cx *cx, const char *s, enum endpoint ep,
    enum fault_kind *out)
{
	const char *all = "";

	for (int i = FAULT_NONE + 1; i < FAULT__MAX; i++) {
		all = cx_fmt(cx, "%s%s%s", all, *all != '\0' ? ", " : "",
		    kinds[i].name);
		if (!str_eq(s, kinds[i].name))
			continue;
		*out = (enum fault_kind)i;
		if ((kinds[i].needs != 0 &&
		    !endpoint_has(ep, kinds[i].needs)) ||
		    endpoint_has(ep, kinds[i].not_of))
			return err_field(cx, "kind", "%s is not for %s", s,
			    endpoint_name(ep));
		return E_OK;
	}
	return err_field(cx, "kind", "must be one of %s", all);
}

/* Retry-After is seconds, perhaps with a point, or a date. */
static enum err
read_retry_after(struct cx *cx, const struct cJSON *js, struct asked *a)
{
	const struct cJSON *m = json_get(js, "retryAfter");

	if (json_is_null(m))
		return E_OK;
	a->retry_after = json_text(m) != NULL ? json_text(m) :
	    json_print(cx, m);
	return strlen(a->retry_after) <= 64 ? E_OK :
	    err_field(cx, "retryAfter", "is too long");
}

static enum err
read_probability(struct cx *cx, const struct cJSON *js, struct asked *a)
{
	const struct cJSON *m = json_get(js, "probability");
	char *end;

	if (json_is_null(m))
		return E_OK;
	a->probability = strtod(json_print(cx, m), &end);
	return *end == '\0' && a->probability >= 0 && a->probability <= 1 ?
	    E_OK : err_field(cx, "probability", "must be from 0 to 1");
}

/* POST /_sandbox/faults */
enum err
faults_post(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct asked a = { .status = 503, .count = 1, .ms = -1,
	    .probability = 1 };
	const struct cJSON *js = req_json(rq);
	enum fault_kind kind = FAULT_NONE;
	enum endpoint ep;
	struct order *o;
	enum err er;

	if (norders >= ORDERS_MAX)
		return err_say(cx, E_CONFLICT, "There are %d orders already.",
		    ORDERS_MAX);
	if ((er = record_take(cx, js, "", fields, &a)) != E_OK ||
	    (er = read_retry_after(cx, js, &a)) != E_OK ||
	    (er = read_probability(cx, js, &a)) != E_OK)
		return er;
	if ((ep = endpoint_find(a.target)) == EP_NONE)
		return err_field(cx, "target", "there is no such endpoint");
	if ((er = find_kind(cx, a.kind, ep, &kind)) != E_OK)
		return er;
	if (a.count == 0)
		return err_field(cx, "count", "must be 1 or more, or -1 for "
		    "as long as the order stands");
	XXXAN(o = calloc(1, sizeof *o));
	o->endpoint = ep;
	o->left = a.count;
	o->probability = a.probability;
	o->fault = (struct fault){ kind, (int)a.status, a.ms >= 0 ? a.ms :
	    kind == FAULT_STALL || kind == FAULT_HOLD ? STALL_MS :
	    kind == FAULT_REORDER ? REORDER_MS : 1000, a.after,
	    keep(a.retry_after), keep(a.body) };
	*tail = o;
	tail = &o->next;
	return json_reply(rs, 201, j_int("orders", (int64_t)++norders));
}

static void
print_order(struct json *js, const struct order *o)
{
	const struct fault *f = &o->fault;

	json_put(js, j_obj(NULL), j_str("target", endpoint_name(o->endpoint)),
	    j_str("kind", kinds[f->kind].name), j_int("left", o->left),
	    j_int("used", o->used), j_num("probability", o->probability));
	if (f->kind == FAULT_STATUS)
		json_put(js, j_int("status", f->status),
		    j_bool("after", f->after),
		    j_str("retryAfter", f->retry_after));
	if (f->kind == FAULT_DELAY || f->kind == FAULT_HOLD ||
	    f->kind == FAULT_STALL || f->kind == FAULT_REORDER)
		json_int(js, "ms", f->ms);
	json_end(js);
}

/* GET /_sandbox/faults */
enum err
faults_list(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	json_list(js, "orders");
	for (const struct order *o = orders; o != NULL; o = o->next)
		print_order(js, o);
	json_end(js);
	return resp_done(rs);
}

/* DELETE /_sandbox/faults */
enum err
faults_delete(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	faults_clear();
	return json_reply(rs, 200, j_int("orders", 0));
}
