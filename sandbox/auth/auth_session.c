/* auth_session - sessions, and refresh tokens that are used once */
#include "config.h"

#include "auth/state.h"
#include "core/service.h"
#include "core/strmap.h"

/* A session unused for so long is not kept over a start. */
#define KEEP_MS		((int64_t)30 * 86400 * 1000)

static struct strmap	 by_id, by_token;

static const char *const methods[] = { "otp", "magiclink", "email/signup",
	"oauth", "anonymous", NULL };

/* --- in memory */

static struct auth_session *
insert(struct auth_user *u, const char *id, const char *method, int64_t now)
{
	struct auth_session *s;

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
push(struct auth_session *s, const char *token, int64_t now)
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
forget(struct auth_session *s)
{
	struct auth_session **p = &s->user->sessions;
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
write_session(const struct auth_session *s)
{
	struct state_line l;
	struct json *js = state_log_begin(&l, "session");

	json_put(js, j_str("id", s->id), j_str("user", s->user->id),
	    j_str("method", s->method), j_time("at", s->created));
	return state_log_end(&l);
}

static bool
write_token(const char *session, const char *token, int64_t at)
{
	struct state_line l;
	struct json *js = state_log_begin(&l, "refresh");

	json_put(js, j_str("session", session), j_str("token", token),
	    j_time("at", at));
	return state_log_end(&l);
}

static void
write_all(const struct auth_session *s)
{
	int64_t at = s->created;

	(void)write_session(s);
	for (const struct refresh *r = s->first; r != NULL; r = r->next) {
		(void)write_token(s->id, r->token, at);
		at = r->used;
	}
	if (s->revoked)
		(void)state_log_note("revoke", "session", s->id);
}

void
auth_session_write(void)
{
	int64_t since = clock_now() - KEEP_MS;

	for (struct auth_user *u = auth_user_oldest(); u != NULL; u = u->newer)
		for (struct auth_session *s = u->sessions; s != NULL;
		    s = s->older)
			if (s->refreshed >= since)
				write_all(s);
}

bool
auth_session_replay(struct cx *cx, const char *op, const struct cJSON *js)
{
	const char *token = text_of(js, "token");
	const char *method = text_of(js, "method");
	const char *id = text_of(js, "id");
	struct auth_session *s;
	struct auth_user *u;
	int64_t at = 0;

	(void)cx;
	(void)clock_parse(text_of(js, "at"), &at);
	if (!word_in("session refresh revoke logout", op))
		return false;
	if (str_eq(op, "session")) {
		u = auth_user_find(text_of(js, "user"));
		if (u != NULL && str_is_uuid(id) && str_in(method, methods) &&
		    auth_session_find(id) == NULL)
			insert(u, id, method, at);
		return true;
	}
	if ((s = auth_session_find(text_of(js, "session"))) == NULL)
		return true;
	if (str_eq(op, "logout"))
		forget(s);
	else if (str_eq(op, "revoke"))
		s->revoked = true;
	else if (strlen(token) == REFRESH_LEN - 1 &&
	    strmap_get(&by_token, token) == NULL)
		push(s, token, at);
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
rotate(struct auth_session *s, int64_t now)
{
	char token[REFRESH_LEN];

	draw(token);
	if (!write_token(s->id, token, now))
		return false;
	push(s, token, now);
	return true;
}

struct auth_session *
auth_session_new(struct auth_user *u, const char *method)
{
	int64_t now = clock_now();
	struct auth_session *s;
	char id[UUID_LEN];

	u->signed_in = now;
	crypto_uuid(id);
	s = insert(u, id, method, now);
	if (auth_user_save(u) && write_session(s) && rotate(s, now))
		return s;
	forget(s);
	return NULL;
}

struct auth_session *
auth_session_find(const char *id)
{
	return strmap_get(&by_id, id);
}

enum refresh_verdict
auth_session_refresh(const char *token, struct auth_session **out)
{
	struct refresh *r = strmap_get(&by_token, token);
	int64_t now = clock_now();
	struct auth_session *s;

	if (r == NULL)
		return REFRESH_UNKNOWN;
	s = r->session;
	if (s->revoked)
		return REFRESH_REUSED;
	if (r->used == 0) {
		if (!rotate(s, now))
			return REFRESH_FAILED;
	} else if (now - r->used >= settings.reuse_ms) {
		if (!state_log_note("revoke", "session", s->id))
			return REFRESH_FAILED;
		s->revoked = true;
		return REFRESH_REUSED;
	}
	*out = s;
	return REFRESH_OK;
}

bool
auth_session_end(struct auth_session *s)
{
	if (!state_log_note("logout", "session", s->id))
		return false;
	forget(s);
	return true;
}

bool
auth_session_end_all(struct auth_user *u, const struct auth_session *except)
{
	struct auth_session *s, *next;

	for (s = u->sessions; s != NULL; s = next) {
		next = s->older;
		if (s != except && !auth_session_end(s))
			return false;
	}
	return true;
}
