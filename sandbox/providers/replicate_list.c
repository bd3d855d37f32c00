/*
 * replicate_list - lists predictions, newest first
 *
 * How a client finds a prediction whose create was never answered.  A cursor
 * is "n<seq>" for what is older than that, "p<seq>" for what is newer.
 */
#include "config.h"

#include "core/service.h"
#include "providers/replicate.h"

#define PAGE	100

struct window {
	int64_t		 after, before;	/* ms; created in [after, before) */
	const char	*after_text, *before_text;
	bool		 none;		/* nothing matches source=web */
};

static bool
visible(const struct window *w, const struct prediction *p)
{
	return p->model->provider == &replicate_provider &&
	    p->created >= w->after && p->created < w->before;
}

static bool
read_time(struct cx *cx, struct req *rq, const char *name, int64_t *ms,
    const char **text)
{
	*text = req_query(cx, rq, name);
	return *text == NULL || clock_parse(*text, ms);
}

static const char *
link_to(struct cx *cx, const struct window *w, char dir, int64_t seq)
{
	struct buf *b = buf_new(cx, 4096);

	buf_fmt(b, "%s/replicate/v1/predictions?cursor=%c%lld",
	    conf_str(C_SANDBOX_URL), dir, (long long)seq);
	if (w->after_text != NULL) {
		buf_puts(b, "&created_after=");
		url_encode(b, w->after_text, NULL);
	}
	if (w->before_text != NULL) {
		buf_puts(b, "&created_before=");
		url_encode(b, w->before_text, NULL);
	}
	return b->data;
}

/*
 * Where the page begins.  Going back, that is PAGE visible ones above the
 * cursor, or as many as there are.
 */
static struct prediction *
first_of(const struct window *w, char dir, int64_t seq)
{
	struct prediction *p = prediction_newest(), *at = NULL;
	int n = 0;

	if (dir == 'n') {
		while (p != NULL && (p->seq >= seq || !visible(w, p)))
			p = p->older;
		return p;
	}
	while (p != NULL && p->seq > seq)
		p = p->older;
	for (p = p != NULL ? p->newer : prediction_oldest(); p != NULL &&
	    n < PAGE; p = p->newer)
		if (visible(w, p)) {
			at = p;
			n++;
		}
	return at;
}

static bool
any_newer(const struct window *w, const struct prediction *p)
{
	for (p = p->newer; p != NULL; p = p->newer)
		if (visible(w, p))
			return true;
	return false;
}

static enum err
page(struct cx *cx, struct resp *rs, const struct window *w, char dir,
    int64_t seq)
{
	struct prediction *p = w->none ? NULL : first_of(w, dir, seq);
	struct prediction *last = NULL, *first = p;
	struct json *js = resp_json(rs, 200);
	int n = 0;

	json_list(js, "results");
	/* All that follow one older than the window are older. */
	for (; p != NULL && n < PAGE && p->created >= w->after;
	    p = p->older) {
		if (!visible(w, p))
			continue;
		json_obj(js, NULL);
		replicate_print(cx, js, p, false);
		json_end(js);
		last = p;
		n++;
	}
	json_end(js);
	while (p != NULL && !visible(w, p))
		p = p->created >= w->after ? p->older : NULL;
	json_str(js, "next", p != NULL ? link_to(cx, w, 'n', last->seq) :
	    NULL);
	json_str(js, "previous", first != NULL && any_newer(w, first) ?
	    link_to(cx, w, 'p', first->seq) : NULL);
	return resp_done(rs);
}

/* GET /replicate/v1/predictions */
enum err
replicate_list(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct window w = { .after = INT64_MIN, .before = INT64_MAX };
	const char *cursor = req_query(cx, rq, "cursor");
	const char *source = req_query(cx, rq, "source");
	int64_t seq = INT64_MAX;

	if (!read_time(cx, rq, "created_after", &w.after, &w.after_text) ||
	    !read_time(cx, rq, "created_before", &w.before, &w.before_text))
		return replicate_problem(rs, 400, "Bad request",
		    "created_after and created_before must be ISO 8601 "
		    "date-times.");
	if (cursor != NULL && ((cursor[0] != 'n' && cursor[0] != 'p') ||
	    !str_int(cursor + 1, 0, INT64_MAX, &seq)))
		return replicate_problem(rs, 400, "Bad request",
		    "Invalid cursor");
	w.none = str_eq(source, "web");
	if (source != NULL && !w.none)
		return replicate_problem(rs, 400, "Bad request",
		    "source can only be web");
	return page(cx, rs, &w, cursor != NULL ? cursor[0] : 'n', seq);
}
