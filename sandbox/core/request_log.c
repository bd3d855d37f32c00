/* request_log - rings of recent requests, and counters, in memory */
#include "config.h"

#include "core/request_log.h"
#include "core/service.h"
#include "core/strmap.h"
#include "io/http.h"

#define KEPT		200		/* requests of each endpoint */
#define BODY_KEPT	32768		/* bytes of each */
#define INPUTS_SHOWN	1000
#define STATUSES	600

struct seen {
	uint64_t	 number;	/* 0: nothing here yet */
	int64_t		 at;
	int		 status;
	size_t		 bodylen;
	char		*method, *path, *headers, *body;
};

struct input {
	struct input	*next;
	char		 sha[SHA256_HEX];
	unsigned	 count;
};

static struct seen	 seen[EP__MAX][KEPT];
static uint64_t		 total[EP__MAX];
static unsigned		 status[EP__MAX][STATUSES];
static struct strmap	 by_sha;
static struct input	*inputs;
static uint64_t		 accepted, distinct, renders, render_us;

/* --- requests */

static void
seen_clear(struct seen *s)
{
	free(s->method);
	free(s->path);
	free(s->headers);
	free(s->body);
	memset(s, 0, sizeof *s);
}

static char *
copy(const char *s, size_t n)
{
	char *p;

	XXXAN(p = strndup(s, n));
	return p;
}

static struct seen *
next_slot(enum endpoint ep, const char *method, const char *path)
{
	struct seen *s = &seen[ep][++total[ep] % KEPT];

	seen_clear(s);
	s->number = total[ep];
	s->at = clock_now();
	s->method = keep(method);
	s->path = keep(path);
	return s;
}

struct headers {
	struct buf	 buf;
	struct json	 js;
};

static struct json *
headers_begin(struct headers *h)
{
	buf_init(&h->buf, 16384);
	json_init(&h->js, &h->buf);
	json_obj(&h->js, NULL);
	return &h->js;
}

static char *
headers_end(struct headers *h)
{
	char *out;

	json_end(&h->js);
	out = keep(json_ok(&h->js) ? h->buf.data : "{}");
	buf_release(&h->buf);
	return out;
}

/* The headers that contracts are about; of Authorization the scheme only. */
static char *
headers_of(struct req *rq)
{
	static const char *const names[] = {
		"Content-Type", "Prefer", "User-Agent", "Idempotency-Key",
		"Cancel-After", "X-Client-Request-Id", "X-Amz-Content-Sha256",
		"X-Amz-Date", "Cache-Control", "Content-Length",
		"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature",
		"X-Fal-Webhook-Request-Id", "X-Fal-Webhook-User-Id",
		"X-Fal-Webhook-Timestamp", "X-Fal-Webhook-Signature",
		"X-Fal-Queue-Priority", NULL
	};
	const char *v = req_header(rq, "Authorization");
	struct headers h;
	struct json *js = headers_begin(&h);
	char scheme[32];

	if (v != NULL) {
		snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(v, " "),
		    v);
		json_str(js, "Authorization", scheme);
	}
	for (const char *const *n = names; *n != NULL; n++)
		if ((v = req_header(rq, *n)) != NULL)
			json_str(js, *n, v);
	return headers_end(&h);
}

uint64_t
request_log_received(enum endpoint ep, struct req *rq)
{
	bool text = !endpoint_has(ep, BODY_NOT_KEPT) &&
	    str_is_utf8(rq->body, rq->bodylen);
	/* A presigned query would be a secret: the path only. */
	struct seen *s = next_slot(ep, method_name(rq->method), rq->path);

	s->headers = headers_of(rq);
	s->body = copy(rq->body, text ? str_utf8_cut(rq->body, BODY_KEPT) : 0);
	s->bodylen = rq->bodylen;
	return s->number;
}

