/*
 * spend - matcha that goes out, and accounts that become one
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mina.h"
#include "money.h"

#define FRESH_MAX	INT64_C(1000000000)

/* --- spending */

/* Once more the very same request; true when there is a generation. */
static bool
want_one(struct cx *cx, struct ask *a, struct spend *s,
    const struct account *owner)
{
	const char *id;

	for (;;) {
		a->tries = 0;
		ask(cx, a);
		s->unsure += a->tries - 1;
		a->lose = false;
		if (a->status != 401 || owner == NULL || a->token != NULL)
			break;
		/* Claimed while we asked: the pass needs its owner now. */
		a->token = owner->token;
	}
	id = json_text(json_get(a->js, "generationId"));
	if (id == NULL) {
		if (a->status != 402)
			differs("%s: answered %d: %.200s", s->tag, a->status,
			    a->js != NULL ? json_print(cx, a->js) : "");
		return false;
	}
	if (s->keyed && s->id[0] != '\0' && strcmp(s->id, id) != 0)
		differs("%s: one key, two generations: %s, %s", s->tag, s->id,
		    id);
	snprintf(s->id, sizeof s->id, "%s", id);
	s->admitted++;
	return true;
}

static const char *
spend(struct cx *cx, struct client *cl, struct account *who,
    const struct account *owner, bool keyed, bool wait, bool lose)
{
	int times = roll(&cl->dice, 6) == 0 ? 2 : 1;
	int64_t no = ++cl->serial;
	const char *tag = cx_fmt(cx, "Money %" PRIu64 ".%d.%" PRId64, seed,
	    cl->no, no);
	struct spend *s = account_spend(who, keyed, tag);
	struct ask a = {
		.method = "POST", .path = "/editorial/generate",
		.body = cx_fmt(cx, "{\"mode\":\"still\",\"brief\":\"%s\","
		    "\"settings\":{\"seedream\":{\"quality\":"
		    "\"standard\"}}}", tag),
		.key = keyed ? cx_fmt(cx, "key-%d-%" PRId64, cl->no, no) :
		    NULL,
		.token = who->token, .wait = wait, .lose = lose,
		.pass = who->token == NULL ? who->pass : NULL,
	};
	bool got = false;

	while (times-- > 0)
		got = want_one(cx, &a, s, owner) || got;
	return got ? cx_dup(cx, s->id) : NULL;
}

/* --- spending without a provider: the calls of a worker, and how it ends */

static const struct stmt S_TAKE = STMT("machine_take",
    "select machine_take($1, $2, $3::int, $4)");
static const struct stmt S_SETTLE = STMT("machine_settle",
    "select settled from mina_settle($1, 'machine', "
    "'{\"status\":\"done\",\"output_url\":\"https://o.example/o\"}', null)");
static const struct stmt S_VOID = STMT("machine_void",
    "select mina_void($1, 'machine', $2, 'MACHINE', 'so it goes', null)");
static const struct stmt S_CANCEL = STMT("machine_cancel",
    "select mina_cancel($1, $2, "
    "(mina_runtime() ->> 'limits.free_cancels')::int)");
/* What the customer has used up today, with the passes merged into theirs. */
static const struct stmt S_USED_UP = STMT_READ("machine_used_up",
    "select coalesce(sum(a.mg_status), 0) >= "
    "(mina_runtime() ->> 'limits.free_cancels')::int "
    "from unnest(mina_passes($1)) p "
    "join mega_admin a on a.mg_id = mina_count_id('cancel', p)");

static bool
database(struct cx *cx, const struct stmt *st, const char *a, const char *b,
    const struct row **row)
{
	enum err er;

	do
		er = st == &S_SETTLE ? pg_one(cx, st, row, pg_text(a)) :
		    st == &S_TAKE ? pg_one(cx, st, row, pg_text(a), pg_text(b),
		    pg_int(price), pg_text(a)) :
		    pg_one(cx, st, row, pg_text(a), pg_text(b));
	while (er != E_OK && strcmp(pg_sqlstate(cx), "40P01") == 0);
	if (er != E_OK)
		differs("%s: %s", a, cx->err.detail);
	return er == E_OK;
}

