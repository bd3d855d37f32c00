/*
 * authmail - see authmail.h
 */
#include "config.h"

#include "auth/mail.h"
#include "auth/state_log.h"
#include "core/sandbox.h"
#include "core/settings.h"

#define MAILS_MAX	1000
#define PKCE		"pkce_"

static struct authmail	*newest, *oldest;
static unsigned		 nmails;

/* --- in memory */

static void
drop(struct authmail *m)
{
	*(m->older != NULL ? &m->older->newer : &oldest) = m->newer;
	*(m->newer != NULL ? &m->newer->older : &newest) = m->older;
	nmails--;
	free(m->to);
	free(m->redirect);
	free(m->challenge);
	free(m->method);
	free(m);
}

/* The one whose code counts; the others have been replaced. */
static struct authmail *
last_to(const char *to)
{
	struct authmail *m = newest;

	while (m != NULL && !str_eq(m->to, to))
		m = m->older;
	return m;
}

static struct authmail *
insert(const struct authmail_order *o)
{
	struct authmail *m;

	XXXAN(m = calloc(1, sizeof *m));
	m->to = authlog_keep(o->to);
	m->redirect = authlog_keep(o->redirect);
	m->challenge = authlog_keep(o->challenge);
	m->method = authlog_keep(o->method);
	m->signup = o->signup;
	m->older = newest;
	*(newest != NULL ? &newest->newer : &oldest) = m;
	newest = m;
	if (++nmails > MAILS_MAX)
		drop(oldest);
	return m;
}

struct authmail *
authmail_newest(void)
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

static bool
write_mail(const struct authmail *m)
{
	struct authlog l;
	struct json *js = authlog_begin(&l, "mail");

	json_str(js, "id", m->id);
	json_str(js, "to", m->to);
	json_bool(js, "signup", m->signup);
	json_str(js, "code", m->code);
	json_str(js, "hash", m->hash);
	json_str(js, "redirect", m->redirect);
	json_str(js, "challenge", m->challenge);
	json_str(js, "method", m->method);
	json_time(js, "sent", m->sent);
	return authlog_end(&l);
}

static bool
write_spent(const struct authmail *m)
{
	struct authlog l;

	json_str(authlog_begin(&l, "spent"), "mail", m->id);
	return authlog_end(&l);
}

void
authmail_write(void)
{
	for (const struct authmail *m = oldest; m != NULL; m = m->newer) {
		(void)write_mail(m);
		if (m->spent)
			(void)write_spent(m);
	}
}

static void
replay_mail(const struct cJSON *js)
{
	struct authmail_order o = { .to = authlog_text(js, "to"),
	    .redirect = authlog_text(js, "redirect"),
	    .challenge = authlog_text(js, "challenge"),
	    .method = authlog_text(js, "method"),
	    .signup = json_true(json_get(js, "signup")) };
	const char *id = authlog_text(js, "id");
	struct authmail *m;

	if (!str_is_uuid(id))
		return;
	m = insert(&o);
	memcpy(m->id, id, UUID_LEN);
	snprintf(m->code, sizeof m->code, "%s", authlog_text(js, "code"));
	snprintf(m->hash, sizeof m->hash, "%s", authlog_text(js, "hash"));
	m->sent = authlog_time(js, "sent");
}

bool
authmail_replay(const char *op, const struct cJSON *js)
{
	const char *id = authlog_text(js, "mail");

	if (str_eq(op, "mail"))
		replay_mail(js);
	else if (str_eq(op, "nomail"))
		drop_all();
	else if (!str_eq(op, "spent"))
		return false;
	for (struct authmail *m = newest; m != NULL; m = m->older)
		if (str_eq(m->id, id))
			m->spent = true;
	return true;
}

/* --- sending */

int64_t
authmail_wait(const char *to)
{
	const struct authmail *m = last_to(to);
	int64_t left;

	if (m == NULL || m->again)
		return 0;
	left = m->sent + settings.mail_ms - clock_now();
	return left > 0 ? left : 0;
}

void
authmail_again(const char *to)
{
	struct authmail *m = last_to(to);

	if (m != NULL)
		m->again = true;
}

/* Each of the million as likely as any other. */
static void
draw_code(char out[AUTHMAIL_CODE])
{
	uint32_t r;

	do
		crypto_random(&r, sizeof r);
	while (r >= 4294000000u);
	snprintf(out, AUTHMAIL_CODE, "%06u", r % 1000000);
}

static void
draw_hash(bool pkce, char out[AUTHMAIL_HASH])
{
	unsigned char r[28];
	char hex[2 * sizeof r + 1];

	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, hex);
	snprintf(out, AUTHMAIL_HASH, "%s%s", pkce ? PKCE : "", hex);
}

struct authmail *
authmail_send(const struct authmail_order *o)
{
	struct authmail *m = insert(o);

	crypto_uuid(m->id);
	draw_code(m->code);
	draw_hash(*m->challenge != '\0', m->hash);
	m->sent = clock_now();
	if (write_mail(m))
		return m;
	drop(m);
	return NULL;
}

/* --- signing in */

static bool
good(const struct authmail *m)
{
	return !m->spent && last_to(m->to) == m &&
	    clock_now() < m->sent + settings.code_ms;
}

static bool
fits(const struct authmail *m, const char *type)
{
	return str_eq(type, "email") || str_eq(type, authmail_type(m));
}

struct authmail *
authmail_by_code(const char *to, const char *code, const char *type)
{
	struct authmail *m = last_to(to);

	return m != NULL && good(m) && fits(m, type) &&
	    crypto_str_eq(m->code, code) ? m : NULL;
}

struct authmail *
authmail_by_hash(const char *hash, const char *type)
{
	for (struct authmail *m = newest; m != NULL; m = m->older)
		if (crypto_str_eq(m->hash, hash))
			return good(m) && fits(m, type) ? m : NULL;
	return NULL;
}

bool
authmail_spend(struct authmail *m)
{
	if (!write_spent(m))
		return false;
	m->spent = true;
	return true;
}

/* --- as people see it */

const char *
authmail_type(const struct authmail *m)
{
	return m->signup ? "signup" : "magiclink";
}

const char *
authmail_state(const struct authmail *m)
{
	return m->spent ? "used" : last_to(m->to) != m ? "replaced" :
	    good(m) ? "waiting" : "expired";
}

bool
authmail_forget_all(void)
{
	struct authlog l;

	(void)authlog_begin(&l, "nomail");
	if (!authlog_end(&l))
		return false;
	drop_all();
	return true;
}

const char *
authmail_link(struct cx *cx, const struct authmail *m)
{
	struct buf *b = buf_new(cx, 16384);

	buf_fmt(b, "%s/auth/v1/verify?token=%s&type=%s&redirect_to=",
	    conf_str(C_SANDBOX_URL), m->hash, authmail_type(m));
	url_encode(b, m->redirect, NULL);
	return b->data;
}
