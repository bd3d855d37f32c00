/*
 * authsess - see authsess.h
 */
#include "config.h"

#include "auth/refresh_token.h"
#include "auth/state_log.h"
#include "auth/user.h"
#include "core/sandbox.h"
#include "core/settings.h"
#include "core/strmap.h"

/* Who did not come back for so long is not read back at a start. */
#define KEEP_MS		((int64_t)30 * 86400 * 1000)

static struct strmap	 by_id, by_token;

static const char *const methods[] = { "otp", "oauth", "anonymous", NULL };

/* --- in memory */

static struct authsess *
insert(struct authuser *u, const char *id, const char *method, int64_t now)
{
	struct authsess *s;

	XXXAN(s = calloc(1, sizeof *s));
	memcpy(s->id, id, UUID_LEN);
	s->user = u;
	for (size_t i = 0; methods[i] != NULL; i++)
		if (str_eq(method, methods[i]))
			s->method = methods[i];
	AN(s->method);
	s->created = s->refreshed = now;
	s->older = u->sessions;
	u->sessions = s;
	strmap_put(&by_id, s->id, s);
	return s;
}

static void
push(struct authsess *s, const char *token, int64_t now)
{
	struct refresh *r;

	XXXAN(r = calloc(1, sizeof *r));
	memcpy(r->token, token, REFRESH_LEN);
	r->session = s;
	if (s->current != NULL) {
		s->current->used = now;
		s->current->next = r;
	} else
		s->first = r;
	s->current = r;
	s->refreshed = now;
	strmap_put(&by_token, r->token, r);
}

static void
forget(struct authsess *s)
{
	struct authsess **p = &s->user->sessions;
	struct refresh *r;

	while (*p != s)
		p = &(*p)->older;
	*p = s->older;
	while ((r = s->first) != NULL) {
		s->first = r->next;
		strmap_drop(&by_token, r->token);
		free(r);
	}
	strmap_drop(&by_id, s->id);
	free(s);
}

/* --- lines of the journal */

static bool
write_session(const struct authsess *s)
{
	struct authlog l;
	struct json *js = authlog_begin(&l, "session");

	json_str(js, "id", s->id);
	json_str(js, "user", s->user->id);
	json_str(js, "method", s->method);
	json_time(js, "at", s->created);
	return authlog_end(&l);
}

static bool
write_token(const char *session, const char *token, int64_t at)
{
	struct authlog l;
	struct json *js = authlog_begin(&l, "refresh");

	json_str(js, "session", session);
	json_str(js, "token", token);
	json_time(js, "at", at);
	return authlog_end(&l);
}

static bool
write_op(const char *op, const struct authsess *s)
{
	struct authlog l;

	json_str(authlog_begin(&l, op), "session", s->id);
	return authlog_end(&l);
}

static void
write_all(const struct authsess *s)
{
	int64_t at = s->created;

	(void)write_session(s);
	for (const struct refresh *r = s->first; r != NULL; r = r->next) {
		(void)write_token(s->id, r->token, at);
		at = r->used;
	}
	if (s->revoked)
		(void)write_op("revoke", s);
}

void
authsess_write(void)
{
	int64_t since = clock_now() - KEEP_MS;

	for (struct authuser *u = authuser_oldest(); u != NULL; u = u->newer)
		for (struct authsess *s = u->sessions; s != NULL;
		    s = s->older)
			if (s->refreshed >= since)
				write_all(s);
}

bool
authsess_replay(const char *op, const struct cJSON *js)
{
	static const char *const ops[] = { "session", "refresh", "revoke",
		"logout", NULL };
	const char *token = authlog_text(js, "token");
	const char *method = authlog_text(js, "method");
	const char *id = authlog_text(js, "id");
	struct authuser *u;
	struct authsess *s;

	if (!str_in(op, ops))
		return false;
	if (str_eq(op, "session")) {
		u = authuser_find(authlog_text(js, "user"));
		if (u != NULL && str_is_uuid(id) && str_in(method, methods) &&
		    authsess_find(id) == NULL)
			insert(u, id, method, authlog_time(js, "at"));
		return true;
	}
	if ((s = authsess_find(authlog_text(js, "session"))) == NULL)
		return true;
	if (str_eq(op, "logout"))
		forget(s);
	else if (str_eq(op, "revoke"))
		s->revoked = true;
	else if (strlen(token) == REFRESH_LEN - 1 &&
	    strmap_get(&by_token, token) == NULL)
		push(s, token, authlog_time(js, "at"));
	return true;
}

/* --- what happens */

/* 60 random bits, in the letters GoTrue uses. */
static void
draw(char out[REFRESH_LEN])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char r[REFRESH_LEN - 1];

	crypto_random(r, sizeof r);
	for (size_t i = 0; i < sizeof r; i++)
		out[i] = letters[r[i] & 31];
	out[sizeof r] = '\0';
}

static bool
rotate(struct authsess *s, int64_t now)
{
	char token[REFRESH_LEN];

	draw(token);
	if (!write_token(s->id, token, now))
		return false;
	push(s, token, now);
	return true;
}

struct authsess *
authsess_new(struct authuser *u, const char *method)
{
	int64_t now = clock_now();
	struct authsess *s;
	char id[UUID_LEN];

	u->signed_in = now;
	crypto_uuid(id);
	s = insert(u, id, method, now);
	if (authuser_save(u) && write_session(s) && rotate(s, now))
		return s;
	forget(s);
	return NULL;
}

struct authsess *
authsess_find(const char *id)
{
	return strmap_get(&by_id, id);
}

enum authsess_verdict
authsess_refresh(const char *token, struct authsess **out)
{
	struct refresh *r = strmap_get(&by_token, token);
	int64_t now = clock_now();
	struct authsess *s;

	if (r == NULL)
		return AUTHSESS_UNKNOWN;
	s = r->session;
	if (s->revoked)
		return AUTHSESS_REUSED;
	if (r->used == 0) {
		if (!rotate(s, now))
			return AUTHSESS_FAILED;
	} else if (now - r->used >= settings.reuse_ms) {
		if (!write_op("revoke", s))
			return AUTHSESS_FAILED;
		s->revoked = true;
		return AUTHSESS_REUSED;
	}
	*out = s;
	return AUTHSESS_OK;
}

bool
authsess_end(struct authsess *s)
{
	if (!write_op("logout", s))
		return false;
	forget(s);
	return true;
}

bool
authsess_end_all(struct authuser *u, const struct authsess *except)
{
	struct authsess *s, *next;

	for (s = u->sessions; s != NULL; s = next) {
		next = s->older;
		if (s != except && !authsess_end(s))
			return false;
	}
	return true;
}
