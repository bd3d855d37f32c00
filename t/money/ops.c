/*
 * ops - matcha that comes in, goes back, and runs out
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mina.h"
#include "money.h"

#define HOOK	"/api/credits/shopify-order"

/* Sent at the same moment, or one after the other when some are in doubt. */
struct copy {
	struct cx	*cx;
	struct ask	 a;
};

static void
send_copy(void *arg)
{
	struct copy *c = arg;
	struct cx cx = cx_child(c->cx);

	ask(&cx, &c->a);
}

/* n times at once; the answer of the first is in *a. */
static void
webhook(struct cx *cx, struct client *cl, struct ask *a, const char *topic,
    const char *body, int n)
{
	struct copy copy[4];
	bool lose = roll(&cl->dice, 8) == 0;

	for (int i = 0; i < n; i++) {
		copy[i].cx = cx;
		copy[i].a = (struct ask){ .method = "POST", .path = HOOK,
		    .body = body, .topic = topic, .lose = lose && i == 0,
		    .delivery = cx_fmt(cx, "delivery-%d-%" PRId64 "-%d",
		    cl->no, cl->serial, i) };
	}
	loop_all(send_copy, copy, sizeof copy[0], (size_t)n);
	*a = copy[0].a;
	for (int i = 0; i < n; i++)
		if (copy[i].a.status != 200)
			differs("%s: answered %d: %.200s", topic,
			    copy[i].a.status, copy[i].a.js != NULL ?
			    json_print(cx, copy[i].a.js) : "");
}

/* --- buying */

/* Ids beyond what a double holds, as the shop's may be one day. */
static int64_t
number(struct client *cl)
{
	return 9007199254740993 + cl->no * INT64_C(100000000) + ++cl->serial;
}

static void
make_order(struct client *cl, struct account *who, struct purchase *p)
{
	memset(p, 0, sizeof *p);
	p->who = who;
	p->id = number(cl);
	p->nline = 1 + (int)roll(&cl->dice, LINES);
	for (int i = 0; i < p->nline; i++) {
		p->line[i].id = number(cl);
		p->line[i].pack = (int)roll(&cl->dice, npack);
		p->line[i].n = 1 + (int)roll(&cl->dice, 3);
		p->line[i].left = p->line[i].n;
	}
}

/* By a sealed pass, or by who the shop knows the buyer to be, or both. */
static const char *
order_body(struct cx *cx, struct client *cl, const struct purchase *p)
{
	struct buf *b = buf_new(cx, 65536);
	const struct account *who = p->who;
	bool named = who->shopper == 0 ||
	    (str_starts(who->pass, "pass:user:") &&
	    roll(&cl->dice, 2) == 0);

	buf_fmt(b, "{\"id\":%" PRId64 ",\"name\":\"#%" PRId64 "\","
	    "\"financial_status\":\"paid\",\"currency\":\"USD\","
	    "\"test\":false,\"line_items\":[", p->id, p->id % 100000);
	for (int i = 0; i < p->nline; i++)
		buf_fmt(b, "%s{\"id\":%" PRId64 ",\"sku\":\"%s\","
		    "\"quantity\":%d,\"price\":\"5.00\"}", i > 0 ? "," : "",
		    p->line[i].id, pack[p->line[i].pack].sku, p->line[i].n);
	buf_puts(b, "]");
	if (named)
		buf_fmt(b, ",\"note_attributes\":[{\"name\":\"%s\","
		    "\"value\":\"%s\"}]", PASSREF_ATTRIBUTE,
		    passref_seal(cx, who->pass));
	else
		buf_fmt(b, ",\"customer\":{\"id\":%" PRId64 ",\"email\":"
		    "\"%s\"}", who->shopper, who->email);
	buf_puts(b, "}");
	return b->data;
}

static int64_t
worth(const struct purchase *p)
{
	int64_t n = 0;

	for (int i = 0; i < p->nline; i++)
		n += p->line[i].n * pack[p->line[i].pack].matcha;
	return n;
}

static void
place(struct cx *cx, struct client *cl, struct purchase *p)
{
	int copies = roll(&cl->dice, 4) == 0 ?
	    2 + (int)roll(&cl->dice, 3) : 1;
	const char *body = order_body(cx, cl, p), *said;
	struct ask a;
	int64_t n;

	webhook(cx, cl, &a, roll(&cl->dice, 2) ? "orders/paid" :
	    "orders/create", body, copies);
	said = json_text(json_get(a.js, "outcome"));
	if (json_int_or(json_get(a.js, "credited"), -1) != worth(p) ||
	    (!str_eq(said, "credited") && !str_eq(said, "replayed")))
		differs("order %" PRId64 ": %s, not %" PRId64, p->id,
		    a.js != NULL ? json_print(cx, a.js) : "nothing",
		    worth(p));
	n = json_int_or(json_get(a.js, "setOff"), 0);
	account_of(p->who)->credits += worth(p) - n;
	account_of(p->who)->debt -= n;
	totals.taken += n;
	totals.lines += p->nline;
	totals.sold += worth(p);
}

void
buy_for(struct cx *cx, struct client *cl, struct account *who,
    struct purchase *p)
{
	make_order(cl, who, p);
	place(cx, cl, p);
}

void
bought(struct client *cl, const struct purchase *p)
{
	cl->bought[cl->nbought++ % BOUGHT] = *p;
}

void
op_buy(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	struct purchase p;

	account_enter(u, false);
	buy_for(cx, cl, u, &p);
	account_leave(u);
	bought(cl, &p);
}

/* --- refunds */

