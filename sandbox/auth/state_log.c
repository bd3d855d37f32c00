/*
 * authlog - see authlog.h
 */
#include "config.h"

#include "auth/mail.h"
#include "auth/refresh_token.h"
#include "auth/state_log.h"
#include "auth/user.h"
#include "core/sandbox.h"
#include "core/storage.h"

#define LINE_BYTES	(1 << 20)
#define ALL_BYTES	((size_t)1 << 30)

static struct journal	 journal;
static struct buf	*gathered;	/* lines go here while it is set */

bool
authlog_open(void)
{
	return journal_open(&journal, "auth.ndjson", 0600);
}

struct json *
authlog_begin(struct authlog *l, const char *op)
{
	buf_init(&l->buf, LINE_BYTES);
	json_init(&l->js, &l->buf);
	json_obj(&l->js, NULL);
	json_str(&l->js, "op", op);
	return &l->js;
}

bool
authlog_end(struct authlog *l)
{
	bool ok;

	json_end(&l->js);
	ok = json_ok(&l->js);
	if (ok && gathered != NULL)
		ok = buf_put(gathered, l->buf.data, l->buf.len) &&
		    buf_putc(gathered, '\n');
	else if (ok)
		ok = journal_write(&journal, &l->buf);
	if (!ok)
		log_err(NULL, "the journal of sign-ins cannot be written");
	buf_release(&l->buf);
	return ok;
}

static void
replay(const char *line, size_t len)
{
	struct cJSON *js = NULL;
	struct cx cx;
	const char *op;

	app_cx(&cx, LINE_BYTES * 4);
	if (json_parse(&cx, line, len, &js) == E_OK) {
		op = authlog_text(js, "op");
		if (!authuser_replay(&cx, op, js) && !authsess_replay(op, js)
		    && !authmail_replay(op, js))
			log_warn(&cx, "unknown line in the journal of "
			    "sign-ins: %.40s", op);
	}
	cx_release(&cx);
}

void
authlog_load(bool tidy)
{
	struct buf all;

	journal_each(&journal, replay);
	if (!tidy)
		return;
	buf_init(&all, ALL_BYTES);
	gathered = &all;
	authuser_write();
	authsess_write();
	authmail_write();
	gathered = NULL;
	if (!journal_replace(&journal, &all))
		log_warn(NULL, "the journal of sign-ins stays as long as "
		    "it is");
	buf_release(&all);
}

const char *
authlog_text(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));

	return s != NULL ? s : "";
}

int64_t
authlog_time(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));
	int64_t ms;

	return s != NULL && clock_parse(s, &ms) ? ms : 0;
}

char *
authlog_keep(const char *s)
{
	char *p;

	XXXAN(p = strdup(s));
	return p;
}