/*
 * Cancels what has been bought at a provider.  False: today's free cancels are
 * used up, so it is made and charged.
 */
static bool
cancel_bought(struct cx *cx, struct account *who, const char *tag)
{
	const struct row *row;
	bool used_up = false;
	enum err er;

	if (!database(cx, &S_CANCEL, tag, who->pass, &row))
		return true;
	if (!str_eq(row_text(row, 0), "late")) {
		totals.canceled++;
		return true;
	}
	totals.too_late++;
	if ((er = pg_ask(cx, &S_USED_UP, &used_up,
	    pg_text(account_of(who)->pass))) != E_OK || !used_up)
		differs("%s: too late to cancel, with cancels left (%s)", tag,
		    err_name(er));
	return false;
}

/* Delivered, failed or cancelled; some of it said twice. */
static void
spend_direct(struct cx *cx, struct client *cl, struct account *who, bool cancel)
{
	const char *tag = cx_fmt(cx, "gen_money_%" PRIu64 "_%d_%" PRId64, seed,
	    cl->no, ++cl->serial), *verdict;
	struct spend *s = account_spend(who, true, tag);
	uint64_t how = roll(&cl->dice, 8);
	const struct row *row;

	for (int i = how == 7 ? 2 : 1; i > 0; i--) {
		if (!database(cx, &S_TAKE, tag, who->pass, &row))
			return;
		verdict = row_text(row, 0);
		if (str_eq(verdict, "credits"))
			return;
		if (!str_eq(verdict, "ok") && !str_eq(verdict, "replay"))
			differs("%s: admission says %s", tag, verdict);
	}
	snprintf(s->id, sizeof s->id, "%s", tag);
	s->admitted = 1;
	if (cancel) {
		cancel = cancel_bought(cx, who, tag);
		if (!cancel)
			how |= 2;
	}
	for (int i = how & 1 ? 2 : 1; i > 0; i--)
		if (!(how < 2 || cancel ? database(cx, &S_VOID, tag, cancel ?
		    "canceled" : "error", &row) :
		    database(cx, &S_SETTLE, tag, NULL, &row)))
			return;
	/* What is too late changes nothing. */
	if (how == 6)
		(void)database(cx, &S_VOID, tag, "error", &row);
}

void
op_spend(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	bool direct = !over_web(&cl->dice);
	bool keyed = roll(&cl->dice, 4) > 0, wait = roll(&cl->dice, 2);
	bool lose = roll(&cl->dice, 8) == 0;

	account_enter(u, false);
	if (direct)
		spend_direct(cx, cl, u, false);
	else
		spend(cx, cl, u, NULL, keyed, wait, lose);
	account_leave(u);
}

/* Whoever is next meets the fault; each generation tells how it ended. */
void
op_fail(struct cx *cx, struct client *cl)
{
	static const char *const fault[] = {
		"{\"target\":\"replicate.create\",\"kind\":\"failed\"}",
		"{\"target\":\"replicate.create\",\"kind\":\"refused\"}",
		("{\"target\":\"replicate.create\",\"kind\":\"status\","
		    "\"status\":422}"),
		"{\"target\":\"replicate.create\",\"kind\":\"lost\"}",
	};
	struct ask a = { .method = "POST", .path = "/_sandbox/faults",
	    .control = true, .body = fault[roll(&cl->dice, 4)] };

	ask_once(cx, &a);
	op_spend(cx, cl);
}

void
op_cancel(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	struct ask a = { .method = "POST", .token = u->token,
	    .lose = roll(&cl->dice, 4) == 0 };
	const char *id;

	account_enter(u, false);
	if (!over_web(&cl->dice)) {
		/* Now and then more than a day has free ones. */
		for (int i = roll(&cl->dice, 8) == 0 ? 7 : 1; i > 0; i--)
			spend_direct(cx, cl, u, true);
		account_leave(u);
		return;
	}
	id = spend(cx, cl, u, NULL, true, false, false);
	if (id != NULL) {
		a.path = cx_fmt(cx, "/generations/%s/cancel", id);
		ask(cx, &a);
		/* Too late for it: it is made, and charged. */
		if (a.status != 200 && !(a.status == 409 && str_eq(json_text(
		    json_get(a.js, "code")), "TOO_LATE")))
			differs("cancel of %s: answered %d", id, a.status);
	}
	account_leave(u);
}

