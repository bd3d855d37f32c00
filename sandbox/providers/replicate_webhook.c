/*
 * rephook - Replicate's webhooks
 *
 * Signed as Standard Webhooks say: HMAC-SHA256 over "id.timestamp.body" with
 * the key behind whsec_.  Only the last one of a prediction is tried again,
 * for about a minute.
 */
#include "config.h"

#include "core/sandbox.h"
#include "io/http.h"
#include "providers/prediction.h"
#include "providers/replicate.h"
#include "providers/webhook_send.h"

#define SECRET_ENV	"MINA_PROVIDER_REPLICATE_WEBHOOK_SECRET"
#define SECRET_PREFIX	"whsec_"
#define BODY_MAX	(4 << 20)

static const char *
secret(void)
{
	const char *s = env_secret(SECRET_ENV);

	return s != NULL && str_starts(s, SECRET_PREFIX) ? s : NULL;
}

static void
sign(struct cx *cx, struct http_call *call, const struct callback *c,
    int64_t at)
{
	const char *text, *s = secret(), *when = cx_fmt(cx, "%lld",
	    (long long)at);
	unsigned char mac[SHA256_LEN], *key;
	size_t n;

	http_header(cx, call, "webhook-id", c->id);
	http_header(cx, call, "webhook-timestamp", when);
	if (s == NULL || (key = decode_base64(cx, s + strlen(SECRET_PREFIX),
	    &n)) == NULL)
		return;
	text = cx_fmt(cx, "%s.%s.%s", c->id, when, c->body);
	crypto_hmac(key, n, text, strlen(text), mac);
	http_header(cx, call, "webhook-signature", cx_fmt(cx, "v1,%s",
	    encode_base64(cx, mac, sizeof mac)));
}

static bool
wants(struct cx *cx, const struct prediction *p, const char *event)
{
	struct cJSON *list;

	if (p->events == NULL || json_parse(cx, p->events, strlen(p->events),
	    &list) != E_OK)
		return true;
	for (const struct cJSON *js = json_first(list); js != NULL;
	    js = json_next(js))
		if (str_eq(json_text(js), event))
			return true;
	return false;
}

void
replicate_notify(struct prediction *p, enum predict_event ev)
{
	static const char *const names[] = { [EVENT_START] = "start",
		[EVENT_OUTPUT] = "output", [EVENT_END] = "completed" };
	static const int pauses[] = { 1000, 2000, 4000, 8000, 16000, 30000,
		-1 };
	struct callback c = { .place = EP_REPLICATE_CALLBACK, .url = p->webhook,
	    .pauses = ev == EVENT_END ? pauses : NULL, .sign = sign };
	unsigned char r[12];
	char id[8 + 2 * sizeof r] = "msg_";
	struct json js;
	struct buf *b;
	struct cx cx;

	app_cx(&cx, 3 * BODY_MAX);
	if (wants(&cx, p, names[ev])) {
		crypto_random(r, sizeof r);
		encode_hex(r, sizeof r, id + strlen(id));
		b = buf_new(&cx, BODY_MAX);
		json_init(&js, b);
		json_obj(&js, NULL);
		predict_members(&cx, &js, p);
		json_end(&js);
		c.id = id;
		c.body = b->data;
		if (json_ok(&js))
			callback_send(&c);
	}
	cx_release(&cx);
}

/* GET /replicate/v1/webhooks/default/secret */
enum err
replicate_secret(struct cx *cx, struct req *rq, struct resp *rs)
{
	if (secret() == NULL)
		return replicate_status(cx, rq, rs, 404);
	json_str(resp_json(rs, 200), "key", secret());
	return resp_done(rs);
}
