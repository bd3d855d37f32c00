/*
 * authuser - see authuser.h
 */
#include "config.h"

#include <ctype.h>

#include "auth/state_log.h"
#include "auth/user.h"
#include "core/sandbox.h"
#include "core/strmap.h"

#define EMAIL_MAX	255
#define ALNUM		"abcdefghijklmnopqrstuvwxyz0123456789"

static struct strmap	 by_id, by_email;
static struct authuser	*oldest, **tail = &oldest;

/* --- addresses */

static bool
good_domain(const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, ".");
		if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-' ||
		    strspn(s, ALNUM "-") < n)
			return false;
		if (s[n] == '\0')
			return true;
	}
}

/* As HTML's input type=email has it, which is what GoTrue goes by. */
bool
authuser_email(struct cx *cx, const char *s, const char **out)
{
	size_t len = strlen(s), n;
	char *copy;

	if (len == 0 || len > EMAIL_MAX)
		return false;
	copy = cx_dup(cx, s);
	for (char *p = copy; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	n = strspn(copy, ALNUM ".!#$%&'*+/=?^_`{|}~-");
	if (n == 0 || copy[n] != '@' || !good_domain(copy + n + 1))
		return false;
	*out = copy;
	return true;
}

void
auth_uuid_of(const char *kind, const void *data, size_t n,
    char out[UUID_LEN])
{
	unsigned char md[SHA256_LEN];
	char hex[SHA256_HEX];

	crypto_hmac(kind, strlen(kind), data, n, md);
	/* Version 4, like the random ones that GoTrue makes. */
	md[6] = (unsigned char)((md[6] & 0x0f) | 0x40);
	md[8] = (unsigned char)((md[8] & 0x3f) | 0x80);
	encode_hex(md, sizeof md, hex);
	snprintf(out, UUID_LEN, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
}

void
authuser_id(const char *email, char out[UUID_LEN])
{
	auth_uuid_of("user", email, strlen(email), out);
}

/* --- finding and making */

struct authuser *
authuser_find(const char *id)
{
	return strmap_get(&by_id, id);
}

struct authuser *
authuser_by_email(const char *email)
{
	return strmap_get(&by_email, email);
}

struct authuser *
authuser_oldest(void)
{
	return oldest;
}

static struct authuser *
insert(const char *id, const char *email, const char *data)
{
	struct authuser *u;

	XXXAN(u = calloc(1, sizeof *u));
	memcpy(u->id, id, UUID_LEN);
	u->email = authlog_keep(email);
	u->data = authlog_keep(data);
	strmap_put(&by_id, u->id, u);
	if (*email != '\0')
		strmap_put(&by_email, u->email, u);
	*tail = u;
	tail = &u->newer;
	return u;
}

struct authuser *
authuser_new(const char *email, const char *data)
{
	struct authuser *u;
	char id[UUID_LEN];

	if (*email != '\0')
		authuser_id(email, id);
	else
		crypto_uuid(id);
	u = insert(id, email, data != NULL ? data : "{}");
	u->created = clock_now();
	return u;
}

/* --- the journal */

static bool
write_one(const struct authuser *u)
{
	struct authlog l;
	struct json *js = authlog_begin(&l, "user");

	json_str(js, "id", u->id);
	json_str(js, "email", u->email);
	json_raw(js, "data", u->data);
	json_bool(js, "byEmail", u->by_email);
	json_bool(js, "byGoogle", u->by_google);
	json_time(js, "created", u->created);
	json_time(js, "updated", u->updated);
	json_time(js, "confirmed", u->confirmed);
	json_time(js, "mailed", u->mailed);
	json_time(js, "signedIn", u->signed_in);
	return authlog_end(&l);
}

bool
authuser_save(struct authuser *u)
{
	u->updated = clock_now();
	return write_one(u);
}

void
authuser_write(void)
{
	for (const struct authuser *u = oldest; u != NULL; u = u->newer)
		(void)write_one(u);
}

bool
authuser_replay(struct cx *cx, const char *op, const struct cJSON *js)
{
	const char *id = authlog_text(js, "id");
	struct authuser *u;

	if (!str_eq(op, "user"))
		return false;
	if (!str_is_uuid(id))
		return true;
	if ((u = authuser_find(id)) == NULL)
		u = insert(id, authlog_text(js, "email"),
		    json_is_obj(json_get(js, "data")) ?
		    json_print(cx, json_get(js, "data")) : "{}");
	u->by_email = json_true(json_get(js, "byEmail"));
	u->by_google = json_true(json_get(js, "byGoogle"));
	u->created = authlog_time(js, "created");
	u->updated = authlog_time(js, "updated");
	u->confirmed = authlog_time(js, "confirmed");
	u->mailed = authlog_time(js, "mailed");
	u->signed_in = authlog_time(js, "signedIn");
	return true;
}

/* --- as clients see them */

static void
identity_data(struct json *js, const char *key, const struct authuser *u)
{
	json_obj(js, key);
	json_str(js, "email", u->email);
	json_bool(js, "email_verified", u->confirmed != 0);
	json_bool(js, "phone_verified", false);
	json_str(js, "sub", u->id);
	json_end(js);
}

static void
identity(struct json *js, const struct authuser *u, const char *provider)
{
	char id[UUID_LEN];

	auth_uuid_of(provider, u->id, strlen(u->id), id);
	json_obj(js, NULL);
	json_str(js, "identity_id", id);
	json_str(js, "id", u->id);
	json_str(js, "user_id", u->id);
	identity_data(js, "identity_data", u);
	json_str(js, "provider", provider);
	json_time(js, "last_sign_in_at", u->signed_in != 0 ? u->signed_in :
	    u->created);
	json_time(js, "created_at", u->created);
	json_time(js, "updated_at", u->updated);
	json_str(js, "email", u->email);
	json_end(js);
}

static void
app_metadata(struct json *js, const struct authuser *u)
{
	json_obj(js, "app_metadata");
	if (u->by_email || u->by_google) {
		json_str(js, "provider", u->by_email ? "email" : "google");
		json_list(js, "providers");
		if (u->by_email)
			json_str(js, NULL, "email");
		if (u->by_google)
			json_str(js, NULL, "google");
		json_end(js);
	}
	json_end(js);
}

/* What was said at the sign-up, and what is known of the identity. */
static void
user_metadata(struct cx *cx, struct json *js, const struct authuser *u)
{
	static const char *const ours[] = { "email", "email_verified",
		"phone_verified", "sub", NULL };
	struct cJSON *data = NULL;

	json_obj(js, "user_metadata");
	if (json_parse(cx, u->data, strlen(u->data), &data) == E_OK)
		for (const struct cJSON *m = json_first(data); m != NULL;
		    m = json_next(m))
			if (*u->email == '\0' || !str_in(json_key(m), ours))
				json_tree(js, json_key(m), m);
	if (*u->email != '\0') {
		json_str(js, "email", u->email);
		json_bool(js, "email_verified", u->confirmed != 0);
		json_bool(js, "phone_verified", false);
		json_str(js, "sub", u->id);
	}
	json_end(js);
}

void
authuser_metadata(struct cx *cx, struct json *js, const struct authuser *u)
{
	app_metadata(js, u);
	user_metadata(cx, js, u);
}

static void
time_if(struct json *js, const char *key, int64_t ms)
{
	if (ms != 0)
		json_time(js, key, ms);
}

void
authuser_print(struct cx *cx, struct json *js, const char *key,
    const struct authuser *u)
{
	json_obj(js, key);
	json_str(js, "id", u->id);
	json_str(js, "aud", "authenticated");
	json_str(js, "role", "authenticated");
	json_str(js, "email", u->email);
	time_if(js, "email_confirmed_at", u->confirmed);
	json_str(js, "phone", "");
	time_if(js, "confirmation_sent_at", u->mailed);
	time_if(js, "confirmed_at", u->confirmed);
	time_if(js, "last_sign_in_at", u->signed_in);
	authuser_metadata(cx, js, u);
	json_list(js, "identities");
	if (u->by_email)
		identity(js, u, "email");
	if (u->by_google)
		identity(js, u, "google");
	json_end(js);
	json_time(js, "created_at", u->created);
	json_time(js, "updated_at", u->updated);
	json_bool(js, "is_anonymous", *u->email == '\0');
	json_end(js);
}