/* Some pieces, all of them, or money only; *value is what it must come to. */
static const char *
refund_body(struct cx *cx, struct client *cl, struct purchase *p,
    int64_t *value)
{
	struct buf *b = buf_new(cx, 65536);
	int how = (int)roll(&cl->dice, 4), n, comma = 0;

	*value = 0;
	buf_fmt(b, "{\"id\":%" PRId64 ",\"order_id\":%" PRId64 ","
	    "\"refund_line_items\":[", number(cl), p->id);
	for (int i = 0; i < p->nline && how > 0; i++) {
		struct line *l = &p->line[i];

		n = how == 3 ? l->n : (int)roll(&cl->dice,
		    (uint64_t)l->n + 1);
		if (n == 0)
			continue;
		buf_fmt(b, "%s{\"id\":%" PRId64 ",\"line_item_id\":%" PRId64
		    ",\"quantity\":%d}", comma++ > 0 ? "," : "", number(cl),
		    l->id, n);
		n = n < l->left ? n : l->left;
		l->left -= n;
		*value += n * pack[l->pack].matcha;
	}
	buf_puts(b, "]}");
	return b->data;
}

static void
refunded(struct cx *cx, struct purchase *p, const struct ask *a,
    int64_t value)
{
	int64_t taken = json_int_or(json_get(a->js, "taken"), -1);
	int64_t debt = json_int_or(json_get(a->js, "debt"), -1);
	struct account *who = account_of(p->who);

	if (taken < 0 || debt < 0 || taken + debt != value)
		differs("refund of order %" PRId64 " is worth %" PRId64
		    ": %s", p->id, value, a->js != NULL ?
		    json_print(cx, a->js) : "nothing");
	who->credits -= taken;
	who->debt += debt;
	totals.taken += taken;
}

void
op_refund(struct cx *cx, struct client *cl)
{
	size_t n = cl->nbought < BOUGHT ? cl->nbought : BOUGHT;
	uint64_t which = roll(&cl->dice, BOUGHT), again = roll(&cl->dice, 4);
	struct account *who;
	struct purchase *p;
	const char *body;
	int64_t value;
	struct ask a;

	if (n == 0) {
		op_buy(cx, cl);
		return;
	}
	p = &cl->bought[which % n];
	body = refund_body(cx, cl, p, &value);
	/* Only its own client merges what it was bought for. */
	who = account_of(p->who);
	account_enter(who, false);
	webhook(cx, cl, &a, "refunds/create", body, again == 0 ? 3 : 1);
	refunded(cx, p, &a, value);
	account_leave(who);
}

/* The refund is told before its order. */
void
op_early(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	struct purchase p;
	const char *body;
	int64_t value;
	struct ask a;

	account_enter(u, false);
	make_order(cl, u, &p);
	body = refund_body(cx, cl, &p, &value);
	webhook(cx, cl, &a, "refunds/create", body, 1);
	if (json_int_or(json_get(a.js, "taken"), -1) != 0)
		differs("refund of order %" PRId64 ", which is not known: %s",
		    p.id, a.js != NULL ? json_print(cx, a.js) : "nothing");
	place(cx, cl, &p);
	webhook(cx, cl, &a, "refunds/create", body, 1);
	refunded(cx, &p, &a, value);
	account_leave(u);
	bought(cl, &p);
}

/* --- by hand, and by time */

static const struct stmt S_ADJUST = STMT("machine_adjust",
    "select applied, balance_after from mina_move($1, $2::int, "
    "'admin_adjust', 'admin', 'machine', $3, 'admin', null)");

void
op_adjust(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	int64_t delta = (int64_t)roll(&cl->dice, 61) - 30;
	const char *id = cx_fmt(cx, "adjust:%d:%" PRId64, cl->no,
	    ++cl->serial);
	int times = roll(&cl->dice, 4) == 0 ? 2 : 1;
	const struct row *row;
	enum err er;

	if (delta == 0)
		delta = 31;
	account_enter(u, false);
	for (int i = 0; i < times; i++) {
		er = pg_one(cx, &S_ADJUST, &row, pg_text(u->pass),
		    pg_int(delta), pg_text(id));
		if (er == E_OK && row_bool(row, 0))
			u->credits += delta;
		else if (er != E_OK && !(delta < 0 &&
		    strcmp(pg_sqlstate(cx), "MN402") == 0))
			differs("%s: %s: %s", u->pass, id, cx->err.detail);
	}
	account_leave(u);
}

static const struct stmt S_LATE = STMT("machine_late",
    "update mega_customers set mg_expires_at = now() - interval '1 minute' "
    "where mg_pass_id = $1");

static int64_t
balance(struct cx *cx, const struct account *u, const char *path)
{
	struct ask a = { .method = "GET", .path = path, .token = u->token };

	ask(cx, &a);
	return json_int_or(json_get(a.js, "credits"), -1);
}

/* Nobody else is at the account, so its balance is known to the matcha. */
void
op_expire(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	uint64_t touch = roll(&cl->dice, 3);
	struct purchase p;
	int64_t n;

	account_enter(u, true);
	model_settle(cx, u);
	if ((n = balance(cx, u, "/credits/balance")) != u->credits)
		differs("%s: GET /credits/balance says %" PRId64 ", the model "
		    "%" PRId64, u->pass, n, u->credits);
	if (pg_none(cx, &S_LATE, pg_text(u->pass)) != E_OK)
		differs("%s: %s", u->pass, cx->err.detail);
	u->credits = 0;
	if (touch == 0)
		sign_in(cx, u, NULL, false);
	else if (touch == 1)
		buy_for(cx, cl, u, &p);
	if ((n = balance(cx, u, "/credits/balance")) != u->credits)
		differs("%s, run out: GET /credits/balance says %" PRId64
		    ", the model %" PRId64, u->pass, n, u->credits);
	account_leave(u);
	if (touch == 1)
		bought(cl, &p);
}
