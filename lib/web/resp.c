/*
 * resp - response head and body, ETags, streaming, problem documents
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/str.h"
#include "web/req.h"
#include "web/resp.h"
#include "web/transport.h"

/* RFC 9110, 15. */
static const struct {
	int		 status;
	const char	*reason;
} reasons[] = {
	{ 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
	{ 204, "No Content" }, { 206, "Partial Content" },
	{ 302, "Found" }, { 303, "See Other" },
	{ 304, "Not Modified" }, { 400, "Bad Request" },
	{ 401, "Unauthorized" }, { 402, "Payment Required" },
	{ 403, "Forbidden" }, { 404, "Not Found" },
	{ 405, "Method Not Allowed" }, { 409, "Conflict" },
	{ 411, "Length Required" }, { 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" }, { 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" }, { 500, "Internal Server Error" },
	{ 502, "Bad Gateway" }, { 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
};

static const char *
reason_phrase(int status)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

void
resp_init(struct cx *cx, struct resp *rs)
{
	memset(rs, 0, sizeof *rs);
	rs->magic = RESP_MAGIC;
	rs->cx = cx;
	rs->headers = buf_new(cx, 16384);
	rs->body = buf_new(cx, RESP_MAX);
}

void
resp_header(struct resp *rs, const char *name, const char *value)
{
	CHECK(rs, RESP_MAGIC);
	buf_puts(rs->headers, name);
	buf_puts(rs->headers, ": ");
	buf_put(rs->headers, value, strcspn(value, "\r\n"));
	buf_puts(rs->headers, "\r\n");
}

const char *
resp_find(const struct resp *rs, const char *name)
{
	size_t n = strlen(name), line;

	for (const char *s = rs->headers->data; *s != '\0'; s += line + 2) {
		line = strcspn(s, "\r");
		if (strncmp(s, name, n) == 0 && strncmp(s + n, ": ", 2) == 0)
			return cx_dupn(rs->cx, s + n + 2, line - n - 2);
	}
	return NULL;
}

struct json *
resp_json(struct resp *rs, int status)
{
	CHECK(rs, RESP_MAGIC);
	buf_clear(rs->body);
	rs->status = status;
	rs->type = "application/json";
	json_init(&rs->js, rs->body);
	json_obj(&rs->js, NULL);
	return &rs->js;
}

enum err
resp_done(struct resp *rs)
{
	CHECK(rs, RESP_MAGIC);
	while (rs->js.depth > 0)
		json_end(&rs->js);
	if (!json_ok(&rs->js) || arena_over(rs->cx->mem))
		return err_set(rs->cx, E_NOMEM, "response too large");
	rs->done = true;
	return E_OK;
}

bool
resp_etag_listed(const char *list, const char *tag)
{
	size_t n, len = strlen(tag);

	if (strcmp(list, "*") == 0)
		return true;
	for (;;) {
		list += strspn(list, ", \t");
		if (str_starts(list, "W/"))
			list += 2;
		if (*list != '"')	/* the end, or no list of tags */
			return false;
		n = strcspn(list + 1, "\"") + 2;
		if (list[n - 1] == '\0')
			return false;
		if (n == len && memcmp(list, tag, n) == 0)
			return true;
		list += n;
	}
}

enum err
resp_done_etag(struct resp *rs, struct req *rq)
{
	const char *seen = req_header(rq, "If-None-Match");
	char hex[SHA256_HEX], tag[36];
	enum err er;

	if ((er = resp_done(rs)) != E_OK)
		return er;
	crypto_sha256_hex(rs->body->data, rs->body->len, hex);
	snprintf(tag, sizeof tag, "\"%.32s\"", hex);
	resp_header(rs, "ETag", tag);
	resp_header(rs, "Cache-Control", "private, no-cache");
	if (seen != NULL && resp_etag_listed(seen, tag)) {
		rs->status = 304;
		buf_clear(rs->body);
	}
	return E_OK;
}

enum err
resp_raw(struct resp *rs, int status, const char *type, const void *p,
    size_t n)
{
	CHECK(rs, RESP_MAGIC);
	buf_clear(rs->body);
	rs->status = status;
	rs->type = type;
	if (!buf_put(rs->body, p, n))
		return err_set(rs->cx, E_NOMEM, "response too large");
	rs->done = true;
	return E_OK;
}

coroutine_fn enum err
resp_piece(struct req *rq, const void *p, size_t n)
{
	enum err er;

	if ((er = rq->transport->ops->write(rq->transport, p, n)) != E_OK)
		return er;
	return rq->transport->ops->flush(rq->transport);
}

coroutine_fn enum err
resp_stream(struct resp *rs, struct req *rq, const char *type)
{
	struct buf *b = buf_new(rs->cx, 32768);

	CHECK(rs, RESP_MAGIC);
	buf_fmt(b, "Status: 200 OK\r\nContent-Type: %s\r\n"
	    "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
	    "X-Request-Id: %s\r\n", type, rs->cx->reqid);
	buf_put(b, rs->headers->data, rs->headers->len);
	buf_puts(b, "\r\n");
	rs->status = 200;
	rs->streamed = true;
	return resp_piece(rq, b->data, b->len);
}

void
resp_problem(struct resp *rs, enum err er)
{
	const struct err_info *ei = &rs->cx->err;
	static const struct err_info none;
	const char *message;
	struct json *js;
	int retry;

	/* Returned without err_set(): cx->err is of an earlier error. */
	if (ei->code != er)
		ei = &none;
	message = ei->say[0] != '\0' ? ei->say : err_message(er);
	js = resp_json(rs, err_http(er));
	rs->type = "application/problem+json";
	json_str(js, "type", cx_fmt(rs->cx, "urn:mina:problem:%s",
	    err_slug(er)));
	json_str(js, "title", err_title(er));
	json_int(js, "status", err_http(er));
	json_str(js, "detail", message);
	json_bool(js, "ok", false);
	json_str(js, "code", err_slug(er));
	json_str(js, "message", message);
	json_str(js, "requestId", rs->cx->reqid);
	if (ei->field[0] != '\0')
		json_str(js, "field", ei->field);
	if (ei->reason != NULL)
		json_str(js, "reason", ei->reason);
	if (er == E_NOMATCHA) {
		json_int(js, "needed", ei->needed);
		json_int(js, "available", ei->available);
		json_str(js, "topUpUrl", rs->topup);
	}
	if (ei->generation[0] != '\0') {
		json_str(js, "generationId", ei->generation);
		json_int(js, "charged", 0);
	}
	retry = ei->retry_after > 0 ? ei->retry_after :
	    err_http(er) == 503 || err_http(er) == 429 ? 1 : 0;
	if (retry > 0) {
		json_int(js, "retryAfter", retry);
		resp_header(rs, "Retry-After", cx_fmt(rs->cx, "%d", retry));
	}
	while (js->depth > 0)
		json_end(js);
	rs->done = true;
}

coroutine_fn enum err
resp_send(struct resp *rs, struct req *rq)
{
	struct transport *p = rq->transport;
	struct buf *head = buf_new(rs->cx, 32768);
	bool bodyless = rq->method == M_HEAD || rs->status == 204 ||
	    rs->status == 304;
	enum err er;

	AN(rs->done);
	buf_fmt(head, "Status: %d %s\r\n", rs->status,
	    reason_phrase(rs->status));
	if (rs->status != 204 && rs->status != 304)
		buf_fmt(head, "Content-Type: %s\r\nContent-Length: %zu\r\n",
		    rs->type, rs->body->len);
	buf_fmt(head, "X-Request-Id: %s\r\n", rs->cx->reqid);
	if (strstr(rs->headers->data, "Cache-Control:") == NULL)
		buf_puts(head, "Cache-Control: no-store\r\n");
	buf_put(head, rs->headers->data, rs->headers->len);
	buf_puts(head, "\r\n");
	if ((er = p->ops->write(p, head->data, head->len)) != E_OK)
		return er;
	if (!bodyless && (er = p->ops->write(p, rs->body->data,
	    rs->body->len)) != E_OK)
		return er;
	rs->sent = bodyless ? 0 : rs->body->len;
	return E_OK;
}
