/*
 * inbox - the mails that were sent, as a page and as JSON
 *
 * The page is whole without a script; page/inbox.js asks for it again now
 * and then and copies codes.
 */
#include "config.h"

#include "auth/auth.h"
#include "auth/state.h"
#include "core/html.h"
#include "core/service.h"

#define SHOWN		50
#define PAGE_MAX	(1 << 20)

/* The next one to show from m on; to NULL: to any address. */
static const struct auth_mail *
next(const struct auth_mail *m, const char *to)
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
	return auth_user_email(cx, to, &to) ? to : "";
}

static const char *
subject(const struct auth_mail *m)
{
	return m->signup ? "Confirm your address" : "Your sign-in code";
}

/* GET /inbox.json?to= */
enum err
inbox_json(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *to = filter(cx, rq);
	struct json *js = resp_json(rs, 200);
	const struct auth_mail *m;
	int n = 0;

	json_list(js, "mails");
	for (m = next(auth_mail_newest(), to); m != NULL && n++ < SHOWN;
	    m = next(m->older, to)) {
		json_put(js, j_obj(NULL), j_str("id", m->id),
		    j_str("to", m->to), j_str("subject", subject(m)),
		    j_str("type", auth_mail_type(m)), j_str("code", m->code),
		    j_str("tokenHash", m->hash),
		    j_str("link", auth_mail_link(cx, m)),
		    j_str("redirectTo", m->redirect), j_time("sentAt", m->sent),
		    j_time("expiresAt", m->sent + settings.code_ms),
		    j_str("state", auth_mail_state(m)), j_end());
	}
	json_end(js);
	return resp_done(rs);
}

/* --- the page */

struct moment {
	char	rfc3339[CLOCK_LEN], clock[16];
};

static struct moment
moment(int64_t ms)
{
	struct moment m;

	clock_rfc3339(ms, m.rfc3339);
	snprintf(m.clock, sizeof m.clock, "%.8s UTC", m.rfc3339 + 11);
	return m;
}

static void
article(struct cx *cx, struct buf *b, const struct auth_mail *m)
{
	const char *state = auth_mail_state(m);
	struct moment sent = moment(m->sent);
	struct moment end = moment(m->sent + settings.code_ms);

	html(b, "<article class=\"mail %s\" id=\"mail-%s\">\n<h2>%s</h2>\n"
	    "<p class=\"subject\">%s, <time datetime=\"%s\">%s</time></p>\n",
	    state, m->id, m->to, subject(m), sent.rfc3339, sent.clock);
	if (str_eq(state, "waiting"))
		html(b, "<button type=\"button\" class=\"code\" "
		    "data-copy=\"%s\"><span>%.3s</span><span>%s</span>"
		    "<span class=\"copy\">Copy</span></button>\n"
		    "<div class=\"row\"><a class=\"strong\" href=\"%s\">"
		    "Sign in</a><span class=\"state\">Good until "
		    "<time datetime=\"%s\">%s</time></span></div>\n",
		    m->code, m->code, m->code + 3, auth_mail_link(cx, m),
		    end.rfc3339, end.clock);
	else
		html(b, "<p class=\"code\"><span>%.3s</span><span>%s</span>"
		    "<span class=\"state\">%s</span></p>\n", m->code,
		    m->code + 3, str_eq(state, "used") ? "Used" :
		    str_eq(state, "expired") ? "Expired" :
		    "A newer mail counts");
	buf_puts(b, "</article>\n");
}

static void
write_page(struct cx *cx, struct buf *b, const char *to)
{
	const struct auth_mail *m = next(auth_mail_newest(), to);

	html_head(b, "Inbox - Mina sandbox", "inbox.js");
	buf_puts(b, "<header class=\"top\">\n<h1>Inbox</h1>\n<p class=\"soft\">"
	    "What Mina would have mailed. Nothing leaves this machine.");
	if (to != NULL)
		buf_puts(b, " <a href=\"/inbox\">Show every mail</a>");
	buf_puts(b, "</p>\n</header>\n<main id=\"mails\">\n");
	if (m == NULL)
		html(b, "<div class=\"nothing\">\n<div class=\"bowl\" "
		    "aria-hidden=\"true\"></div>\n<h2>No mail%s%s yet</h2>\n"
		    "<p class=\"soft\">Ask for a sign-in code, and it is here "
		    "in the same moment.</p>\n</div>\n",
		    to != NULL && *to != '\0' ? " for " : "", to);
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
