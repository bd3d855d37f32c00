/*
 * ident - reads selector and proof of a request, and looks up the customer
 *
 * mina_who() in sql/schema decides which pass may be used.  For most requests
 * the customer's row says as much, and is read instead.
 */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "account/ident.h"
#include "account/token.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/str.h"
#include "config/settings.h"
#include "pg/pg.h"
#include "web/req.h"

#define USER	"pass:user:"
#define SHOPIFY	"pass:shopify:"
#define ANON	"pass:anon:"

#define DAY_MS		INT64_C(86400000)
#define UNUSED_DAYS	30

static bool
all_digits(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 20 && strspn(s, "0123456789") == n;
}

const char *
ident_pass(struct cx *cx, const char *named)
{
	static const char *const form[] = { USER, ANON };
	char uuid[UUID_LEN];

	for (size_t i = 0; i < 2; i++)
		if (str_starts(named, form[i]))
			return str_uuid(named + strlen(form[i]), uuid) ?
			    cx_fmt(cx, "%s%s", form[i], uuid) : NULL;
	return str_eq(named, IDENT_ANONYMOUS) || (str_starts(named, SHOPIFY) &&
	    all_digits(named + strlen(SHOPIFY))) ? cx_dup(cx, named) : NULL;
}

static bool
trusted(void)
{
	return strcmp(conf_str(C_AUTH), "trusted") == 0;
}

/* *out is NULL when the request names no pass. */
static enum err
selector(struct cx *cx, struct req *rq, const char **out)
{
	static const char *const member[] = { "customerId", "passId" };
	const char *s = NULL;
	enum err er;

	for (size_t i = 0; i < 2 && rq->json != NULL && s == NULL; i++) {
		if ((er = json_may_str(cx, rq->json, "", member[i], 0, 100,
		    &s)) != E_OK)
			return er;
		if (s != NULL && *s == '\0')
			s = NULL;
	}
	if (s == NULL)
		s = req_header(rq, "X-Mina-Pass-Id");
	*out = NULL;
	if (s == NULL || *s == '\0')
		return E_OK;
	if ((s = ident_pass(cx, s)) == NULL)
		return err_say(cx, E_BADREQ, "The pass id is not of a form "
		    "we know: pass:user:<uuid>, pass:shopify:<digits>, "
		    "pass:anon:<uuid>.");
	if (strcmp(s, IDENT_ANONYMOUS) != 0)
		*out = s;
	return E_OK;
}

/* What follows "Authorization: Bearer", NULL for another or no scheme. */
static const char *
bearer(struct req *rq)
{
	const char *s = req_header(rq, "Authorization");

	if (s == NULL || strncasecmp(s, "Bearer", 6) != 0 ||
	    (s[6] != ' ' && s[6] != '\0'))
		return NULL;
	return s + 6 + strspn(s + 6, " ");
}

static coroutine_fn enum err
check_token(struct cx *cx, struct req *rq)
{
	const char *s = trusted() ? NULL : bearer(rq);
	struct token *t;
	enum err er;

	if (s == NULL)
		return E_OK;
	XXXAN(t = cx_alloc(cx, sizeof *t));
	er = token_check(cx, s, t);
	rq->bad_token = er == E_NOAUTH;
	if (er != E_OK)
		return er;
	rq->token = cx->token = t;
	cx->address = req_address(cx, rq);
	return E_OK;
}

static const struct stmt S_WHO = STMT_READ("ident_who",
    "select verdict, pass, email, credits, held, expires_at, last_active, "
    "known, stale from mina_who($1, $2::uuid, $3::bool, $4, "
    "to_timestamp($5::bigint / 1000.0))");

/*
 * The result of mina_who() for the usual case: a pass that is its own proof,
 * with a row that is not merged.  Every request needs this, and the function
 * costs three times as much as reading the row.
 */
