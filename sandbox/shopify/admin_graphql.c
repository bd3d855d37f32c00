/* admin_graphql - the GraphQL endpoint: its bucket of points, its errors */
#include "config.h"

#include "core/service.h"
#include "io/loop.h"
#include "shopify/graphql.h"
#include "shopify/shopify.h"

#define API_VERSION	"2026-07"
#define RESTORE		100		/* points a second */
#define COST_MAX	1000		/* of one query */
#define ANSWER_MAX	(12 << 20)
#define BODY_MAX	(1 << 20)
#define QUERY_MAX	65536		/* bytes of GraphQL */
#define DOCUMENTATION	"https://shopify.dev/api/usage/"

/* The error Shopify gives with that status, of the API and for tokens. */
enum err
shop_status_error(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	static const struct status_words words[] = {
		{ 401, NULL, NULL, "[API] Invalid API key or access token "
		    "(unrecognized login or wrong password)" },
		{ 402, NULL, NULL, "Unavailable Shop" },
		{ 403, NULL, NULL, "[API] This action requires merchant "
		    "approval for read_orders scope." },
		{ 404, NULL, NULL, "Not Found" },
		{ 423, NULL, NULL, "This shop is locked." },
		{ 429, NULL, NULL, "Exceeded 2 calls per second for api "
		    "client. Reduce request rates to resume uninterrupted "
		    "service." },
		{ 500, NULL, NULL, "Internal Server Error" },
		{ 0, NULL, NULL, "Bad Request" },
	};

	(void)cx;
	(void)rq;
	return json_reply(rs, status, j_str("errors",
	    status_words(words, status)->message));
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

/* Opens the answer's extensions, which resp_done() closes. */
static void
print_cost(struct cx *cx, struct json *js, int64_t asked, int64_t used)
{
	json_put(js, j_obj("extensions"), j_obj("cost"),
	    j_int("requestedQueryCost", asked), used >= 0 ?
	    j_int("actualQueryCost", used) : j_raw("actualQueryCost", NULL),
	    j_obj("throttleStatus"), j_raw("maximumAvailable", cx_fmt(cx,
	    "%lld.0", (long long)settings.shop_points)),
	    j_int("currentlyAvailable", (int64_t)points()),
	    j_raw("restoreRate", cx_fmt(cx, "%d.0", RESTORE)), j_end(),
	    j_end());
}

/* --- errors */

static struct json *
begin_errors(struct resp *rs, const struct gql_wrong *w)
{
	struct json *js = resp_json(rs, 200);

	json_list(js, "errors");
	gql_complain(js, w);
	json_end(js);
	return js;
}

static enum err
throttled(struct cx *cx, struct resp *rs, int64_t asked)
{
	print_cost(cx, begin_errors(rs, &(struct gql_wrong){
	    .message = "Throttled", .code = "THROTTLED",
	    .documentation = DOCUMENTATION "rate-limits" }), asked, -1);
	return resp_done(rs);
}

static enum err
too_dear(struct cx *cx, struct resp *rs, int64_t asked)
{
	return json_reply(rs, 200, j_list("errors"), j_obj(NULL),
	    j_str("message", cx_fmt(cx, "Query cost is %lld, which exceeds "
	    "the single query max cost limit (%d).", (long long)asked,
	    COST_MAX)), j_obj("extensions"),
	    j_str("code", "MAX_COST_EXCEEDED"), j_int("cost", asked),
	    j_int("maxCost", COST_MAX), j_end(), j_end(), j_end());
}

static enum err
denied(struct cx *cx, struct resp *rs, const struct gql_field *f)
{
	const char *scope = str_starts(f->name, "order") ? "`read_orders`" :
	    str_eq(f->name, "tagsAdd") ? "`write_customers`" :
	    "`read_customers`";
	struct gql_wrong w = { .message = cx_fmt(cx, "Access denied for %s "
	    "field. Required access: %s access scope.", f->name, scope),
	    .line = f->line, .column = f->column, .path = f->alias,
	    .code = "ACCESS_DENIED",
	    .documentation = DOCUMENTATION "access-scopes",
	    .access = cx_fmt(cx, "%s access scope.", scope) };

	json_put(begin_errors(rs, &w), j_obj("data"), j_raw(f->alias, NULL),
	    j_end());
	return resp_done(rs);
}

/* --- an operation */

/* What was printed while answering it, each in a buffer of its own. */
struct answers {
	struct json	 data, errors, search;
	struct buf	*data_b, *errors_b, *search_b;
	int64_t		 spared;
};

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
		gql_complain(&as->errors, &(struct gql_wrong){
		    .message = a.bad, .code = a.code, .line = f->line,
		    .column = f->column, .path = f->alias });
		json_null(&as->data, f->alias);
		return E_OK;
	}
	if (!json_ok(&out) || (er = json_parse(cx, b->data, b->len, &all)) !=
	    E_OK)
		return err_set(cx, E_NOMEM, "shop: an answer too large");
	gql_show(&as->data, f, all);
	if (warn->len > 2)
		json_put(&as->search, j_obj(NULL), j_list("path"),
		    j_str(NULL, f->alias), j_end(),
		    j_str("query", json_text(json_get(f->args, "query"))),
		    j_raw("warnings", warn->data), j_end());
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
	print_cost(cx, js, asked, asked - as.spared);
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
	    !gql_check(cx, &g, &w)) {
		(void)begin_errors(rs, &w);
		return resp_done(rs);
	}
	if (g.root == NULL)
		return shop_status_error(cx, rq, rs, 400);
	asked = gql_cost(cx, &g);
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

	if (!is_version(rq->param[0]))
		return shop_status_error(cx, rq, rs, 404);
	/* The only version there is, whichever was asked for. */
	resp_header(rs, "X-Shopify-API-Version", API_VERSION);
	if (f->kind == FAULT_EXPIRED ||
	    !shop_token_good(req_header(rq, "X-Shopify-Access-Token")))
		return shop_status_error(cx, rq, rs, 401);
	if (rq->bodylen > BODY_MAX)
		return shop_status_error(cx, rq, rs, 413);
	query = json_parse(cx, rq->body, rq->bodylen, &rq->json) == E_OK ?
	    json_text(json_get(rq->json, "query")) : NULL;
	if (query == NULL || strlen(query) > QUERY_MAX)
		return json_reply(rs, 400, j_obj("errors"),
		    j_str("query", "Required parameter missing or invalid"),
		    j_end());
	return operate(cx, rq, rs, f);
}