/* --- accounts */

/* Both at once, or the only one. */
struct visit {
	struct cx	*cx;
	struct ask	 a;
};

static void
visit(void *arg)
{
	struct visit *v = arg;
	struct cx cx = cx_child(v->cx);

	ask(&cx, &v->a);
}

static struct visit
visit_as(struct cx *cx, const struct account *u, const struct account *anon,
    bool lose)
{
	return (struct visit){ .cx = cx, .a = { .method = "GET",
	    .path = "/me", .token = u != NULL ? u->token : NULL,
	    .pass = anon != NULL ? anon->pass : NULL, .lose = lose } };
}

static void
must_be(const struct visit *v, const struct account *u)
{
	const char *pass = json_text(json_get(v->a.js, "passId"));

	if (v->a.status != 200 || !str_eq(pass, u->pass))
		differs("%s: GET /me says %d, %s", u->pass, v->a.status,
		    pass != NULL ? pass : "nobody");
}

void
sign_in(struct cx *cx, struct account *u, struct account *anon, bool lose)
{
	struct visit v = visit_as(cx, u, anon, lose);

	visit(&v);
	must_be(&v, u);
	if (anon != NULL)
		account_merge(anon, u);
}

static void
sign_in_twice(struct cx *cx, struct account *u, struct account *anon)
{
	struct visit v[2] = { visit_as(cx, u, anon, false),
	    visit_as(cx, u, anon, false) };

	loop_all(visit, v, sizeof v[0], 2);
	must_be(&v[0], u);
	must_be(&v[1], u);
	if (anon != NULL)
		account_merge(anon, u);
}

/* Whoever has an anonymous pass now: 401 for all but its owner. */
static void
must_be_taken(struct cx *cx, const struct account *anon)
{
	struct visit v = visit_as(cx, NULL, anon, false);

	visit(&v);
	if (v.a.status != 401)
		differs("%s, which is claimed: GET /me says %d", anon->pass,
		    v.a.status);
}

/* An account nobody claimed, perhaps with something bought and under way. */
static struct account *
anonymous(struct cx *cx, struct client *cl)
{
	uint64_t deeds = roll(&cl->dice, 8);
	char uuid[UUID_LEN];
	struct account *a = cl->anon;
	struct purchase p;
	struct visit v;

	if (a == NULL) {
		uuid_for(uuid, "anon", cl->no, ++cl->serial);
		cl->anon = a = account_new(cx_fmt(cx, "pass:anon:%s", uuid));
		/* The first that is written makes the pass a customer. */
		v = visit_as(cx, NULL, a, false);
		v.a.method = "POST";
		v.a.path = "/sessions/start";
		v.a.body = "{}";
		visit(&v);
		v = visit_as(cx, NULL, a, deeds == 7);
		visit(&v);
		must_be(&v, a);
		a->credits = welcome_anon;
	}
	if (deeds & 1) {
		buy_for(cx, cl, a, &p);
		bought(cl, &p);
	}
	if (deeds & 2)
		spend(cx, cl, a, NULL, deeds & 4, false, false);
	return a;
}

struct rush {
	struct cx	*cx;
	struct client	*cl;
	struct account	*anon, *u;
	bool		 claims;
};

static void
rush(void *arg)
{
	struct rush *r = arg;
	struct cx cx = cx_child(r->cx);
	struct visit v = visit_as(&cx, r->u, r->anon, false);

	if (!r->claims) {
		spend(&cx, r->cl, r->anon, r->u, true, false,
		    roll(&r->cl->dice, 2));
		return;
	}
	visit(&v);
	must_be(&v, r->u);
}

