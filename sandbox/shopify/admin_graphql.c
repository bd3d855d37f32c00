/*
 * shopadmin - see shopadmin.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "core/settings.h"
#include "io/loop.h"
#include "shopify/admin_graphql.h"
#include "shopify/graphql.h"
#include "shopify/graphql_root.h"

#define API_VERSION		"2026-07"
#define RESTORE		100		/* points a second */
#define COST_MAX	1000		/* of one query */
#define ANSWER_MAX	(12 << 20)
#define BODY_MAX	(1 << 20)
#define QUERY_MAX	65536		/* bytes of GraphQL */

enum err
shopadmin_status(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	const char *words = "Bad Request";

	(void)cx;
	(void)rq;
	if (status == 401)
		words = "[API] Invalid API key or access token (unrecognized "
		    "login or wrong password)";
	else if (status == 402)
		words = "Unavailable Shop";
	else if (status == 403)
		words = "[API] This action requires merchant approval for "
		    "read_orders scope.";
	else if (status == 404)
		words = "Not Found";
	else if (status == 423)
		words = "This shop is locked.";
	else if (status == 429)
		words = "Exceeded 2 calls per second for api client. Reduce "
		    "request rates to resume uninterrupted service.";
	else if (status >= 500)
		words = "Internal Server Error";
	json_str(resp_json(rs, status), "errors", words);
	return resp_done(rs);
}

/* --- the bucket */

static double	level = -1;		/* points there are; -1: full */
static int64_t	level_at;		/* loop_now() */

static double
points(void)
{
	double max = (double)settings.shop_points;
	int64_t now = loop_now();

	if (level < 0)
		level = max;
	else
		level += (double)(now - level_at) * RESTORE / 1000;
	level_at = now;
	return level = level < max ? level : max;
}

static void
cost(struct cx *cx, struct json *js, int64_t asked, int64_t used)
{
	json_obj(js, "extensions");
	json_obj(js, "cost");
	json_int(js, "requestedQueryCost", asked);
	if (used >= 0)
		json_int(js, "actualQueryCost", used);
	else
		json_null(js, "actualQueryCost");
	json_obj(js, "throttleStatus");
	json_raw(js, "maximumAvailable", cx_fmt(cx, "%lld.0",
	    (long long)settings.shop_points));
	json_int(js, "currentlyAvailable", (int64_t)points());
	json_raw(js, "restoreRate", cx_fmt(cx, "%d.0", RESTORE));
	json_end(js);
	json_end(js);
}

/* --- errors */

static enum err
wrong(struct resp *rs, const struct gql_wrong *w)
{
	struct json *js = resp_json(rs, 200);

	json_list(js, "errors");
	gql_complain(js, w);
	json_end(js);
	return resp_done(rs);
}

static enum err
throttled(struct cx *cx, struct resp *rs, int64_t asked)
{
	struct json *js = resp_json(rs, 200);

	json_list(js, "errors");
	json_obj(js, NULL);
	json_str(js, "message", "Throttled");
	json_obj(js, "extensions");
	json_str(js, "code", "THROTTLED");
	json_str(js, "documentation",
	    "https://shopify.dev/api/usage/rate-limits");
	json_end(js);
	json_end(js);
	json_end(js);
	cost(cx, js, asked, -1);
	return resp_done(rs);
}

static enum err
too_dear(struct cx *cx, struct resp *rs, int64_t asked)
{
	struct json *js = resp_json(rs, 200);

	json_list(js, "errors");
	json_obj(js, NULL);
	json_str(js, "message", cx_fmt(cx, "Query cost is %lld, which "
	    "exceeds the single query max cost limit (%d).",
	    (long long)asked, COST_MAX));
	json_obj(js, "extensions");
	json_str(js, "code", "MAX_COST_EXCEEDED");
	json_int(js, "cost", asked);
	json_int(js, "maxCost", COST_MAX);
	json_end(js);
	json_end(js);
	json_end(js);
	return resp_done(rs);
}

static void
path(struct json *js, const struct gql_field *f)
{
	json_list(js, "path");
	json_str(js, NULL, f->alias);
	json_end(js);
}

static enum err
denied(struct cx *cx, struct resp *rs, const struct gql_field *f)
{
	const char *scope = str_starts(f->name, "order") ? "`read_orders`" :
	    str_eq(f->name, "tagsAdd") ? "`write_customers`" :
	    "`read_customers`";
	struct json *js = resp_json(rs, 200);

	json_list(js, "errors");
	json_obj(js, NULL);
	json_str(js, "message", cx_fmt(cx, "Access denied for %s field. "
	    "Required access: %s access scope.", f->name, scope));
	json_list(js, "locations");
	json_obj(js, NULL);
	json_int(js, "line", f->line);
	json_int(js, "column", f->column);
	json_end(js);
	json_end(js);
	json_obj(js, "extensions");
	json_str(js, "code", "ACCESS_DENIED");
	json_str(js, "documentation",
	    "https://shopify.dev/api/usage/access-scopes");
	json_str(js, "requiredAccess", cx_fmt(cx, "%s access scope.", scope));
	json_end(js);
	path(js, f);
	json_end(js);
	json_end(js);
	json_obj(js, "data");
	json_null(js, f->alias);
	json_end(js);
	return resp_done(rs);
}

/* --- an operation */

/* What was printed while answering it, each in a buffer of its own. */
struct answers {
	struct json	 data, errors, search;
	struct buf	*data_b, *errors_b, *search_b;
	int64_t		 spared;
};

