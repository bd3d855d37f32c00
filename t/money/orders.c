/*
 * orders - what the shop tells: orders, edits, refunds, disputes, redactions
 *
 * The model of an order is what the shop knows of it (struct purchase) and one
 * formula, owed(): how much of it must have been taken back.  The answers say
 * how that was split into matcha and debt.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mina.h"
#include "money.h"

#define HOOK	"/api/credits/shopify-order"
#define EPOCH	INT64_C(1767225600000)	/* 2026-01-01, ms */
#define FOREIGN	3			/* pieces of what is not ours */

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
    const char *body, const char *pass, int n)
{
	struct copy copy[4];
	bool direct = !over_web(&cl->dice);
	bool lose = !direct && roll(&cl->dice, 8) == 0;

	for (int i = 0; i < n; i++) {
		copy[i].cx = cx;
		copy[i].a = (struct ask){ .method = "POST", .path = HOOK,
		    .body = body, .topic = topic, .lose = lose && i == 0,
		    .direct = direct, .pass = direct ? pass : NULL,
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

/* Ids beyond what a double holds, as the shop's may be one day. */
static int64_t
number(struct client *cl)
{
	return 9007199254740993 + cl->no * INT64_C(100000000) + ++cl->serial;
}

/* --- an order */

static int64_t
piece(const struct purchase *p, const struct line *l)
{
	return p->sku != NULL ? 7 : pack[l->pack].matcha;
}

static int64_t
total(const struct purchase *p)
{
	int64_t n = p->foreign ? FOREIGN : 0;

	for (int i = 0; i < p->nline; i++)
		n += p->line[i].n;
	return n * PIECE;
}

static void
make_order(struct client *cl, struct account *who, struct purchase *p)
{
	memset(p, 0, sizeof *p);
	p->who = who;
	p->id = number(cl);
	p->at = 1;
	p->nline = 1 + (int)roll(&cl->dice, LINES);
	p->foreign = roll(&cl->dice, 8) == 0;
	for (int i = 0; i < p->nline; i++) {
		p->line[i].id = number(cl);
		p->line[i].pack = (int)roll(&cl->dice, npack);
		p->line[i].n = 1 + (int)roll(&cl->dice, 3);
	}
}

static void
put_lines(struct buf *b, struct client *cl, const struct purchase *p)
{
	for (int i = 0; i < p->nline; i++) {
		const struct line *l = &p->line[i];
		char sku[80];
		uint64_t how = roll(&cl->dice, 8);

		snprintf(sku, sizeof sku, "%s", p->sku != NULL ? p->sku :
		    pack[l->pack].sku);
		if (how == 7)
			for (char *c = sku; *c != '\0'; c++)
				*c |= *c >= 'A' && *c <= 'Z' ? 0x20 : 0;
		buf_fmt(b, "%s{\"id\":%" PRId64 ",\"sku\":\"", i > 0 ? "," :
		    "", l->id);
		if (how >= 1 && how <= 3)
			buf_puts(b, how == 1 ? " " : how == 2 ? "\\t" : "");
		buf_fmt(b, "%s%s\",\"quantity\":%d,\"current_quantity\":%d,"
		    "\"price\":\"5.00\"}", sku, how == 3 ? " " : "", l->n,
		    l->n - l->cut - l->refunded);
	}
	if (p->foreign)
		buf_fmt(b, ",{\"id\":%" PRId64 ",\"sku\":\"SHIRT\","
		    "\"quantity\":%d,\"price\":\"5.00\"}", p->id + 50000000,
		    FOREIGN);
}

static void
put_refunds(struct buf *b, const struct purchase *p)
{
	for (int r = 0; r < p->nrefund; r++) {
		int comma = 0;

		buf_fmt(b, "%s{\"id\":%" PRId64 ",\"order_id\":%" PRId64
		    ",\"refund_line_items\":[", r > 0 ? "," : "",
		    p->refund[r].id, p->id);
		for (int i = 0; i < p->nline; i++)
			if (p->refund[r].n[i] > 0)
				buf_fmt(b, "%s{\"id\":1,\"line_item_id\":%"
				    PRId64 ",\"quantity\":%d}",
				    comma++ > 0 ? "," : "", p->line[i].id,
				    p->refund[r].n[i]);
		buf_puts(b, "]}");
	}
}

/*
 * By a sealed pass, or by who the shop knows the buyer to be, or both; *pass is
 * what was sealed.
 */
static const char *
order_body(struct cx *cx, struct client *cl, const struct purchase *p,
    const char **pass)
{
	struct buf *b = buf_new(cx, 65536);
	const struct account *who = p->who;
	bool named = !p->guest && (who->shopper == 0 ||
	    (str_starts(who->pass, "pass:user:") &&
	    roll(&cl->dice, 2) == 0));
	char at[CLOCK_LEN];

	clock_rfc3339(EPOCH + p->at * 1000, at);
	buf_fmt(b, "{\"id\":%" PRId64 ",\"name\":\"#%" PRId64 "\","
	    "\"financial_status\":\"%s\",\"currency\":\"USD\","
	    "\"total_price\":\"%" PRId64 ".00\",\"updated_at\":\"%s\","
	    "\"test\":false,\"line_items\":[", p->id, p->id % 100000,
	    p->back ? "refunded" : "paid", total(p) / 1000, at);
	put_lines(b, cl, p);
	buf_puts(b, "],\"refunds\":[");
	put_refunds(b, p);
	buf_puts(b, "]");
	if (p->off)
		buf_fmt(b, ",\"cancelled_at\":\"%s\"", at);
	*pass = named ? who->pass : NULL;
	if (named)
		buf_fmt(b, ",\"note_attributes\":[{\"name\":\"%s\","
		    "\"value\":\"%s\"}]", PASSREF_ATTRIBUTE,
		    passref_seal(cx, who->pass));
	else if (p->guest)
		buf_fmt(b, ",\"customer\":null,\"email\":\"%s\"", who->email);
	else
		buf_fmt(b, ",\"customer\":{\"id\":%" PRId64 ",\"email\":"
		    "\"%s\"}", who->shopper, who->email);
	buf_puts(b, "}");
	return b->data;
}

/* --- the model */

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
worth(const struct purchase *p)
{
	int64_t n = 0;

	for (int i = 0; i < p->nline; i++)
		n += p->line[i].n * piece(p, &p->line[i]);
	return n;
}

/* What must have been taken back in all; -1: it is not for a program to say. */
static int64_t
owed(const struct purchase *p)
{
	int64_t all = worth(p), cut = 0, due = 0, money;
	int64_t away = p->paid_back + (p->dispute.lost ? p->dispute.amount : 0);

	for (int i = 0; i < p->nline; i++) {
		const struct line *l = &p->line[i];

		due += l->refunded * piece(p, l);
		cut += least(l->cut, l->n - l->refunded) * piece(p, l);
	}
	if (p->back)
		money = all - cut;
	else if (away == 0)
		money = 0;
	else if (away >= total(p) || !p->foreign)
		money = (all - cut) * least(away, total(p)) / total(p);
	else
		return -1;
	return least(all, cut + due + money);
}

static int64_t
member(const struct ask *a, const char *web, const char *sql)
{
	return json_int_or(json_get(a->js, a->direct ? sql : web), 0);
}

/* What an order's answer says, into the account; rows: ledger rows it made. */
static void
absorb(struct cx *cx, struct purchase *p, const struct ask *a, int rows)
{
	int64_t credited = member(a, "credited", "credited");
	int64_t set_off = member(a, "setOff", "set_off");
	int64_t taken = member(a, "taken", "taken");
	int64_t debt = member(a, "debt", "debt");
	int64_t must = owed(p);
	struct account *who = account_of(p->who);

	if (credited != worth(p) || (must >= 0 ?
	    taken + debt + p->lines_taken != must :
	    taken + debt + p->lines_taken > worth(p)))
		differs("order %" PRId64 ": %s, not %" PRId64 " credited and %"
		    PRId64 " back, %" PRId64 " of it by lines", p->id,
		    a->js != NULL ? json_print(cx, a->js) : "nothing",
		    worth(p), must, p->lines_taken);
	who->credits += (credited - p->credited) - (set_off - p->set_off) -
	    (taken - p->taken);
	who->debt += (debt - p->debt) - (set_off - p->set_off);
	totals.taken += (set_off - p->set_off) + (taken - p->taken);
	totals.sold += credited - p->credited;
	totals.lines += rows;
	p->credited = credited;
	p->set_off = set_off;
	p->taken = taken;
	p->debt = debt;
}

/* The order as it is, told n times; an answer that repeats says the same. */
static void
tell(struct cx *cx, struct client *cl, struct purchase *p, const char *topic,
    int n, int rows)
{
	const char *pass, *body = order_body(cx, cl, p, &pass);
	struct ask a;

	webhook(cx, cl, &a, topic, body, pass, n);
	absorb(cx, p, &a, rows);
}

static int
copies(struct client *cl)
{
	return roll(&cl->dice, 4) == 0 ? 2 + (int)roll(&cl->dice, 3) : 1;
}

/* --- buying */

static void
place(struct cx *cx, struct client *cl, struct purchase *p)
{
	tell(cx, cl, p, roll(&cl->dice, 2) ? "orders/paid" : "orders/create",
	    copies(cl), p->nline);
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

/* Paid, and nothing for it yet. */
static void
wait_for_it(struct cx *cx, struct client *cl, const struct purchase *p,
    const char *want)
{
	const char *pass, *body = order_body(cx, cl, p, &pass);
	struct ask a;

	webhook(cx, cl, &a, "orders/paid", body, pass, copies(cl));
	if (!str_eq(json_text(json_get(a.js, "outcome")), want))
		differs("order %" PRId64 ": %s, not %s", p->id, a.js != NULL ?
		    json_print(cx, a.js) : "nothing", want);
}

void
buy_as_guest(struct cx *cx, struct client *cl, struct account *who,
    struct purchase *p)
{
	make_order(cl, who, p);
	p->guest = true;
	wait_for_it(cx, cl, p, "nobody");
}

void
buy_found(struct cx *cx, struct client *cl, struct purchase *p)
{
	tell(cx, cl, p, "orders/paid", 1, p->nline);
}

/* One that was bought before, or NULL; it is entered. */
static struct purchase *
some_purchase(struct client *cl, struct account **who)
{
	size_t n = cl->nbought < BOUGHT ? cl->nbought : BOUGHT;
	uint64_t which = roll(&cl->dice, BOUGHT);
	struct purchase *p;

	if (n == 0)
		return NULL;
	p = &cl->bought[which % n];
	/* Only its own client merges what it was bought for. */
	*who = account_of(p->who);
	account_enter(*who, false);
	return p;
}

/* --- edits */

/* Pieces are added, removed, or both; one line is added if there is room. */
void
op_edit(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who);
	int rows = 0;

	if (p == NULL) {
		op_buy(cx, cl);
		return;
	}
	p->at += 1 + (int64_t)roll(&cl->dice, 3);
	for (int i = 0; i < p->nline && !p->off && !p->back; i++) {
		struct line *l = &p->line[i];
		int left = l->n - l->cut - l->refunded;
		uint64_t how = roll(&cl->dice, 4);

		if (how == 0 && l->n < 40) {
			l->n += 1 + (int)roll(&cl->dice, 3);
			rows++;
		} else if (how == 1 && left > 0)
			l->cut += 1 + (int)roll(&cl->dice, (uint64_t)left);
	}
	if (p->nline < LINES && p->sku == NULL && !p->off && !p->back &&
	    roll(&cl->dice, 3) == 0) {
		p->line[p->nline++] = (struct line){ .id = number(cl),
		    .pack = (int)roll(&cl->dice, npack),
		    .n = 1 + (int)roll(&cl->dice, 2) };
		rows++;
	}
	tell(cx, cl, p, "orders/updated", copies(cl), rows);
	account_leave(who);
}

/* The order as it was once, after what is newer: nothing changes. */
void
op_stale(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who), old;
	const char *pass, *body;
	struct ask a;

	if (p == NULL) {
		op_buy(cx, cl);
		return;
	}
	old = *p;
	old.at -= old.at > 1;
	if (old.at < p->at)
		for (int i = 0; i < old.nline; i++) {
			old.line[i].cut = (int)roll(&cl->dice,
			    (uint64_t)old.line[i].cut + 1);
			old.line[i].n += (int)roll(&cl->dice, 3);
		}
	body = order_body(cx, cl, &old, &pass);
	webhook(cx, cl, &a, "orders/updated", body, pass, 1);
	absorb(cx, p, &a, 0);
	account_leave(who);
}

/* --- refunds of lines */

/* Some pieces, all of them, or none; what is asked for may be too much. */
static const char *
refund_body(struct cx *cx, struct client *cl, struct purchase *p)
{
	struct buf *b = buf_new(cx, 65536);
	int how = (int)roll(&cl->dice, 4), n, comma = 0;
	struct returned *r = &p->refund[p->nrefund++];

	memset(r, 0, sizeof *r);
	r->id = number(cl);
	buf_fmt(b, "{\"id\":%" PRId64 ",\"order_id\":%" PRId64 ","
	    "\"refund_line_items\":[", r->id, p->id);
	for (int i = 0; i < p->nline && how > 0; i++) {
		struct line *l = &p->line[i];

		n = how == 3 ? l->n : (int)roll(&cl->dice,
		    (uint64_t)l->n + 1);
		if (n == 0)
			continue;
		buf_fmt(b, "%s{\"id\":%" PRId64 ",\"line_item_id\":%" PRId64
		    ",\"quantity\":%d}", comma++ > 0 ? "," : "", number(cl),
		    l->id, n);
		r->n[i] = (int)least(n, l->n - l->cut - l->refunded);
		l->refunded += r->n[i];
	}
	buf_puts(b, "]}");
	return b->data;
}

/* What it came to; the rest of the sum is checked with the order. */
static void
refunded(struct cx *cx, struct purchase *p, const struct ask *a)
{
	int64_t taken = json_int_or(json_get(a->js, "taken"), -1);
	int64_t debt = json_int_or(json_get(a->js, "debt"), -1);
	struct account *who = account_of(p->who);

	if (taken < 0 || debt < 0)
		differs("refund of order %" PRId64 ": %s", p->id,
		    a->js != NULL ? json_print(cx, a->js) : "nothing");
	who->credits -= taken;
	who->debt += debt;
	totals.taken += taken;
	p->lines_taken += taken + debt;
}

void
op_refund(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who);
	const char *body;
	struct ask a;

	if (p == NULL) {
		op_buy(cx, cl);
		return;
	}
	if (p->nrefund < REFUNDS) {
		body = refund_body(cx, cl, p);
		webhook(cx, cl, &a, "refunds/create", body, NULL,
		    roll(&cl->dice, 4) == 0 ? 3 : 1);
		refunded(cx, p, &a);
		p->at++;
	}
	tell(cx, cl, p, "orders/updated", 1, 0);
	account_leave(who);
}

/* The refund is told before its order. */
void
op_early(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	struct purchase p, before;
	const char *body, *pass, *first;
	struct ask a;

	account_enter(u, false);
	make_order(cl, u, &p);
	before = p;
	body = refund_body(cx, cl, &p);
	webhook(cx, cl, &a, "refunds/create", body, NULL, 1);
	if (json_int_or(json_get(a.js, "taken"), -1) != 0)
		differs("refund of order %" PRId64 ", which is not known: %s",
		    p.id, a.js != NULL ? json_print(cx, a.js) : "nothing");
	/* The order does not know of it yet. */
	first = order_body(cx, cl, &before, &pass);
	webhook(cx, cl, &a, "orders/paid", first, pass, 1);
	webhook(cx, cl, &a, "refunds/create", body, NULL, 1);
	refunded(cx, &p, &a);
	p.at++;
	tell(cx, cl, &p, "orders/updated", 1, p.nline);
	account_leave(u);
	bought(cl, &p);
}

/* --- money that goes back */

/* A refund that names no line; now and then before its order. */
void
op_amount(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who), fresh;
	bool early = p == NULL || roll(&cl->dice, 6) == 0;
	int64_t amount;
	struct ask a;

	if (early) {
		if (p != NULL)
			account_leave(who);
		who = user[roll(&cl->dice, nuser)];
		account_enter(who, false);
		make_order(cl, who, &fresh);
		p = &fresh;
	}
	amount = 10 * (1 + (int64_t)roll(&cl->dice, (uint64_t)total(p) / 10));
	webhook(cx, cl, &a, "refunds/create", cx_fmt(cx, "{\"id\":%" PRId64
	    ",\"order_id\":%" PRId64 ",\"refund_line_items\":[],"
	    "\"transactions\":[{\"kind\":\"refund\",\"status\":\"success\","
	    "\"amount\":\"%" PRId64 ".%02" PRId64 "\"},{\"kind\":\"refund\","
	    "\"status\":\"failure\",\"amount\":\"9.00\"}]}", number(cl), p->id,
	    amount / 1000, amount % 1000 / 10), NULL, copies(cl));
	p->paid_back += amount;
	if (early)
		place(cx, cl, p);
	else
		tell(cx, cl, p, "orders/updated", 1, 0);
	account_leave(who);
	if (early)
		bought(cl, p);
}

