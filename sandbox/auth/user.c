/* user - finds, makes, keeps and prints users */
#include "config.h"

#include <ctype.h>

#include "auth/state.h"
#include "core/record.h"
#include "core/service.h"
#include "core/strmap.h"

#define EMAIL_MAX	255
#define ALNUM		"abcdefghijklmnopqrstuvwxyz0123456789"

static struct strmap	 by_id, by_email;
static struct auth_user	*oldest, **tail = &oldest;

#define USER(key, type, member)	FIELD(key, type, struct auth_user, member)

/* What is set when it is made, and what may change. */
static const struct record_field made_fields[] = {
	USER("id", REC_CHARS, id),
	USER("email", REC_STR, email),
	USER("data", REC_JSON, data),
	{ 0 }
};
static const struct record_field fields[] = {
	USER("byEmail", REC_BOOL, by_email),
	USER("byGoogle", REC_BOOL, by_google),
	USER("created", REC_TIME, created),
	USER("updated", REC_TIME, updated),
	USER("confirmed", REC_TIME, confirmed),
	USER("mailed", REC_TIME, mailed),
	USER("signedIn", REC_TIME, signed_in),
	{ 0 }
};

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
auth_user_email(struct cx *cx, const char *s, const char **out)
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
auth_user_id(const char *email, char out[UUID_LEN])
{
	auth_uuid_of("user", email, strlen(email), out);
}

/* --- finding and making */

struct auth_user *
auth_user_find(const char *id)
{
	return strmap_get(&by_id, id);
}

struct auth_user *
auth_user_by_email(const char *email)
{
	return strmap_get(&by_email, email);
}

struct auth_user *
auth_user_oldest(void)
{
	return oldest;
}

static struct auth_user *
insert(const char *id, const char *email, const char *data)
{
	struct auth_user *u;

	XXXAN(u = calloc(1, sizeof *u));
	memcpy(u->id, id, UUID_LEN);
	u->email = keep(email);
	u->data = keep(data);
	strmap_put(&by_id, u->id, u);
	if (*email != '\0')
		strmap_put(&by_email, u->email, u);
	*tail = u;
	tail = &u->newer;
	return u;
}

struct auth_user *
auth_user_new(const char *email, const char *data)
{
	struct auth_user *u;
	char id[UUID_LEN];

	if (*email != '\0')
		auth_user_id(email, id);
	else
		crypto_uuid(id);
	u = insert(id, email, data != NULL ? data : "{}");
	u->created = clock_now();
	return u;
}

/* --- the journal */

static bool
write_one(const struct auth_user *u)
{
	struct state_line l;
	struct json *js = state_log_begin(&l, "user");

	record_write(js, made_fields, u);
	record_write(js, fields, u);
	return state_log_end(&l);
}

bool
auth_user_save(struct auth_user *u)
{
	u->updated = clock_now();
	return write_one(u);
}

void
auth_user_write(void)
{
	for (const struct auth_user *u = oldest; u != NULL; u = u->newer)
		(void)write_one(u);
}

bool
auth_user_replay(struct cx *cx, const char *op, const struct cJSON *js)
{
	const char *id = text_of(js, "id");
	struct auth_user *u;

	if (!str_eq(op, "user"))
		return false;
	if (!str_is_uuid(id))
		return true;
	if ((u = auth_user_find(id)) == NULL)
		u = insert(id, text_of(js, "email"),
		    json_is_obj(json_get(js, "data")) ?
		    json_print(cx, json_get(js, "data")) : "{}");
	record_read(cx, js, fields, u);
	return true;
}

/* --- as clients see them */

static void
identity_data(struct json *js, const char *key, const struct auth_user *u)
{
	json_put(js, j_obj(key), j_str("email", u->email),
	    j_bool("email_verified", u->confirmed != 0),
	    j_bool("phone_verified", false), j_str("sub", u->id), j_end());
}

static void
identity(struct json *js, const struct auth_user *u, const char *provider)
{
	char id[UUID_LEN];

	auth_uuid_of(provider, u->id, strlen(u->id), id);
	json_put(js, j_obj(NULL), j_str("identity_id", id), j_str("id", u->id),
	    j_str("user_id", u->id));
	identity_data(js, "identity_data", u);
	json_put(js, j_str("provider", provider),
	    j_time("last_sign_in_at", u->signed_in != 0 ? u->signed_in :
	    u->created), j_time("created_at", u->created),
	    j_time("updated_at", u->updated), j_str("email", u->email),
	    j_end());
}

static void
app_metadata(struct json *js, const struct auth_user *u)
{
	json_obj(js, "app_metadata");
	if (u->by_email || u->by_google) {
		json_put(js,
		    j_str("provider", u->by_email ? "email" : "google"),
		    j_list("providers"));
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
user_metadata(struct cx *cx, struct json *js, const struct auth_user *u)
{
	static const char *const ours[] = { "email", "email_verified",
		"phone_verified", "sub", NULL };
	struct cJSON *data = NULL;

	json_obj(js, "user_metadata");
	if (json_parse(cx, u->data, strlen(u->data), &data) == E_OK)
		JSON_EACH(m, data)
			if (*u->email == '\0' || !str_in(json_key(m), ours))
				json_tree(js, json_key(m), m);
	if (*u->email != '\0') {
		json_put(js, j_str("email", u->email),
		    j_bool("email_verified", u->confirmed != 0),
		    j_bool("phone_verified", false), j_str("sub", u->id));
	}
	json_end(js);
}

void
auth_user_metadata(struct cx *cx, struct json *js, const struct auth_user *u)
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
auth_user_print(struct cx *cx, struct json *js, const char *key,
    const struct auth_user *u)
{
	json_put(js, j_obj(key), j_str("id", u->id),
	    j_const("aud:'authenticated' role:'authenticated'"),
	    j_str("email", u->email));
	time_if(js, "email_confirmed_at", u->confirmed);
	json_str(js, "phone", "");
	time_if(js, "confirmation_sent_at", u->mailed);
	time_if(js, "confirmed_at", u->confirmed);
	time_if(js, "last_sign_in_at", u->signed_in);
	auth_user_metadata(cx, js, u);
	json_list(js, "identities");
	if (u->by_email)
		identity(js, u, "email");
	if (u->by_google)
		identity(js, u, "google");
	json_put(js, j_end(), j_time("created_at", u->created),
	    j_time("updated_at", u->updated),
	    j_bool("is_anonymous", *u->email == '\0'), j_end());
}
