/*
 * ident - see ident.h
 */
#include "config.h"

#include <string.h>

#include "conf.h"
#include "settings.h"
#include "cx.h"
#include "hash.h"
#include "ident.h"
#include "json.h"
#include "pg.h"
#include "req.h"
#include "str.h"

#define USER	"pass:user:"
#define SHOPIFY	"pass:shopify:"
#define ANON	"pass:anon:"

static bool
all_digits(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 20 && strspn(s, "0123456789") == n;
}

bool
ident_well_formed(const char *pass)
{
	if (str_starts(pass, USER))
		return str_is_uuid(pass + strlen(USER));
	if (str_starts(pass, ANON))
		return str_is_uuid(pass + strlen(ANON));
	if (str_starts(pass, SHOPIFY))
		return all_digits(pass + strlen(SHOPIFY));
	return str_eq(pass, IDENT_ANONYMOUS);
}

static enum err
selector(struct cx *cx, struct req *rq, const char **out)
{
	static const char *const member[] = { "customerId", "passId" };
	const char *s = NULL;
	enum err er;

	for (size_t i = 0; i < 2 && rq->json != NULL; i++) {
		if ((er = json_may_str(cx, rq->json, "", member[i], 0, 100,
		    &s)) != E_OK)
			return er;
		if (s != NULL && *s != '\0') {
			*out = s;
			return E_OK;
		}
	}
	s = req_header(rq, "X-Mina-Pass-Id");
	*out = s == NULL || *s == '\0' ? IDENT_ANONYMOUS : s;
	return E_OK;
}

enum err
ident_of(struct cx *cx, struct req *rq, const char **pass)
{
	const char *s;
	enum err er;

	if ((er = selector(cx, rq, &s)) != E_OK)
		return er;
	if (!ident_well_formed(s))
		return err_say(cx, E_BADREQ, "The pass id is not of a form "
		    "we know: pass:user:<uuid>, pass:shopify:<digits>, "
		    "pass:anon:<uuid>.");
	if (strcmp(conf_str(C_AUTH), "trusted") != 0 &&
	    (str_starts(s, USER) || str_starts(s, SHOPIFY)))
		return err_set(cx, E_NOAUTH, "%.12s without a token", s);
	*pass = cx_dup(cx, s);
	return E_OK;
}

char *
ident_mint(struct cx *cx)
{
	char uuid[UUID_LEN];

	hash_uuid(uuid);
	return cx_fmt(cx, ANON "%s", uuid);
}

static const struct stmt S_CUSTOMER = STMT("ident_customer",
    "select pass, email, credits, held, expires_at, last_active, disabled "
    "from mina_customer($1, $2::uuid, $3, null, $4::int, $5::int)");

enum err
ident_customer(struct cx *cx, const char *pass, struct customer *out)
{
	const char *user = NULL, *shopify = NULL;
	const struct row *row;
	int64_t welcome, days;
	enum err er;

	if (str_starts(pass, USER))
		user = pass + strlen(USER);
	else if (str_starts(pass, SHOPIFY))
		shopify = pass + strlen(SHOPIFY);
	if ((er = settings_int(cx, user != NULL ? "credits.welcome" :
	    "credits.welcome_anonymous", 0, &welcome)) != E_OK ||
	    (er = settings_int(cx, "credits.days", 30, &days)) != E_OK)
		return er;
	/* Only verified people are welcomed as such; tokens verify. */
	if (user != NULL && strcmp(conf_str(C_AUTH), "trusted") != 0)
		welcome = 0;
	if (shopify != NULL)
		welcome = 0;
	if ((er = pg_one(cx, &S_CUSTOMER, &row, pg_text(pass), pg_text(user),
	    pg_text(shopify), pg_int(welcome), pg_int(days))) != E_OK)
		return er;
	if (row_bool(row, 6))
		return err_set(cx, E_DISABLED, "%s is disabled", pass);
	out->pass = row_text(row, 0);
	out->email = row_text(row, 1);
	out->credits = row_int(row, 2);
	out->held = row_int(row, 3);
	out->expires = row_time(row, 4);
	out->last_active = row_time(row, 5);
	return E_OK;
}

static const struct stmt S_PASSES = STMT_READ("ident_passes",
    "select unnest(mina_passes($1))");

enum err
ident_passes(struct cx *cx, const char *pass, const char ***out, size_t *n)
{
	const struct rows *rows;
	const char **list;
	enum err er;

	if ((er = pg_each(cx, &S_PASSES, &rows, pg_text(pass))) != E_OK)
		return er;
	XXXAN(list = cx_alloc(cx, (rows_n(rows) + 1) * sizeof *list));
	for (size_t i = 0; i < rows_n(rows); i++)
		list[i] = row_text(rows_at(rows, i), 0);
	*out = list;
	*n = rows_n(rows);
	return E_OK;
}