static const struct stmt S_ROW = STMT_READ("ident_row",
    "select case when coalesce(mg_disabled, false) "
    "or mg_deleted_at is not null then 'disabled' else 'ok' end, "
    "mg_pass_id, mg_email, mg_credits, mg_held, mg_expires_at, "
    "mg_last_active, true, "
    "mg_credits > mg_held and coalesce(mg_expires_at <= mina_now(), false) "
    "from mega_customers where mg_pass_id = $1 "
    "and mg_meta->>'merged_into' is null");

static enum err
verdict(struct cx *cx, const char *v, const char *asked)
{
	if (strcmp(v, "token") == 0)
		return err_set(cx, E_NOAUTH, "%.12s without its token",
		    asked != NULL ? asked : "-");
	if (strcmp(v, "other") == 0)
		return err_set(cx, E_FORBIDDEN, "%.12s is another customer's",
		    asked != NULL ? asked : "-");
	if (strcmp(v, "disabled") == 0)
		return err_set(cx, E_DISABLED, "disabled");
	return err_set(cx, E_BUG, "mina_who says %s", v);
}

/* The columns pass, email, credits, held, expires_at, last_active. */
static void
from_row(const struct row *row, int col, struct customer *out)
{
	out->pass = row_text(row, col);
	out->email = row_text(row, col + 1);
	out->credits = row_null(row, col + 2) ? 0 : row_int(row, col + 2);
	out->held = row_null(row, col + 3) ? 0 : row_int(row, col + 3);
	out->expires = row_time(row, col + 4);
	out->last_active = row_time(row, col + 5);
}

static const char *
proven_mail(const struct token *t)
{
	return t != NULL && t->verified && !t->asserted ? t->email : NULL;
}

static struct param
issued(const struct token *t)
{
	return t != NULL && t->issued > 0 ? pg_int(t->issued) : pg_null();
}

coroutine_fn enum err
ident_of(struct cx *cx, struct req *rq)
{
	static const struct customer anonymous = { .pass = IDENT_ANONYMOUS };
	const struct row *row = NULL;
	const char *asked = NULL;
	struct customer *who;
	enum err er;

	rq->pass = anonymous.pass;
	rq->who = &anonymous;
	if ((er = selector(cx, rq, &asked)) != E_OK ||
	    (er = check_token(cx, rq)) != E_OK ||
	    (asked == NULL && rq->token == NULL))
		return er;
	if (rq->token == NULL && (trusted() || str_starts(asked, ANON)) &&
	    (er = pg_maybe(cx, &S_ROW, &row, pg_text(asked))) != E_OK)
		return er;
	if (row == NULL && (er = pg_one(cx, &S_WHO, &row, pg_text(asked),
	    pg_text(rq->token != NULL ? rq->token->user : NULL),
	    pg_bool(trusted()), pg_text(proven_mail(rq->token)),
	    issued(rq->token))) != E_OK)
		return er;
	if (strcmp(row_text(row, 0), "ok") != 0)
		return verdict(cx, row_text(row, 0), asked);
	XXXAN(who = cx_alloc(cx, sizeof *who));
	from_row(row, 1, who);
	who->known = row_bool(row, 7);
	who->stale = row_bool(row, 8);
	rq->who = who;
	rq->pass = cx->customer = who->pass;
	return E_OK;
}

char *
ident_mint(struct cx *cx)
{
	char uuid[UUID_LEN];

	crypto_uuid(uuid);
	return cx_fmt(cx, ANON "%s", uuid);
}

bool
ident_is_unused(const struct customer *who)
{
	return !who->known && str_starts(who->pass, ANON);
}

coroutine_fn enum err
ident_unused(struct cx *cx, const char *pass, struct customer *out)
{
	int64_t days;
	enum err er;

	memset(out, 0, sizeof *out);
	out->pass = pass;
	out->last_active = clock_now();
	if ((er = settings_int(cx, "credits.welcome_anonymous", 0,
	    &out->credits)) != E_OK ||
	    (er = settings_int(cx, "credits.days", 30, &days)) != E_OK)
		return er;
	if (days > 0)
		out->expires = out->last_active + days * DAY_MS;
	return E_OK;
}