uint64_t
request_log_sent(enum endpoint ep, const struct http_call *call)
{
	struct seen *s = next_slot(ep, call->method, call->url);
	struct headers h;
	struct json *js = headers_begin(&h);

	for (size_t i = 0; i < call->nheader; i++)
		if (!call->header[i].secret)
			json_str(js, call->header[i].name,
			    call->header[i].value);
	s->headers = headers_end(&h);
	s->body = copy(call->body, str_utf8_cut(call->body, BODY_KEPT));
	s->bodylen = call->bodylen;
	return s->number;
}

void
request_log_status(enum endpoint ep, uint64_t number, int st)
{
	struct seen *s = &seen[ep][number % KEPT];

	if (st >= 0 && st < STATUSES)
		status[ep][st]++;
	if (s->number == number)
		s->status = st;
}

enum err
request_log_get(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *target = req_query(cx, rq, "target");
	enum endpoint ep = endpoint_find(target != NULL ? target : "");
	struct json *js;

	if (ep == EP_NONE)
		return err_field(cx, "target", "must name an endpoint, such "
		    "as openai or replicate.create");
	js = resp_json(rs, 200);
	json_list(js, "requests");
	/* The oldest is the slot after the newest. */
	for (uint64_t i = 1; i <= KEPT; i++) {
		const struct seen *s = &seen[ep][(total[ep] + i) % KEPT];

		if (s->number == 0)
			continue;
		json_put(js, j_obj(NULL), j_int("number", (int64_t)s->number),
		    j_time("at", s->at), j_str("method", s->method),
		    j_str("path", s->path), j_raw("headers", s->headers),
		    j_int("bodyBytes", (int64_t)s->bodylen),
		    j_str("body", s->body), j_int("status", s->status),
		    j_end());
	}
	json_end(js);
	return resp_done(rs);
}

/* --- counters */

void
request_log_accepted(const char *sha)
{
	struct input *in = strmap_get(&by_sha, sha);

	accepted++;
	if (in == NULL) {
		XXXAN(in = calloc(1, sizeof *in));
		memcpy(in->sha, sha, SHA256_HEX);
		in->next = inputs;
		inputs = in;
		strmap_put(&by_sha, in->sha, in);
		distinct++;
	}
	in->count++;
}

void
request_log_rendered(int64_t us)
{
	renders++;
	render_us += (uint64_t)us;
}

void
request_log_reset(void)
{
	struct input *in;

	for (int ep = 0; ep < EP__MAX; ep++)
		for (int i = 0; i < KEPT; i++)
			seen_clear(&seen[ep][i]);
	memset(total, 0, sizeof total);
	memset(status, 0, sizeof status);
	while ((in = inputs) != NULL) {
		inputs = in->next;
		strmap_drop(&by_sha, in->sha);
		free(in);
	}
	accepted = distinct = renders = render_us = 0;
}

/* The repeated ones first: they are what tests look for. */
static void
print_inputs(struct json *js)
{
	int shown = 0;

	json_obj(js, "byInput");
	for (int once = 0; once <= 1; once++)
		for (const struct input *in = inputs; in != NULL &&
		    shown < INPUTS_SHOWN; in = in->next)
			if ((in->count == 1) == once) {
				json_int(js, in->sha, in->count);
				shown++;
			}
	json_end(js);
}

void
request_log_stats(struct json *js)
{
	char code[12];

	for (int ep = EP_NONE + 1; ep < EP__MAX; ep++) {
		json_put(js, j_obj(endpoint_name((enum endpoint)ep)),
		    j_int("requests", (int64_t)total[ep]), j_obj("status"));
		for (int i = 0; i < STATUSES; i++)
			if (status[ep][i] > 0) {
				snprintf(code, sizeof code, "%d", i);
				json_int(js, code, status[ep][i]);
			}
		json_put(js, j_end(), j_end());
	}
	json_put(js, j_obj("creates"), j_int("accepted", (int64_t)accepted),
	    j_int("distinctInputs", (int64_t)distinct),
	    j_int("repeatedInputs", (int64_t)(accepted - distinct)));
	print_inputs(js);
	json_put(js, j_end(), j_obj("renders"),
	    j_int("count", (int64_t)renders),
	    j_int("ms", (int64_t)(render_us / 1000)), j_end());
}
