/*
 * tally - see tally.h
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "core/callcount.h"
#include "io/http.h"
#include "web/req.h"
#include "web/resp.h"

#define KEPT		200		/* requests for each place */
#define BODY_KEPT	32768		/* bytes of each */
#define BUCKETS		4096
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

static struct seen	 seen[P__MAX][KEPT];
static uint64_t		 total[P__MAX];
static unsigned		 status[P__MAX][STATUSES];
static struct input	*inputs[BUCKETS];
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

	XXXAN(p = malloc(n + 1));
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

/* The headers a contract is about, as a JSON object; secrets are not kept. */
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
		"X-Fal-Queue-Priority",
	};
	const char *v = req_header(rq, "Authorization");
	struct buf b;
	struct json js;
	char *out;

	buf_init(&b, 16384);
	json_init(&js, &b);
	json_obj(&js, NULL);
	if (v != NULL) {
		out = copy(v, strcspn(v, " "));
		json_str(&js, "Authorization", out);
		free(out);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((v = req_header(rq, names[i])) != NULL)
			json_str(&js, names[i], v);
	json_end(&js);
	out = copy(buf_ok(&b) ? b.data : "{}", buf_ok(&b) ? b.len : 2);
	buf_release(&b);
	return out;
}

static struct seen *
next_slot(enum place p, const char *method, const char *path)
{
	struct seen *s = &seen[p][++total[p] % KEPT];

	seen_clear(s);
	s->number = total[p];
	s->at = clock_now();
	s->method = copy(method, strlen(method));
	s->path = copy(path, strlen(path));
	return s;
}

uint64_t
tally_request(enum place p, struct req *rq)
{
	bool text = !place_has(p, PLACE_BYTES) &&
	    str_is_utf8(rq->body, rq->bodylen);
	size_t n = text ? str_utf8_cut(rq->body, BODY_KEPT) : 0;
	/* A presigned query would be a secret: the path only. */
	struct seen *s = next_slot(p, method_name(rq->method), rq->path);

	s->headers = headers_of(rq);
	s->body = copy(rq->body, n);
	s->bodylen = rq->bodylen;
	return s->number;
}

uint64_t
tally_call(enum place p, const struct http_call *call)
{
	struct seen *s = next_slot(p, call->method, call->url);
	struct json js;
	struct buf b;

	buf_init(&b, 16384);
	json_init(&js, &b);
	json_obj(&js, NULL);
	for (size_t i = 0; i < call->nheader; i++)
		if (!call->header[i].secret)
			json_str(&js, call->header[i].name,
			    call->header[i].value);
	json_end(&js);
	s->headers = copy(buf_ok(&b) ? b.data : "{}", buf_ok(&b) ? b.len : 2);
	buf_release(&b);
	s->body = copy(call->body, str_utf8_cut(call->body, BODY_KEPT));
	s->bodylen = call->bodylen;
	return s->number;
}

void
tally_status(enum place p, uint64_t number, int st)
{
	struct seen *s = &seen[p][number % KEPT];

	if (st >= 0 && st < STATUSES)
		status[p][st]++;
	if (s->number == number)
		s->status = st;
}

/* GET /_sandbox/requests?target= */
enum err
tally_requests(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *target = req_query(cx, rq, "target");
	enum place p = place_find(target != NULL ? target : "");
	struct json *js;

	if (p == P__MAX)
		return err_field(cx, "target", "must name a place, such as "
		    "openai or replicate.create");
	js = resp_json(rs, 200);
	json_list(js, "requests");
	/* The oldest is the slot after the newest. */
	for (uint64_t i = 1; i <= KEPT; i++) {
		const struct seen *s = &seen[p][(total[p] + i) % KEPT];

		if (s->number == 0)
			continue;
		json_obj(js, NULL);
		json_int(js, "number", (int64_t)s->number);
		json_time(js, "at", s->at);
		json_str(js, "method", s->method);
		json_str(js, "path", s->path);
		json_raw(js, "headers", s->headers);
		json_int(js, "bodyBytes", (int64_t)s->bodylen);
		json_str(js, "body", s->body);
		json_int(js, "status", s->status);
		json_end(js);
	}
	json_end(js);
	return resp_done(rs);
}

/* --- counters */

unsigned
tally_create(const char *sha)
{
	char first[8];
	struct input *in;
	unsigned h;

	memcpy(first, sha, 7);
	first[7] = '\0';
	h = (unsigned)strtoul(first, NULL, 16) % BUCKETS;

	accepted++;
	for (in = inputs[h]; in != NULL; in = in->next)
		if (strcmp(in->sha, sha) == 0)
			return ++in->count;
	XXXAN(in = calloc(1, sizeof *in));
	memcpy(in->sha, sha, SHA256_HEX);
	in->next = inputs[h];
	inputs[h] = in;
	distinct++;
	return in->count = 1;
}

void
tally_render(int64_t us)
{
	renders++;
	render_us += (uint64_t)us;
}

void
tally_reset(void)
{
	struct input *in;

	for (int p = 0; p < P__MAX; p++)
		for (int i = 0; i < KEPT; i++)
			seen_clear(&seen[p][i]);
	memset(total, 0, sizeof total);
	memset(status, 0, sizeof status);
	for (int i = 0; i < BUCKETS; i++)
		while ((in = inputs[i]) != NULL) {
			inputs[i] = in->next;
			free(in);
		}
	accepted = distinct = renders = render_us = 0;
}

static void
print_inputs(struct json *js)
{
	int shown = 0;

	json_obj(js, "byInput");
	/* The interesting ones are those that came twice. */
	for (unsigned min = 2; min >= 1; min--)
		for (int i = 0; i < BUCKETS; i++)
			for (struct input *in = inputs[i]; in != NULL &&
			    shown < 1000; in = in->next)
				if (min == 2 ? in->count >= 2 :
				    in->count == 1) {
					json_int(js, in->sha, in->count);
					shown++;
				}
	json_end(js);
}

void
tally_print(struct json *js)
{
	char code[12];

	for (int p = 0; p < P__MAX; p++) {
		json_obj(js, place_name((enum place)p));
		json_int(js, "requests", (int64_t)total[p]);
		json_obj(js, "status");
		for (int i = 0; i < STATUSES; i++)
			if (status[p][i] > 0) {
				snprintf(code, sizeof code, "%d", i);
				json_int(js, code, status[p][i]);
			}
		json_end(js);
		json_end(js);
	}
	json_obj(js, "creates");
	json_int(js, "accepted", (int64_t)accepted);
	json_int(js, "distinctInputs", (int64_t)distinct);
	json_int(js, "repeatedInputs", (int64_t)(accepted - distinct));
	print_inputs(js);
	json_end(js);
	json_obj(js, "renders");
	json_int(js, "count", (int64_t)renders);
	json_int(js, "ms", (int64_t)(render_us / 1000));
	json_end(js);
}
