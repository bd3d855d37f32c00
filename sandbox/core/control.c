/*
 * control - see control.h
 */
#include "config.h"

#include "auth/routes.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "core/callcount.h"
#include "core/control.h"
#include "core/faults.h"
#include "core/front.h"
#include "core/knobs.h"
#include "providers/prediction.h"
#include "shopify/webhook_queue.h"
#include "web/req.h"
#include "web/resp.h"

#define DEFAULTS	{ .predict_ms = 1500, .film_ms = -1, \
			  .keep_ms = 3600000, \
			  .shop_retry_ms = 250, .shop_token_s = 86399, \
			  .shop_points = 2000, \
			  .mail_ms = 60000, .code_ms = 3600000, \
			  .flow_ms = 300000, .reuse_ms = 10000, \
			  .token_s = 3600, .anonymous = true, .signup = true }

struct knobs knobs = DEFAULTS;

void
knobs_reset(void)
{
	static const struct knobs fresh = DEFAULTS;

	knobs = fresh;
}

/* GET /_sandbox/settings */
enum err
control_settings(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);

	(void)cx;
	(void)rq;
	json_int(js, "predictMs", knobs.predict_ms);
	json_int(js, "filmMs", knobs.film_ms);
	json_int(js, "openaiMs", knobs.openai_ms);
	json_int(js, "keepMs", knobs.keep_ms);
	json_int(js, "mailMs", knobs.mail_ms);
	json_int(js, "codeMs", knobs.code_ms);
	json_int(js, "flowMs", knobs.flow_ms);
	json_int(js, "reuseMs", knobs.reuse_ms);
	json_int(js, "tokenS", knobs.token_s);
	json_bool(js, "anonymous", knobs.anonymous);
	json_bool(js, "signup", knobs.signup);
	json_bool(js, "fast", knobs.fast);
	json_bool(js, "instant", knobs.instant);
	json_bool(js, "hold", knobs.hold);
	json_str(js, "format", knobs.jpg ? "jpg" : "png");
	json_int(js, "shopRetryMs", knobs.shop_retry_ms);
	json_int(js, "shopTokenS", knobs.shop_token_s);
	json_int(js, "shopPoints", knobs.shop_points);
	return resp_done(rs);
}

static enum err
auth_knobs(struct cx *cx, const struct cJSON *js, struct knobs *k)
{
	enum err er;

	if ((er = json_may_int(cx, js, "", "mailMs", 0, 86400000,
	    &k->mail_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "codeMs", 0, 86400000,
	    &k->code_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "flowMs", 0, 86400000,
	    &k->flow_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "reuseMs", 0, 86400000,
	    &k->reuse_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "tokenS", 0, 604800,
	    &k->token_s)) != E_OK
	    || (er = json_may_bool(cx, js, "", "anonymous",
	    &k->anonymous)) != E_OK)
		return er;
	return json_may_bool(cx, js, "", "signup", &k->signup);
}

static enum err
shop_knobs(struct cx *cx, const struct cJSON *js, struct knobs *k)
{
	enum err er;

	if ((er = json_may_int(cx, js, "", "shopRetryMs", 0, 3600000,
	    &k->shop_retry_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "shopTokenS", 0, 86399,
	    &k->shop_token_s)) != E_OK)
		return er;
	return json_may_int(cx, js, "", "shopPoints", 10, 100000,
	    &k->shop_points);
}

/* POST /_sandbox/settings: what is not named stays as it is */
enum err
control_set(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const known[] = { "predictMs", "filmMs",
		"openaiMs", "keepMs", "mailMs", "codeMs", "flowMs",
		"reuseMs", "tokenS", "anonymous", "signup", "fast",
		"instant", "hold", "format", "shopRetryMs",
		"shopTokenS", "shopPoints", NULL };
	const struct cJSON *js = req_json(rq);
	const char *format = knobs.jpg ? "jpg" : "png";
	struct knobs k = knobs;
	enum err er;

	for (const struct cJSON *m = json_first(js); m != NULL;
	    m = json_next(m))
		if (!str_in(json_key(m), known))
			return err_field(cx, json_key(m), "is no setting");
	if ((er = json_may_int(cx, js, "", "predictMs", 0, 3600000,
	    &k.predict_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "filmMs", -1, 3600000,
	    &k.film_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "openaiMs", 0, 3600000,
	    &k.openai_ms)) != E_OK
	    || (er = json_may_int(cx, js, "", "keepMs", 0, 604800000,
	    &k.keep_ms)) != E_OK
	    || (er = auth_knobs(cx, js, &k)) != E_OK
	    || (er = shop_knobs(cx, js, &k)) != E_OK
	    || (er = json_may_bool(cx, js, "", "fast", &k.fast)) != E_OK
	    || (er = json_may_bool(cx, js, "", "instant", &k.instant)) != E_OK
	    || (er = json_may_bool(cx, js, "", "hold", &k.hold)) != E_OK
	    || (er = json_may_str(cx, js, "", "format", 3, 3, &format)) != E_OK)
		return er;
	if (!str_eq(format, "png") && !str_eq(format, "jpg"))
		return err_field(cx, "format", "must be png or jpg");
	k.jpg = str_eq(format, "jpg");
	knobs = k;
	if (!knobs.hold)
		predict_release();
	return control_settings(cx, rq, rs);
}

/* GET /_sandbox/stats */
enum err
control_stats(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct json *js = resp_json(rs, 200);
	int64_t n[PREDICT__MAX];

	(void)cx;
	(void)rq;
	tally_print(js);
	predict_count(n);
	json_obj(js, "predictions");
	for (int i = 0; i < PREDICT__MAX; i++)
		json_int(js, predict_state_name((enum predict_state)i), n[i]);
	json_end(js);
	json_int(js, "faults", (int64_t)faults_count());
	return resp_done(rs);
}

/* POST /_sandbox/reset: the settings too; objects and the shop stay */
enum err
control_reset(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)rq;
	if (!auth_reset())
		return err_set(cx, E_STORAGE, "the journal cannot be written");
	faults_clear();
	predict_forget_all();
	tally_reset();
	knobs_reset();
	shop_secret_set(NULL);
	json_bool(resp_json(rs, 200), "ok", true);
	return resp_done(rs);
}

static enum err
sink(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	(void)cx;
	(void)rq;
	(void)f;
	json_bool(resp_json(rs, 200), "ok", true);
	return resp_done(rs);
}

/* POST /_sandbox/sink/{name} */
enum err
control_sink(struct cx *cx, struct req *rq, struct resp *rs)
{
	return front(cx, rq, rs, P_SINK, sink);
}