/* Cancelled, with the money or without. */
void
op_call_off(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who);

	if (p == NULL) {
		op_buy(cx, cl);
		return;
	}
	p->at++;
	p->off = true;
	p->back = p->back || roll(&cl->dice, 3) > 0;
	tell(cx, cl, p, "orders/cancelled", copies(cl), 0);
	account_leave(who);
}

static const char *
dispute_body(struct cx *cx, const struct purchase *p, const char *status,
    const char *end)
{
	const struct dispute *d = &p->dispute;

	return cx_fmt(cx, "{\"id\":%" PRId64 ",\"order_id\":%" PRId64
	    ",\"type\":\"chargeback\",\"amount\":\"%" PRId64 ".%02" PRId64
	    "\",\"currency\":\"USD\",\"reason\":\"fraudulent\","
	    "\"status\":\"%s\",\"finalized_on\":%s}", d->id, p->id,
	    d->amount / 1000, d->amount % 1000 / 10, status, end);
}

/* A chargeback, and how it ends; what is told late changes nothing. */
void
op_dispute(struct cx *cx, struct client *cl)
{
	struct account *who;
	struct purchase *p = some_purchase(cl, &who);
	const char *opened;
	bool won;
	struct ask a;

	if (p == NULL) {
		op_buy(cx, cl);
		return;
	}
	if (p->dispute.id == 0) {
		p->dispute.id = number(cl);
		p->dispute.amount = 10 * (1 + (int64_t)roll(&cl->dice,
		    (uint64_t)total(p) / 10));
		p->dispute.lost = true;
		webhook(cx, cl, &a, "disputes/create", dispute_body(cx, p,
		    "needs_response", "null"), NULL, copies(cl));
	} else if (p->dispute.id > 0) {
		opened = dispute_body(cx, p, "under_review", "null");
		won = roll(&cl->dice, 2);
		webhook(cx, cl, &a, "disputes/update", dispute_body(cx, p,
		    won ? "won" : "lost", "\"2026-11-26\""), NULL, copies(cl));
		webhook(cx, cl, &a, "disputes/update", opened, NULL, 1);
		p->dispute.lost = !won;
		p->dispute.id = -1;
	}
	tell(cx, cl, p, "orders/updated", 1, 0);
	account_leave(who);
}

