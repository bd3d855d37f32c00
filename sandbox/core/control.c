/* control - settings, statistics, reset, and a sink for webhooks */
#include "config.h"

#include "core/control.h"
#include "core/record.h"
#include "core/request_log.h"
#include "core/service.h"

#define DAY_MS		86400000
#define DEFAULTS	{ .predict_ms = 1500, .film_ms = -1, \
			  .keep_ms = 3600000, .format = "png", \
			  .shop_retry_ms = 250, .shop_token_s = 86399, \
			  .shop_points = 2000, \
			  .mail_ms = 60000, .code_ms = 3600000, \
			  .flow_ms = 300000, .reuse_ms = 10000, \
			  .token_s = 3600, .anonymous = true, .signup = true }

struct settings settings = DEFAULTS;

#define SETTING(key, type, member, ...)					\
	FIELD(key, type, struct settings, member, __VA_ARGS__)

static const struct record_field fields[] = {
	SETTING("predictMs", REC_INT, predict_ms, 0, 3600000),
	SETTING("filmMs", REC_INT, film_ms, -1, 3600000),
	SETTING("openaiMs", REC_INT, openai_ms, 0, 3600000),
	SETTING("keepMs", REC_INT, keep_ms, 0, 7 * DAY_MS),
	SETTING("outputRate", REC_INT, output_rate, 0, INT32_MAX),
	SETTING("mailMs", REC_INT, mail_ms, 0, DAY_MS),
	SETTING("codeMs", REC_INT, code_ms, 0, DAY_MS),
	SETTING("flowMs", REC_INT, flow_ms, 0, DAY_MS),
	SETTING("reuseMs", REC_INT, reuse_ms, 0, DAY_MS),
	SETTING("tokenS", REC_INT, token_s, 0, 604800),
	SETTING("anonymous", REC_BOOL, anonymous),
	SETTING("signup", REC_BOOL, signup),
	SETTING("autoconfirm", REC_BOOL, autoconfirm),
	SETTING("fast", REC_BOOL, fast),
	SETTING("instant", REC_BOOL, instant),
	SETTING("hold", REC_BOOL, hold),
	SETTING("logKB", REC_INT, log_kb, 0, 8192),
	SETTING("format", REC_STR, format, 3, 3),
	SETTING("shopRetryMs", REC_INT, shop_retry_ms, 0, 3600000),
	SETTING("shopTokenS", REC_INT, shop_token_s, 0, 86399),
	SETTING("shopPoints", REC_INT, shop_points, 10, 100000),
	{ 0 }
};

/* GET /_sandbox/settings */
static enum err
get_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	record_write(resp_json(rs, 200), fields, &settings);
	return resp_done(rs);
}

/* POST /_sandbox/settings: what is not named stays as it is */
static enum err
set_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct settings s = settings;
	enum err er;

	if ((er = record_only(cx, req_json(rq), "", fields)) != E_OK ||
	    (er = record_take(cx, req_json(rq), "", fields, &s)) != E_OK)
		return er;
	if (!str_eq(s.format, "png") && !str_eq(s.format, "jpg"))
		return err_field(cx, "format", "must be png or jpg");
	s.format = str_eq(s.format, "jpg") ? "jpg" : "png";
	settings = s;
	for (const struct emulator *const *e = emulators(); *e != NULL; e++)
		if ((*e)->settings_changed != NULL)
			(*e)->settings_changed();
	return get_settings(cx, rq, rs);
}

static enum err
get_stats(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	request_log_stats(js);
	for (const struct emulator *const *e = emulators(); *e != NULL; e++)
		if ((*e)->stats != NULL)
			(*e)->stats(js);
	json_int(js, "faults", (int64_t)faults_count());
	return resp_done(rs);
}

/* POST /_sandbox/reset: the settings too; objects and the shop stay */
static enum err
reset(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const struct settings fresh = DEFAULTS;

	(void)rq;
	for (const struct emulator *const *e = emulators(); *e != NULL; e++)
		if ((*e)->reset != NULL && !(*e)->reset())
			return err_set(cx, E_STORAGE, "the journal of %s "
			    "cannot be written", (*e)->name);
	faults_clear();
	request_log_reset();
	settings = fresh;
	return json_reply(rs, 200, j_bool("ok", true));
}

/* POST /_sandbox/sink/{name}: takes any webhook */
static enum err
sink(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	return json_reply(rs, 200, j_bool("ok", true));
}

const struct emulator control_emulator = {
	.name = "control",
	.route = (const struct emulated_route[]){
		ROUTE(POST, "/_sandbox/faults", NONE, faults_post),
		ROUTE(GET, "/_sandbox/faults", NONE, faults_list),
		ROUTE(DELETE, "/_sandbox/faults", NONE, faults_delete),
		ROUTE(POST, "/_sandbox/settings", NONE, set_settings),
		ROUTE(GET, "/_sandbox/settings", NONE, get_settings),
		ROUTE(GET, "/_sandbox/stats", NONE, get_stats),
		ROUTE(GET, "/_sandbox/requests", NONE, request_log_get),
		ROUTE(POST, "/_sandbox/reset", NONE, reset),
		ROUTE(POST, "/_sandbox/sink/{name}", SINK, sink),
		{ 0 }
	},
};