static const struct stmt S_SWEEP = STMT("ident_sweep",
    "select mina_unused_sweep($1::int, $2::int)");

coroutine_fn enum err
ident_sweep(struct cx *cx, int64_t *n)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_SWEEP, &row, pg_int(UNUSED_DAYS),
	    pg_int(IDENT_SWEEP))) == E_OK)
		*n = row_int(row, 0);
	return er;
}

static const struct stmt S_CUSTOMER = STMT("ident_customer",
    "select pass, email, credits, held, expires_at, last_active, disabled "
    "from mina_customer($1, $2::uuid, $3, null, $4::int, $5::int)");
static const struct stmt S_LOGIN = STMT("ident_login",
    "select pass, email, credits, held, expires_at, last_active, disabled, "
    "to_json(claimed) from mina_login($1::uuid, $2, $3::bool, $4, $5, "
    "$6::int, $7::int, $8, $9::int, $10::int, "
    "to_timestamp($11::bigint / 1000.0), $12::bool)");

static enum err
read_customer(struct cx *cx, const struct row *row, struct customer *out)
{
	if (row_bool(row, 6))
		return err_set(cx, E_DISABLED, "%.12s is disabled",
		    row_text(row, 0));
	memset(out, 0, sizeof *out);
	from_row(row, 0, out);
	out->known = true;
	return E_OK;
}

coroutine_fn enum err
ident_login(struct cx *cx, const struct token *t, const char *claim,
    struct customer *out, const char **claimed)
{
	const struct row *row;
	int64_t welcome, days, newcomers, claims;
	enum err er;

	if ((er = settings_int(cx, "credits.welcome", 0, &welcome)) != E_OK ||
	    (er = settings_int(cx, "credits.days", 30, &days)) != E_OK ||
	    (er = settings_int(cx, "limits.welcome_per_address", 10,
	    &newcomers)) != E_OK ||
	    (er = settings_int(cx, "limits.claims_per_day", 20,
	    &claims)) != E_OK ||
	    (er = pg_one(cx, &S_LOGIN, &row, pg_text(t->user),
	    pg_text(t->email), pg_bool(t->verified), pg_text(t->method),
	    pg_text(claim), pg_int(welcome), pg_int(days),
	    pg_text(cx->address), pg_int(newcomers), pg_int(claims),
	    issued(t), pg_bool(t->asserted))) != E_OK ||
	    (er = read_customer(cx, row, out)) != E_OK)
		return er;
	*claimed = row_text(row, 7);
	return E_OK;
}

coroutine_fn enum err
ident_customer(struct cx *cx, const char *pass, struct customer *out)
{
	const char *user = NULL, *shopify = NULL, *claimed;
	const struct row *row;
	int64_t welcome = 0, days;
	enum err er;

	/* A signed-in user may still act as an unclaimed anonymous pass. */
	if (cx->token != NULL && !str_starts(pass, ANON))
		return ident_login(cx, cx->token, NULL, out, &claimed);
	if (str_starts(pass, USER))
		user = pass + strlen(USER);
	else if (str_starts(pass, SHOPIFY))
		shopify = pass + strlen(SHOPIFY);
	if ((er = settings_int(cx, "credits.days", 30, &days)) != E_OK ||
	    (shopify == NULL && (er = settings_int(cx, user != NULL ?
	    "credits.welcome" : "credits.welcome_anonymous", 0,
	    &welcome)) != E_OK) ||
	    (er = pg_one(cx, &S_CUSTOMER, &row, pg_text(pass), pg_text(user),
	    pg_text(shopify), pg_int(welcome), pg_int(days))) != E_OK)
		return er;
	return read_customer(cx, row, out);
}

static const struct stmt S_PASSES = STMT_READ("ident_passes",
    "select unnest(mina_passes($1))");

coroutine_fn enum err
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