/* --- what is not known yet */

int64_t batch_no;

static struct purchase	*later;
static size_t		 nlater, later_room;

static const char *
later_sku(int64_t n)
{
	static char sku[32];

	snprintf(sku, sizeof sku, "LATER-%" PRId64, n);
	return sku;
}

/* Pieces of something that is sold from the end of the batch. */
void
op_unknown(struct cx *cx, struct client *cl)
{
	struct account *u = user[roll(&cl->dice, nuser)];
	struct purchase p;

	account_enter(u, false);
	make_order(cl, u, &p);
	p.foreign = false;
	XXXAN(p.sku = strdup(later_sku(batch_no)));
	wait_for_it(cx, cl, &p, "nothing");
	account_leave(u);
	if (nlater == later_room) {
		later_room = later_room > 0 ? 2 * later_room : 256;
		XXXAN(later = realloc(later, later_room * sizeof *later));
	}
	later[nlater++] = p;
}

static const struct stmt S_KNOWN = STMT("machine_known",
    "select mina_config_put('credits.packs', value || "
    "jsonb_build_object($1::text, 7), 'machine') "
    "from mina_config('credits.packs')");
static const struct stmt S_AGAIN = STMT("machine_again",
    "select mina_unresolved_retry(100)");

void
make_known(struct cx *cx, int64_t n)
{
	struct client cl = { .no = 999, .dice = (uint64_t)n };
	const struct row *row;
	struct cx sub;

	if (pg_one(cx, &S_KNOWN, &row, pg_text(later_sku(n))) != E_OK) {
		differs("packs: %s", cx->err.detail);
		return;
	}
	do {
		if (pg_one(cx, &S_AGAIN, &row) != E_OK) {
			differs("retry: %s", cx->err.detail);
			return;
		}
	} while (row_int(row, 0) > 0);
	for (size_t i = 0; i < nlater; i++) {
		sub = cx_fork(cx, 1 << 20);
		tell(&sub, &cl, &later[i], "orders/paid", 1,
		    later[i].nline);
		cx_release(&sub);
	}
	nlater = 0;
}

/* --- what the shop must forget */

void
redact(struct cx *cx, struct client *cl, int64_t shopper)
{
	struct ask a;

	webhook(cx, cl, &a, "customers/redact", cx_fmt(cx,
	    "{\"shop_id\":1,\"customer\":{\"id\":%" PRId64 "},"
	    "\"orders_to_redact\":[]}", shopper), NULL, copies(cl));
}

/* A user stays, and is found by address the next time. */
void
op_redact(struct cx *cx, struct client *cl)
{
	struct account *u = user[2 * roll(&cl->dice, nuser / 2)];

	account_enter(u, false);
	redact(cx, cl, u->shopper);
	account_leave(u);
}