static void
complain(struct json *js, const struct gql_field *f,
    const struct shop_ask *a)
{
	json_obj(js, NULL);
	json_str(js, "message", a->bad);
	json_list(js, "locations");
	json_obj(js, NULL);
	json_int(js, "line", f->line);
	json_int(js, "column", f->column);
	json_end(js);
	json_end(js);
	path(js, f);
	if (a->code != NULL) {
		json_obj(js, "extensions");
		json_str(js, "code", a->code);
		json_end(js);
	}
	json_end(js);
}

static enum err
answer_field(struct cx *cx, const struct gql_field *f, struct answers *as)
{
	struct buf *b = buf_new(cx, ANSWER_MAX);
	struct buf *warn = buf_new(cx, 65536);
	struct json out, warnings;
	struct shop_ask a = { .args = f->args, .out = &out,
	    .warnings = &warnings };
	struct cJSON *all = NULL;
	enum err er;

	json_init(&out, b);
	json_init(&warnings, warn);
	json_list(&warnings, NULL);
	if ((er = shop_ask(cx, f->name, &a)) != E_OK)
		return er;
	json_end(&warnings);
	as->spared += a.spared > 0 ? a.spared : 0;
	if (a.bad != NULL) {
		complain(&as->errors, f, &a);
		json_null(&as->data, f->alias);
		return E_OK;
	}
	if (!json_ok(&out) || (er = json_parse(cx, b->data, b->len, &all)) !=
	    E_OK)
		return err_set(cx, E_NOMEM, "shop: an answer too large");
	gql_show(&as->data, f, all);
	if (warn->len > 2) {
		json_obj(&as->search, NULL);
		path(&as->search, f);
		json_str(&as->search, "query", json_text(json_get(f->args,
		    "query")));
		json_raw(&as->search, "warnings", warn->data);
		json_end(&as->search);
	}
	return E_OK;
}

static enum err
answer(struct cx *cx, struct resp *rs, const struct gql *g, int64_t asked)
{
	struct answers as = { .data_b = buf_new(cx, ANSWER_MAX),
	    .errors_b = buf_new(cx, 65536), .search_b = buf_new(cx, 65536) };
	struct json *js;
	enum err er;

	json_init(&as.data, as.data_b);
	json_init(&as.errors, as.errors_b);
	json_init(&as.search, as.search_b);
	json_obj(&as.data, NULL);
	json_list(&as.errors, NULL);
	json_list(&as.search, NULL);
	for (const struct gql_field *f = g->root; f != NULL; f = f->next)
		if ((er = answer_field(cx, f, &as)) != E_OK)
			return er;
	json_end(&as.data);
	json_end(&as.errors);
	json_end(&as.search);
	if (!json_ok(&as.data))
		return err_set(cx, E_NOMEM, "shop: an answer too large");
	asked = asked > as.spared ? asked : as.spared;
	level = points() - (double)(asked - as.spared);
	js = resp_json(rs, 200);
	json_raw(js, "data", as.data_b->data);
	if (as.errors_b->len > 2)
		json_raw(js, "errors", as.errors_b->data);
	cost(cx, js, asked, asked - as.spared);
	if (as.search_b->len > 2)
		json_raw(js, "search", as.search_b->data);
	json_end(js);
	return resp_done(rs);
}

static enum err
operate(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const char *query = json_text(json_get(rq->json, "query"));
	struct gql_wrong w;
	struct gql g;
	int64_t asked;

	if (!gql_parse(cx, query, json_get(rq->json, "variables"), &g, &w) ||
	    !gql_check(cx, &g, &w))
		return wrong(rs, &w);
	if (g.root == NULL)
		return shopadmin_status(cx, rq, rs, 400);
	asked = gql_cost(&g);
	if (f->kind == FAULT_DENIED)
		return denied(cx, rs, g.root);
	if (asked > COST_MAX)
		return too_dear(cx, rs, asked);
	if (f->kind == FAULT_THROTTLED) {
		points();
		level = 0;
	}
	if ((double)asked > points())
		return throttled(cx, rs, asked);
	return answer(cx, rs, &g, asked);
}

static bool
is_version(const char *s)
{
	return str_eq(s, "unstable") || (strlen(s) == 7 && s[4] == '-' &&
	    strspn(s, "0123456789-") == 7);
}

/* POST /admin/api/{version}/graphql.json */
enum err
shop_admin(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const char *query;
	struct json *js;

	if (!is_version(rq->param[0]))
		return shopadmin_status(cx, rq, rs, 404);
	/* Whatever was asked for, this is what there is. */
	resp_header(rs, "X-Shopify-API-Version", API_VERSION);
	if (f->kind == FAULT_EXPIRED ||
	    !shop_token_good(req_header(rq, "X-Shopify-Access-Token")))
		return shopadmin_status(cx, rq, rs, 401);
	if (rq->bodylen > BODY_MAX)
		return shopadmin_status(cx, rq, rs, 413);
	query = json_parse(cx, rq->body, rq->bodylen, &rq->json) == E_OK ?
	    json_text(json_get(rq->json, "query")) : NULL;
	if (query == NULL || strlen(query) > QUERY_MAX) {
		js = resp_json(rs, 400);
		json_obj(js, "errors");
		json_str(js, "query", "Required parameter missing or invalid");
		json_end(js);
		return resp_done(rs);
	}
	return operate(cx, rq, rs, f);
}
