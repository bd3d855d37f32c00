/*
 * faults - see faults.h
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "core/faults.h"
#include "web/req.h"
#include "web/resp.h"

#define ORDERS_MAX	1000
#define STALL_MS	120000
#define REORDER_MS	5000

struct order {
	struct order	*next;
	enum place	 place;
	struct fault	 fault;		/* its strings are the order's */
	int64_t		 left;		/* -1: for ever */
	double		 probability;
	int64_t		 used;
};

static struct order	*orders, **tail = &orders;
static size_t		 norders;

static const char *const kinds[FAULT__MAX] = {
	[FAULT_NONE] = "none",
	[FAULT_DELAY] = "delay",
	[FAULT_STATUS] = "status",
	[FAULT_STALL] = "stall",
	[FAULT_MALFORMED] = "malformed",
	[FAULT_REFUSED] = "refused",
	[FAULT_LOST] = "lost",
	[FAULT_EXPIRED] = "expired",
	[FAULT_FAILED] = "failed",
	[FAULT_THROTTLED] = "throttled",
	[FAULT_DENIED] = "denied",
	[FAULT_DUPLICATE] = "duplicate",
	[FAULT_REORDER] = "reorder",
	[FAULT_TAMPERED] = "tampered",
	[FAULT_STALE] = "stale",
};

static void
order_free(struct order *o)
{
	free((void *)(uintptr_t)o->fault.retry_after);
	free((void *)(uintptr_t)o->fault.body);
	free(o);
	norders--;
}

static void
order_drop(struct order **p)
{
	struct order *o = *p;

	if ((*p = o->next) == NULL)
		tail = p;
	order_free(o);
}

void
faults_clear(void)
{
	while (orders != NULL)
		order_drop(&orders);
}

size_t
faults_count(void)
{
	return norders;
}

bool
faults_pending(enum place place)
{
	for (struct order *o = orders; o != NULL; o = o->next)
		if (o->place == place)
			return true;
	return false;
}

static bool
dice(double probability)
{
	uint32_t r;

	if (probability >= 1)
		return true;
	crypto_random(&r, sizeof r);
	return r / 4294967296.0 < probability;
}

static const char *
keep(struct cx *cx, const char *s)
{
	return s != NULL ? cx_dup(cx, s) : NULL;
}

void
faults_take(struct cx *cx, enum place place, struct fault *out)
{
	struct order **p, *o;

	memset(out, 0, sizeof *out);
	for (p = &orders; (o = *p) != NULL && o->place != place; p = &o->next)
		;
	if (o == NULL || !dice(o->probability))
		return;
	*out = o->fault;
	out->retry_after = keep(cx, o->fault.retry_after);
	out->body = keep(cx, o->fault.body);
	o->used++;
	if (o->left > 0 && --o->left == 0)
		order_drop(p);
}

static enum err
kind_find(struct cx *cx, const char *s, enum fault_kind *out)
{
	for (int i = FAULT_NONE + 1; i < FAULT__MAX; i++)
		if (str_eq(s, kinds[i])) {
			*out = (enum fault_kind)i;
			return E_OK;
		}
	return err_field(cx, "kind", "must be one of delay, status, stall, "
	    "malformed, refused, lost, expired, failed, duplicate, reorder, "
	    "tampered, stale, throttled, denied");
}

/* Some faults mean something at some places only. */
static enum err
check_place(struct cx *cx, const struct order *o)
{
	enum fault_kind k = o->fault.kind;
	bool calls = place_has(o->place, PLACE_CALLS), ok;

	switch (k) {
	case FAULT_REFUSED:
		ok = place_has(o->place, PLACE_REFUSES);
		break;
	case FAULT_FAILED:
		ok = place_has(o->place, PLACE_FAILS);
		break;
	case FAULT_EXPIRED:
		ok = place_has(o->place, PLACE_EXPIRES);
		break;
	case FAULT_THROTTLED:
		ok = place_has(o->place, PLACE_THROTTLES);
		break;
	case FAULT_DENIED:
		ok = place_has(o->place, PLACE_DENIES);
		break;
	case FAULT_STATUS:
	case FAULT_STALL:
		ok = !calls;
		break;
	case FAULT_DUPLICATE:
	case FAULT_REORDER:
	case FAULT_TAMPERED:
	case FAULT_STALE:
		ok = calls;
		break;
	default:
		ok = true;
	}
	return ok ? E_OK : err_field(cx, "kind", "%s is not for %s", kinds[k],
	    place_name(o->place));
}

