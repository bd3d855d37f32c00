/* state_log - writes the journal of sign-ins, and reads it back */
#include "config.h"

#include "auth/state.h"
#include "core/record.h"
#include "core/service.h"
#include "core/storage.h"

#define LINE_BYTES	(1 << 20)
#define ALL_BYTES	((size_t)1 << 30)

static struct journal	 journal;
static struct buf	*gathered;	/* lines go here while it is set */

bool
state_log_open(void)
{
	return journal_open(&journal, "auth.ndjson", 0600);
}

struct json *
state_log_begin(struct state_line *l, const char *op)
{
	buf_init(&l->buf, LINE_BYTES);
	json_init(&l->js, &l->buf);
	json_put(&l->js, j_obj(NULL), j_str("op", op));
	return &l->js;
}

bool
state_log_end(struct state_line *l)
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

bool
state_log_record(const char *op, const struct record_field *fields,
    const void *rec)
{
	struct state_line l;

	record_write(state_log_begin(&l, op), fields, rec);
	return state_log_end(&l);
}

bool
state_log_note(const char *op, const char *key, const char *value)
{
	struct state_line l;
	struct json *js = state_log_begin(&l, op);

	if (key != NULL)
		json_str(js, key, value);
	return state_log_end(&l);
}

static void
replay(const char *line, size_t len)
{
	struct cJSON *js = NULL;
	struct cx cx;
	const char *op;

	app_cx(&cx, LINE_BYTES * 4);
	if (json_parse(&cx, line, len, &js) == E_OK) {
		op = text_of(js, "op");
		if (!auth_user_replay(&cx, op, js) &&
		    !auth_session_replay(&cx, op, js) &&
		    !auth_mail_replay(&cx, op, js))
			log_warn(&cx, "unknown line in the journal of "
			    "sign-ins: %.40s", op);
	}
	cx_release(&cx);
}

void
state_log_load(bool tidy)
{
	struct buf all;

	journal_each(&journal, replay);
	if (!tidy)
		return;
	buf_init(&all, ALL_BYTES);
	gathered = &all;
	auth_user_write();
	auth_session_write();
	auth_mail_write();
	gathered = NULL;
	if (!journal_replace(&journal, &all))
		log_warn(NULL, "the journal of sign-ins stays as long as "
		    "it is");
	buf_release(&all);
}
