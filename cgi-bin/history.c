/*
 * history - lists, exports and deletes a customer's generations
 *
 * An administrator may list those of any pass.
 */
#include "config.h"
#include "mina.h"

#define PAGE_ROWS	30

static enum err
take_time(struct cx *cx, struct req *rq, const char *name, const char **out)
{
	const char *s = req_query(cx, rq, name);
	int64_t ms;

	if (s == NULL || *s == '\0')
		return E_OK;
	/* A date means the start of that day, UTC. */
	if (strlen(s) == 10)
		s = cx_fmt(cx, "%sT00:00:00Z", s);
	if (!clock_parse(s, &ms))
		return err_field(cx, name, "must be a time (RFC 3339) or a "
		    "day, 2026-01-31");
	*out = s;
	return E_OK;
}

static enum err
take_filter(struct cx *cx, struct req *rq, struct archive_filter *f)
{
	int64_t liked = 0;
	const char *s;
	enum err er;

	memset(f, 0, sizeof *f);
	s = req_query(cx, rq, "type");
	if (s != NULL && *s != '\0') {
		if (!str_eq(s, "image") && !str_eq(s, "motion"))
			return err_field(cx, "type",
			    "must be image or motion");
		f->type = s;
	}
	s = req_query(cx, rq, "session");
	if (s != NULL && *s != '\0' &&
	    (er = request_session(cx, s, &f->session)) != E_OK)
		return er;
	if ((er = req_int(cx, rq, "liked", 0, 1, &liked)) != E_OK ||
	    (er = take_time(cx, rq, "from", &f->from)) != E_OK ||
	    (er = take_time(cx, rq, "to", &f->to)) != E_OK)
		return er;
	f->liked = liked;
	s = req_query(cx, rq, "q");
	if (s != NULL && strlen(s) > 200)
		return err_field(cx, "q", "must be shorter than 200 bytes");
	if (s != NULL && *s != '\0')
		f->words = s;
	return E_OK;
}

static void
put_output(struct json *js, const char *key, const struct cJSON *outputs,
    const char *name)
{
	json_str(js, key, json_text(json_get(outputs, name)));
}

static void
put_number(struct json *js, const char *key, const struct cJSON *v)
{
	if (json_is_null(v))
		json_null(js, key);
	else
		json_int(js, key, json_int_or(v, 0));
}

static enum err
put_item(struct cx *cx, struct json *js, const struct archive_item *it)
{
	struct cJSON *out = NULL;
	enum err er;

	if (it->outputs != NULL && (er = json_parse(cx, it->outputs,
	    strlen(it->outputs), &out)) != E_OK)
		return er;
	json_obj(js, NULL);
	json_str(js, "generationId", it->id);
	json_str(js, "type", it->type);
	json_str(js, "status", "done");
	json_str(js, "outputUrl", it->url);
	put_output(js, "thumbnailUrl", out, "thumbnail_url");
	put_output(js, "posterUrl", out, "poster_url");
	put_number(js, "width", json_get(out, "width"));
	put_number(js, "height", json_get(out, "height"));
	put_number(js, "durationMs", json_get(out, "duration_ms"));
	json_str(js, "brief", it->brief);
	json_str(js, "prompt", it->prompt);
	json_str(js, "altText", it->alt);
	json_bool(js, "liked", it->liked);
	json_str(js, "sessionId", it->session);
	json_obj(js, "lineage");
	json_str(js, "parentGenerationId", it->parent);
	json_end(js);
	json_str(js, "provider", it->provider);
	json_str(js, "model", it->model);
	json_int(js, "cost", it->cost);
	json_raw(js, "request", it->request);
	json_time(js, "createdAt", it->created);
	json_end(js);
	return E_OK;
}

static coroutine_fn enum err
list_of(struct cx *cx, struct req *rq, struct resp *rs, const char *pass)
{
	struct archive_filter f;
	struct archive_item *it;
	const char *next;
	struct json *js;
	struct cursor cur;
	size_t n;
	enum err er;

	if ((er = cursor_page(cx, rq, ARCHIVE_MAX, PAGE_ROWS, &cur)) != E_OK ||
	    (er = take_filter(cx, rq, &f)) != E_OK ||
	    (er = archive_page(cx, pass, &cur, &f, &it, &n, &next)) != E_OK)
		return er;

	js = resp_json(rs, 200);
	json_list(js, "items");
	for (size_t i = 0; i < n; i++)
		if ((er = put_item(cx, js, &it[i])) != E_OK)
			return er;
	json_end(js);
	json_str(js, "nextCursor", next);
	return resp_done(rs);
}

/* GET /history */
static coroutine_fn enum err
mine(struct cx *cx, struct req *rq, struct resp *rs)
{
	return list_of(cx, rq, rs, req_pass(rq));
}

/* GET /history/pass/{passId} */
static coroutine_fn enum err
of_pass(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *whose = ident_pass(cx, rq->param[0]);
	bool mine = false, admin = rq->admin;
	enum err er;

	if (whose == NULL || str_eq(whose, IDENT_ANONYMOUS))
		return err_say(cx, E_BADREQ, "That is not a pass id.");
	if (!admin && (er = archive_mine(cx, req_pass(rq), whose,
	    &mine)) != E_OK)
		return er;
	if (!admin && !mine && (er = admin_user(cx, rq, &admin)) != E_OK)
		return er;
	if (!admin && !mine)
		return err_set(cx, E_FORBIDDEN, "history of another pass");
	if (admin && (er = admin_audit(cx, rq, "history", whose)) != E_OK)
		return er;
	return list_of(cx, rq, rs, whose);
}

/* GET /history/export */
static coroutine_fn enum err
export(struct cx *cx, struct req *rq, struct resp *rs)
{
	return archive_export(cx, rq, rs, req_pass(rq));
}

/* DELETE /history/{id} */
static coroutine_fn enum err
forget(struct cx *cx, struct req *rq, struct resp *rs)
{
	enum err er;

	if ((er = archive_forget(cx, req_pass(rq), rq->param[0])) != E_OK)
		return er;
	json_bool(resp_json(rs, 200), "ok", true);
	return resp_done(rs);
}

static const struct app history = {
	.needs = APP_DB,
	.routes = {
		{ M_GET, "/history", mine, R_OWNER },
		{ M_GET, "/history/export", export, R_OWNER },
		{ M_GET, "/history/pass/{passId}", of_pass,
		    R_OWNER | R_ADMIN },
		{ M_DELETE, "/history/{id}", forget, R_OWNER },
	},
};

MINA_MAIN(history)