/* Retry-After is seconds, perhaps with a point, or a date. */
static enum err
read_retry_after(struct cx *cx, const struct cJSON *js, const char **out)
{
	const struct cJSON *m = json_get(js, "retryAfter");

	if (json_is_null(m))
		return E_OK;
	*out = json_text(m);
	if (*out == NULL)
		*out = json_print(cx, m);
	if (strlen(*out) > 64)
		return err_field(cx, "retryAfter", "is too long");
	return E_OK;
}

static enum err
read_probability(struct cx *cx, const struct cJSON *js, double *out)
{
	const struct cJSON *m = json_get(js, "probability");
	char *end;

	*out = 1;
	if (json_is_null(m))
		return E_OK;
	*out = strtod(json_print(cx, m), &end);
	if (*end != '\0' || !(*out >= 0 && *out <= 1))
		return err_field(cx, "probability", "must be from 0 to 1");
	return E_OK;
}

static enum err
read_order(struct cx *cx, const struct cJSON *js, struct order *o)
{
	const char *target = NULL, *kind = NULL;
	int64_t status = 503, count = 1, ms = -1;
	enum err er;

	if ((er = json_want_str(cx, js, "", "target", 1, 40, &target)) != E_OK
	    || (er = json_want_str(cx, js, "", "kind", 1, 40, &kind)) != E_OK
	    || (er = kind_find(cx, kind, &o->fault.kind)) != E_OK
	    || (er = json_may_int(cx, js, "", "status", 200, 599, &status))
	    != E_OK
	    || (er = json_may_int(cx, js, "", "ms", 0, 3600000, &ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "count", -1, 1000000000, &count))
	    != E_OK
	    || (er = json_may_bool(cx, js, "", "after", &o->fault.after))
	    != E_OK
	    || (er = json_may_str(cx, js, "", "body", 0, 65536,
	    &o->fault.body)) != E_OK
	    || (er = read_retry_after(cx, js, &o->fault.retry_after)) != E_OK
	    || (er = read_probability(cx, js, &o->probability)) != E_OK)
		return er;
	if ((o->place = place_find(target)) == P__MAX)
		return err_field(cx, "target", "there is no such place");
	if (count == 0)
		return err_field(cx, "count", "must be 1 or more, or -1 for "
		    "as long as the order stands");
	o->left = count;
	o->fault.status = (int)status;
	o->fault.ms = ms >= 0 ? ms :
	    o->fault.kind == FAULT_STALL ? STALL_MS :
	    o->fault.kind == FAULT_REORDER ? REORDER_MS : 1000;
	return check_place(cx, o);
}

/* POST /_sandbox/faults */
enum err
faults_post(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct order want = { 0 }, *o;
	enum err er;

	if (norders >= ORDERS_MAX)
		return err_say(cx, E_CONFLICT, "There are %d orders already.",
		    ORDERS_MAX);
	if ((er = read_order(cx, req_json(rq), &want)) != E_OK)
		return er;
	XXXAN(o = malloc(sizeof *o));
	*o = want;
	if (want.fault.body != NULL)
		XXXAN(o->fault.body = strdup(want.fault.body));
	if (want.fault.retry_after != NULL)
		XXXAN(o->fault.retry_after = strdup(want.fault.retry_after));
	*tail = o;
	tail = &o->next;
	norders++;
	json_int(resp_json(rs, 201), "orders", (int64_t)norders);
	return resp_done(rs);
}

static void
print_order(struct json *js, const struct order *o)
{
	json_obj(js, NULL);
	json_str(js, "target", place_name(o->place));
	json_str(js, "kind", kinds[o->fault.kind]);
	json_int(js, "left", o->left);
	json_int(js, "used", o->used);
	json_num(js, "probability", o->probability);
	if (o->fault.kind == FAULT_STATUS) {
		json_int(js, "status", o->fault.status);
		json_bool(js, "after", o->fault.after);
		json_str(js, "retryAfter", o->fault.retry_after);
	}
	if (o->fault.kind == FAULT_DELAY || o->fault.kind == FAULT_STALL ||
	    o->fault.kind == FAULT_REORDER)
		json_int(js, "ms", o->fault.ms);
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
	for (struct order *o = orders; o != NULL; o = o->next)
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
	json_int(resp_json(rs, 200), "orders", 0);
	return resp_done(rs);
}
