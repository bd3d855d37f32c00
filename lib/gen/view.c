/*
 * view - a generation as JSON (gen_short and gen_full in gen.h)
 */
#include "config.h"

#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "gen/gen.h"

static const struct cJSON *
var(const struct gen *g, const char *ptr)
{
	return json_pointer(g->vars, ptr);
}

/* The error's message, the final one, or the latest status message. */
static const char *
user_message(const struct gen *g)
{
	const struct cJSON *js;
	const char *s;

	if (g->error != NULL)
		return g->message;
	if ((s = json_text(var(g, "/userMessages/final_line"))) != NULL)
		return s;
	for (js = json_first(var(g, "/userMessages/scan_lines")); js != NULL;
	    js = json_next(js))
		s = json_text(js);
	return s;
}

void
gen_short(struct cx *cx, struct json *js, const struct gen *g)
{
	json_str(js, "generationId", g->id);
	json_str(js, "status", g->status);
	json_str(js, "userMessage", user_message(g));
	json_str(js, "outputUrl", g->output_url);
	json_str(js, "thumbnailUrl", json_text(var(g,
	    "/outputs/thumbnail_url")));
	json_int(js, "cost", g->cost);
	json_int(js, "charged", g->charged);
	json_int(js, "creditsAfter", g->credits_after);
	json_tree(js, "ignoredSettings", json_get(g->meta, "ignored"));
	if (!g->over) {
		json_str(js, "statusUrl", cx_fmt(cx, "/generations/%s",
		    g->id));
		json_str(js, "eventsUrl", cx_fmt(cx,
		    "/generations/%s/events", g->id));
		json_str(js, "cancelUrl", cx_fmt(cx,
		    "/generations/%s/cancel", g->id));
	}
}

static void
put_error(struct json *js, const struct gen *g)
{
	if (g->error == NULL) {
		json_null(js, "error");
		return;
	}
	json_obj(js, "error");
	json_str(js, "code", g->error);
	json_str(js, "message", g->message);
	json_end(js);
}

static void
put_int(struct json *js, const char *key, const struct cJSON *v)
{
	if (json_is_null(v))
		json_null(js, key);
	else
		json_int(js, key, json_int_or(v, 0));
}

void
gen_full(struct cx *cx, struct json *js, const struct gen *g)
{
	gen_short(cx, js, g);
	json_str(js, "stage", g->stage);
	json_str(js, "type", g->type);
	json_str(js, "sessionId", g->session);
	json_obj(js, "userMessages");
	json_tree(js, "scanLines", var(g, "/userMessages/scan_lines"));
	json_str(js, "finalLine", json_text(var(g,
	    "/userMessages/final_line")));
	json_end(js);
	put_int(js, "width", var(g, "/outputs/width"));
	put_int(js, "height", var(g, "/outputs/height"));
	json_str(js, "posterUrl", json_text(var(g, "/outputs/poster_url")));
	put_int(js, "durationMs", var(g, "/outputs/duration_ms"));
	json_str(js, "altText", json_text(var(g,
	    str_eq(g->type, "motion") ? "/scans/output_video_crt" :
	    "/scans/output_still_crt")));
	json_str(js, "prompt", g->prompt);
	json_str(js, "provider", g->provider);
	json_str(js, "model", g->model);
	json_obj(js, "lineage");
	json_str(js, "parentGenerationId", g->parent);
	json_str(js, "feedback", json_text(var(g,
	    str_eq(g->type, "motion") ? "/feedback/motion_feedback" :
	    "/feedback/still_feedback")));
	json_end(js);
	json_raw(js, "request", g->request);
	put_error(js, g);
	json_time(js, "createdAt", g->created);
	json_time(js, "updatedAt", g->updated);
}