/* Now and then somebody spends with the pass while it is claimed. */
void
op_claim(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	uint64_t how = roll(&cl->dice, 5);
	bool lose = roll(&cl->dice, 6) == 0;
	struct account *anon = anonymous(cx, cl);
	struct rush r[2];

	if (how == 0)
		return;		/* it stays anonymous for now */
	cl->anon = NULL;
	account_enter(u, false);
	if (how == 1) {
		sign_in_twice(cx, u, anon);
	} else if (how == 2) {
		for (int i = 0; i < 2; i++)
			r[i] = (struct rush){ cx, cl, anon, u, i == 1 };
		loop_all(rush, r, sizeof r[0], 2);
		account_merge(anon, u);
	} else {
		sign_in(cx, u, anon, lose);
	}
	must_be_taken(cx, anon);
	account_leave(u);
}

/* Two people claim the same pass at once: one of them gets all of it. */
void
op_race(struct cx *cx, struct client *cl)
{
	size_t i = roll(&cl->dice, nuser), j = roll(&cl->dice, nuser - 1);
	struct account *anon = anonymous(cx, cl), *a, *b;
	struct visit v[2];

	j += j >= i;
	a = user[i < j ? i : j];
	b = user[i < j ? j : i];
	account_enter(a, false);
	account_enter(b, false);
	cl->anon = NULL;
	v[0] = visit_as(cx, a, anon, false);
	v[1] = visit_as(cx, b, anon, false);
	loop_all(visit, v, sizeof v[0], 2);
	for (i = 0; i < 2; i++)
		if (v[i].a.status != 200 && v[i].a.status != 403)
			differs("claim of %s: %d", anon->pass, v[i].a.status);
	/* Who it was is plain once both are through. */
	loop_all(visit, v, sizeof v[0], 2);
	if (v[0].a.status + v[1].a.status != 200 + 403)
		differs("%s: claimed by two, who then get %d and %d",
		    anon->pass, v[0].a.status, v[1].a.status);
	account_merge(anon, v[0].a.status == 200 ? a : b);
	must_be_taken(cx, anon);
	account_leave(b);
	account_leave(a);
}

/*
 * Bought as a guest: nobody's, until somebody proves that the address is
 * theirs.
 */
static void
guest(struct cx *cx, struct client *cl, struct account *u)
{
	struct purchase p[2];
	int n = 1 + (int)roll(&cl->dice, 2);

	for (int i = 0; i < n; i++)
		buy_as_guest(cx, cl, u, &p[i]);
	if (roll(&cl->dice, 2))
		sign_in_twice(cx, u, NULL);
	else
		sign_in(cx, u, NULL, roll(&cl->dice, 3) == 0);
	u->credits += welcome;
	for (int i = 0; i < n; i++) {
		buy_found(cx, cl, &p[i]);
		bought(cl, &p[i]);
	}
}

/*
 * Bought first, signed in later: all of it is theirs, and a welcome.  Unless
 * the shop was told to forget them before: then there is nobody to have it.
 */
void
op_newcomer(struct cx *cx, struct client *cl)
{
	int64_t no = ++cl->serial;
	struct account *u = user_new("newcomer", cl->no, no);
	struct account *shop;
	struct purchase p;
	int n = 1 + (int)roll(&cl->dice, 2);
	bool forget = roll(&cl->dice, 6) == 0;

	if (roll(&cl->dice, 3) == 0) {
		guest(cx, cl, u);
		return;
	}
	u->shopper = FRESH_MAX * (cl->no + 1) + no;
	shop = account_new(cx_fmt(cx, "pass:shopify:%" PRId64, u->shopper));
	shop->shopper = u->shopper;
	snprintf(shop->email, sizeof shop->email, "%s", u->email);
	while (n-- > 0) {
		buy_for(cx, cl, shop, &p);
		if (!forget)
			bought(cl, &p);
	}
	if (forget) {
		redact(cx, cl, u->shopper);
		shop->credits = 0;
		shop->gone = true;
	}
	if (roll(&cl->dice, 2))
		sign_in_twice(cx, u, NULL);
	else
		sign_in(cx, u, NULL, roll(&cl->dice, 3) == 0);
	u->credits += welcome;
	if (!forget)
		account_merge(shop, u);
}
