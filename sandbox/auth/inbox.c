/*
 * inbox - see inbox.h
 *
 * The page is whole without a script; page/inbox.js asks for it again now
 * and then and copies codes.
 */
#include "config.h"

#include "auth/inbox.h"
#include "auth/mail.h"
#include "auth/user.h"
#include "core/html.h"
#include "core/sandbox.h"
#include "core/settings.h"

#define SHOWN		50
#define PAGE_MAX	(1 << 20)

/* The next one to show from m on; to NULL: whoever it is for. */
static const struct authmail *
next(const struct authmail *m, const char *to)
{
	while (m != NULL && to != NULL && !str_eq(m->to, to))
		m = m->older;
	return m;
}

/* ?to=, NULL for all; what is no address finds nothing. */
static const char *
filter(struct cx *cx, struct req *rq)
{
	const char *to = req_query(cx, rq, "to");

	if (to == NULL || *to == '\0')
		return NULL;
	return authuser_email(cx, to, &to) ? to : "";
}

static const char *
subject(const struct authmail *m)
{
	return m->signup ? "Confirm your address" : "Your sign-in code";
}

/* GET /inbox.json?to= */
enum err
inbox_json(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *to = filter(cx, rq);
	struct json *js = resp_json(rs, 200);
	const struct authmail *m;
	int n = 0;

	json_list(js, "mails");
	for (m = next(authmail_newest(), to); m != NULL && n++ < SHOWN;
	    m = next(m->older, to)) {
		json_obj(js, NULL);
		json_str(js, "id", m->id);
		json_str(js, "to", m->to);
		json_str(js, "subject", subject(m));
		json_str(js, "type", authmail_type(m));
		json_str(js, "code", m->code);
		json_str(js, "tokenHash", m->hash);
		json_str(js, "link", authmail_link(cx, m));
		json_str(js, "redirectTo", m->redirect);
		json_time(js, "sentAt", m->sent);
		json_time(js, "expiresAt", m->sent + settings.code_ms);
		json_str(js, "state", authmail_state(m));
		json_end(js);
	}
	json_end(js);
	return resp_done(rs);
}

/* --- the page */

static void
moment(struct buf *b, int64_t ms)
{
	char t[CLOCK_LEN];

	clock_rfc3339(ms, t);
	buf_fmt(b, "<time datetime=\"%s\">%.8s UTC</time>", t, t + 11);
}

static void
waiting(struct cx *cx, struct buf *b, const struct authmail *m)
{
	buf_fmt(b, "<button type=\"button\" class=\"code\" "
	    "data-copy=\"%s\"><span>%.3s</span><span>%s</span>"
	    "<span class=\"copy\">Copy</span></button>\n<div class=\"row\">"
	    "<a class=\"strong\" href=\"", m->code, m->code, m->code + 3);
	html(b, "%s", authmail_link(cx, m));
	buf_puts(b, "\">Sign in</a><span class=\"state\">Good until ");
	moment(b, m->sent + settings.code_ms);
	buf_puts(b, "</span></div>\n");
}

static void
over(struct buf *b, const struct authmail *m, const char *state)
{
	buf_fmt(b, "<p class=\"code\"><span>%.3s</span><span>%s</span>"
	    "<span class=\"state\">%s</span></p>\n", m->code, m->code + 3,
	    str_eq(state, "used") ? "Used" : str_eq(state, "expired") ?
	    "Expired" : "A newer mail counts");
}

static void
article(struct cx *cx, struct buf *b, const struct authmail *m)
{
	const char *state = authmail_state(m);

	buf_fmt(b, "<article class=\"mail %s\" id=\"mail-%s\">\n<h2>",
	    state, m->id);
	html(b, "%s", m->to);
	buf_fmt(b, "</h2>\n<p class=\"subject\">%s, ", subject(m));
	moment(b, m->sent);
	buf_puts(b, "</p>\n");
	if (str_eq(state, "waiting"))
		waiting(cx, b, m);
	else
		over(b, m, state);
	buf_puts(b, "</article>\n");
}

static void
nothing(struct buf *b, const char *to)
{
	buf_puts(b, "<div class=\"nothing\">\n<div class=\"bowl\" "
	    "aria-hidden=\"true\"></div>\n<h2>No mail");
	if (to != NULL && *to != '\0') {
		buf_puts(b, " for ");
		html(b, "%s", to);
	}
	buf_puts(b, " yet</h2>\n<p class=\"soft\">Ask for a sign-in code, "
	    "and it is here in the same moment.</p>\n</div>\n");
}

static void
write_page(struct cx *cx, struct buf *b, const char *to)
{
	const struct authmail *m = next(authmail_newest(), to);

	html_head(b, "Inbox - Mina sandbox", "inbox.js");
	buf_puts(b, "<header class=\"top\">\n<h1>Inbox</h1>\n<p class=\"soft\">"
	    "What Mina would have mailed. Nothing leaves this machine.");
	if (to != NULL)
		buf_puts(b, " <a href=\"/inbox\">Show every mail</a>");
	buf_puts(b, "</p>\n</header>\n<main id=\"mails\">\n");
	if (m == NULL)
		nothing(b, to);
	for (int n = 0; m != NULL && n < SHOWN; n++) {
		article(cx, b, m);
		m = next(m->older, to);
	}
	buf_puts(b, "</main>\n<p id=\"said\" class=\"said\" role=\"status\">"
	    "</p>\n");
	html_tail(b);
}

/* GET /inbox?to= */
enum err
inbox_page(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct buf *b = buf_new(cx, PAGE_MAX);
	const char *had = req_header(rq, "If-None-Match");
	char sum[SHA256_HEX];
	const char *tag;

	write_page(cx, b, filter(cx, rq));
	if (!buf_ok(b))
		return err_set(cx, E_NOMEM, "the inbox is too long");
	crypto_sha256_hex(b->data, b->len, sum);
	tag = cx_fmt(cx, "\"%.32s\"", sum);
	resp_header(rs, "ETag", tag);
	resp_header(rs, "Cache-Control", "no-cache");
	/* nginx makes a tag weak when it compresses. */
	if (had != NULL && strstr(had, tag) != NULL)
		return resp_raw(rs, 304, "text/html", "", 0);
	return resp_raw(rs, 200, "text/html; charset=utf-8", b->data,
	    b->len);
}
