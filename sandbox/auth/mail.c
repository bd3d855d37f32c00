/* mail - writes, keeps and redeems sign-in mails */
#include "config.h"

#include "auth/state.h"
#include "core/record.h"
#include "core/service.h"

#define MAILS_MAX	1000
#define PKCE		"pkce_"

static struct auth_mail	*newest, *oldest;
static unsigned		 nmails;

#define MAIL(key, type, member)	FIELD(key, type, struct auth_mail, member)

static const struct record_field fields[] = {
	MAIL("id", REC_CHARS, id),
	MAIL("to", REC_STR, to),
	MAIL("signup", REC_BOOL, signup),
	MAIL("code", REC_CHARS, code),
	MAIL("hash", REC_CHARS, hash),
	MAIL("redirect", REC_STR, redirect),
	MAIL("challenge", REC_STR, challenge),
	MAIL("method", REC_STR, method),
	MAIL("sent", REC_TIME, sent),
	{ 0 }
};

/* --- in memory */

static void
drop(struct auth_mail *m)
{
	*(m->older != NULL ? &m->older->newer : &oldest) = m->newer;
	*(m->newer != NULL ? &m->newer->older : &newest) = m->older;
	nmails--;
	record_free(fields, m);
	free(m);
}

/* The one whose code counts; the others have been replaced. */
static struct auth_mail *
last_to(const char *to)
{
	struct auth_mail *m = newest;

	while (m != NULL && !str_eq(m->to, to))
		m = m->older;
	return m;
}

static struct auth_mail *
insert(struct auth_mail *m)
{
	m->older = newest;
	*(newest != NULL ? &newest->newer : &oldest) = m;
	newest = m;
	if (++nmails > MAILS_MAX)
		drop(oldest);
	return m;
}

struct auth_mail *
auth_mail_newest(void)
{
	return newest;
}

static void
drop_all(void)
{
	while (newest != NULL)
		drop(newest);
}

/* --- the journal */

void
auth_mail_write(void)
{
	for (const struct auth_mail *m = oldest; m != NULL; m = m->newer) {
		(void)state_log_record("mail", fields, m);
		if (m->spent)
			(void)state_log_note("spent", "mail", m->id);
	}
}

static void
replay_mail(struct cx *cx, const struct cJSON *js)
{
	struct auth_mail *m;

	if (!str_is_uuid(text_of(js, "id")))
		return;
	XXXAN(m = calloc(1, sizeof *m));
	record_read(cx, js, fields, m);
	insert(m);
}

bool
auth_mail_replay(struct cx *cx, const char *op, const struct cJSON *js)
{
	const char *id = text_of(js, "mail");

	if (str_eq(op, "mail"))
		replay_mail(cx, js);
	else if (str_eq(op, "nomail"))
		drop_all();
	else if (!str_eq(op, "spent"))
		return false;
	for (struct auth_mail *m = newest; m != NULL; m = m->older)
		if (str_eq(m->id, id))
			m->spent = true;
	return true;
}

/* --- sending */

int64_t
auth_mail_wait(const char *to)
{
	const struct auth_mail *m = last_to(to);
	int64_t left;

	if (m == NULL || m->again)
		return 0;
	left = m->sent + settings.mail_ms - clock_now();
	return left > 0 ? left : 0;
}

void
auth_mail_again(const char *to)
{
	struct auth_mail *m = last_to(to);

	if (m != NULL)
		m->again = true;
}

/* Each of the million as likely as any other. */
static void
draw_code(char out[MAIL_CODE])
{
	uint32_t r;

	do
		crypto_random(&r, sizeof r);
	while (r >= 4294000000u);
	snprintf(out, MAIL_CODE, "%06u", r % 1000000);
}

static void
draw_hash(bool pkce, char out[MAIL_HASH])
{
	unsigned char r[28];
	char hex[2 * sizeof r + 1];

	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, hex);
	snprintf(out, MAIL_HASH, "%s%s", pkce ? PKCE : "", hex);
}

struct auth_mail *
auth_mail_send(const struct auth_mail_order *o)
{
	struct auth_mail *m;

	XXXAN(m = calloc(1, sizeof *m));
	crypto_uuid(m->id);
	draw_code(m->code);
	draw_hash(*o->challenge != '\0', m->hash);
	m->to = keep(o->to);
	m->redirect = keep(o->redirect);
	m->challenge = keep(o->challenge);
	m->method = keep(o->method);
	m->signup = o->signup;
	m->sent = clock_now();
	if (state_log_record("mail", fields, m))
		return insert(m);
	record_free(fields, m);
	free(m);
	return NULL;
}

/* --- signing in */

static bool
good(const struct auth_mail *m)
{
	return !m->spent && last_to(m->to) == m &&
	    clock_now() < m->sent + settings.code_ms;
}

static bool
fits(const struct auth_mail *m, const char *type)
{
	return str_eq(type, "email") || str_eq(type, auth_mail_type(m));
}

struct auth_mail *
auth_mail_by_code(const char *to, const char *code, const char *type)
{
	struct auth_mail *m = last_to(to);

	return m != NULL && good(m) && fits(m, type) &&
	    crypto_str_eq(m->code, code) ? m : NULL;
}

struct auth_mail *
auth_mail_by_hash(const char *hash, const char *type)
{
	for (struct auth_mail *m = newest; m != NULL; m = m->older)
		if (crypto_str_eq(m->hash, hash))
			return good(m) && fits(m, type) ? m : NULL;
	return NULL;
}

bool
auth_mail_spend(struct auth_mail *m)
{
	if (!state_log_note("spent", "mail", m->id))
		return false;
	m->spent = true;
	return true;
}

/* --- as people see it */

const char *
auth_mail_type(const struct auth_mail *m)
{
	return m->signup ? "signup" : "magiclink";
}

const char *
auth_mail_state(const struct auth_mail *m)
{
	return m->spent ? "used" : last_to(m->to) != m ? "replaced" :
	    good(m) ? "waiting" : "expired";
}

bool
auth_mail_forget_all(void)
{
	if (!state_log_note("nomail", NULL, NULL))
		return false;
	drop_all();
	return true;
}

const char *
auth_mail_link(struct cx *cx, const struct auth_mail *m)
{
	struct buf *b = buf_new(cx, 16384);

	buf_fmt(b, "%s/auth/v1/verify?token=%s&type=%s&redirect_to=",
	    conf_str(C_SANDBOX_URL), m->hash, auth_mail_type(m));
	url_encode(b, m->redirect, NULL);
	return b->data;
}
