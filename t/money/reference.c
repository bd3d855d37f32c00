/*
 * reference - the model: what each account must hold, kept outside Postgres
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mina.h"
#include "money.h"

#define SETTLE_MS	180000

struct totals totals;

static struct account	**all;
static size_t		  nall, room;

void
differs(const char *fmt, ...)
{
	va_list ap;

	totals.differences++;
	printf("# DIFFERS: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* --- accounts */

struct account *
account_new(const char *pass)
{
	struct account *a;

	XXXAN(a = calloc(1, sizeof *a));
	snprintf(a->pass, sizeof a->pass, "%s", pass);
	a->last = &a->queue;
	if (nall == room) {
		room = room > 0 ? 2 * room : 256;
		XXXAN(all = realloc(all, room * sizeof *all));
	}
	return all[nall++] = a;
}

struct account *
account_of(struct account *a)
{
	while (a->into != NULL)
		a = a->into;
	return a;
}

void
account_merge(struct account *from, struct account *into)
{
	struct spend **p = &from->spends;

	into->credits += from->credits;
	into->debt += from->debt;
	from->credits = from->debt = 0;
	from->into = into;
	while (*p != NULL)
		p = &(*p)->next;
	*p = into->spends;
	into->spends = from->spends;
	from->spends = NULL;
}

struct spend *
account_spend(struct account *a, bool keyed, const char *tag)
{
	struct spend *s;

	a = account_of(a);
	XXXAN(s = calloc(1, sizeof *s));
	snprintf(s->tag, sizeof s->tag, "%s", tag);
	s->keyed = keyed;
	s->next = a->spends;
	a->spends = s;
	return s;
}

/* --- who may touch one: in order, so that nobody waits for ever */

struct waiting {
	struct waiting	*next;
	struct wait	 w;
	bool		 alone;
};

static void
admit_next(struct account *a)
{
	struct waiting *w;

	while ((w = a->queue) != NULL && !a->alone &&
	    (a->users == 0 || !w->alone)) {
		if ((a->queue = w->next) == NULL)
			a->last = &a->queue;
		a->users++;
		a->alone = w->alone;
		wait_wake(&w->w, E_OK);
	}
}

void
account_enter(struct account *a, bool alone)
{
	struct waiting w = { .w = WAIT_INIT(W_SLEEP), .alone = alone };

	*a->last = &w;
	a->last = &w.next;
	admit_next(a);
	wait_for(&w.w, 0);
}

void
account_leave(struct account *a)
{
	a->users--;
	a->alone = false;
	admit_next(a);
}

/* --- how the generations ended */

/* What is under way is held; what is not, is seen by model_compare(). */
static const struct stmt S_PENDING = STMT_READ("machine_pending",
    "select count(*) from mega_customers where mg_held > 0 "
    "and ($1::text is null or mg_pass_id = any (mina_passes($1)))");
/* An admission may still wait for its turn whose program was killed. */
static const struct stmt S_BUSY = STMT_READ("machine_busy",
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and pid <> pg_backend_pid() and state = 'active' "
    "and query like '%mina_admit%'");
static const struct stmt S_ENDED = STMT_READ("machine_ended",
    "select mg_title, mg_generation_id, mg_status, mg_cost "
    "from mega_generations where mg_record_type = 'generation' "
    "and mg_pass_id = any (mina_passes($1)) and mg_title = any ($2::text[])");

static bool
count_is_0(struct cx *cx, const struct stmt *st, const char *pass)
{
	const struct row *row;
	enum err er;

	er = st == &S_BUSY ? pg_one(cx, st, &row) :
	    pg_one(cx, st, &row, pg_text(pass));
	return er == E_OK && row_int(row, 0) == 0;
}

static void
await_quiet(const struct account *a)
{
	const char *pass = a != NULL ? a->pass : NULL;
	int64_t until = loop_now() + SETTLE_MS;
	struct cx cx;
	bool quiet = true;

	do {
		app_cx(&cx, 1 << 20);
		if (!quiet)
			loop_sleep(&cx, 20);
		quiet = count_is_0(&cx, &S_BUSY, NULL) &&
		    count_is_0(&cx, &S_PENDING, pass);
		cx_release(&cx);
	} while (!quiet && loop_now() < until);
	if (!quiet)
		differs("%s: still something under way after %d s",
		    pass != NULL ? pass : "all", SETTLE_MS / 1000);
}

static void
one_ended(struct account *a, const struct row *row)
{
	const char *id = row_text(row, 1), *status = row_text(row, 2);
	struct spend *s;

	for (s = a->spends; s != NULL; s = s->next)
		if (strcmp(s->tag, row_text(row, 0)) == 0)
			break;
	if (s == NULL || s->found == ROWS) {
		differs("%s: %s \"%s\" is too much", a->pass, id,
		    row_text(row, 0));
		return;
	}
	snprintf(s->row[s->found++], sizeof s->row[0], "%s", id);
	if (row_int(row, 3) != price)
		differs("%s costs %" PRId64, id, row_int(row, 3));
	if (strcmp(status, "succeeded") == 0) {
		a->credits -= price;
		totals.delivered++;
	} else if (strcmp(status, "failed") == 0)
		totals.failed++;
	else
		differs("%s: %s is %s", a->pass, id, status);
}

/*
 * Nobody can take back a request whose answer was lost: it may be carried out
 * after the one that came to ask again was refused for want of matcha.  With a
 * key that is one generation at most, and what is answered is it.
 */
static void
check_spend(const struct account *a, const struct spend *s)
{
	int least = s->admitted, most = s->admitted + s->unsure;

	if (s->keyed) {
		least = s->id[0] != '\0';
		most = least || s->unsure > 0;
		totals.late += s->found > least;
		if (least == 1 && s->found == 1 &&
		    strcmp(s->id, s->row[0]) != 0)
			differs("%s: %s was answered, %s is there", a->pass,
			    s->id, s->row[0]);
	}
	if (s->found < least || s->found > most)
		differs("%s: \"%s\" is there %d times, not %d to %d (%s; "
		    "answered %s, rows %s %s)", a->pass, s->tag, s->found,
		    least, most, s->keyed ? "with a key" : "without a key",
		    s->id[0] != '\0' ? s->id : "none", s->row[0], s->row[1]);
}

static void
settle_one(struct cx *up, struct account *a)
{
	const struct rows *rows;
	struct spend *s;
	struct buf *b;
	struct cx cx;

	(void)up;
	if (a->spends == NULL)
		return;
	app_cx(&cx, 16 << 20);
	b = buf_new(&cx, 1 << 20);
	for (s = a->spends; s != NULL; s = s->next)
		buf_fmt(b, "%s\"%s\"", b->len > 0 ? "," : "{", s->tag);
	buf_puts(b, "}");
	if (pg_each(&cx, &S_ENDED, &rows, pg_text(a->pass),
	    pg_text(b->data)) != E_OK)
		differs("%s: cannot be read: %s", a->pass, cx.err.detail);
	else
		for (size_t i = 0; i < rows_n(rows); i++)
			one_ended(a, rows_at(rows, i));
	cx_release(&cx);
	while ((s = a->spends) != NULL) {
		check_spend(a, s);
		a->spends = s->next;
		free(s);
	}
}

void
model_settle(struct cx *cx, struct account *a)
{
	await_quiet(a);
	if (a != NULL)
		settle_one(cx, a);
	for (size_t i = 0; a == NULL && i < nall; i++)
		settle_one(cx, all[i]);
}

/* --- the books */

static const struct stmt S_ALL = STMT_READ("machine_all",
    "select mg_pass_id, mg_credits, mg_held, "
    "coalesce((mg_meta->>'debt')::int, 0), mg_meta->>'merged_into' "
    "from mega_customers order by mg_pass_id collate \"C\"");
static const struct stmt S_SUMS = STMT_READ("machine_sums",
    "select count(*) filter (where mg_reason = 'purchase'), "
    "coalesce(sum(mg_delta) filter (where mg_reason = 'purchase'), 0), "
    "coalesce(-sum(mg_delta) filter (where mg_reason = 'refund'), 0), "
    "count(*) filter (where mg_id like 'credit\\_transaction:settle:%'), "
    "count(distinct mg_ref_id) filter (where mg_id like "
    "'credit\\_transaction:settle:%') "
    "from mega_generations where mg_record_type = 'credit_transaction'");
static const struct stmt S_PARITY = STMT_READ("machine_parity",
    "select pass, what, expected, actual from mina_parity() limit 20");

static int
by_pass(const void *x, const void *y)
{
	const struct account *const *a = x, *const *b = y;

	return strcmp((*a)->pass, (*b)->pass);
}

static void
compare_one(struct account *a, const struct row *row)
{
	const char *into = row_text(row, 4);

	totals.compared++;
	if (row_int(row, 1) != a->credits || row_int(row, 2) != 0 ||
	    row_int(row, 3) != a->debt)
		differs("%s has %" PRId64 ", %" PRId64 " held, owes %" PRId64
		    "; the model has %" PRId64 ", none held, owes %" PRId64,
		    a->pass, row_int(row, 1), row_int(row, 2),
		    row_int(row, 3), a->credits, a->debt);
	if (!str_eq(into, a->into != NULL ? account_of(a)->pass : NULL))
		differs("%s is merged into %s, in the model into %s", a->pass,
		    into != NULL ? into : "none", a->into != NULL ?
		    account_of(a)->pass : "none");
}

static void
compare_accounts(struct cx *cx)
{
	const struct rows *rows;
	size_t i = 0, j = 0;
	int c;

	qsort(all, nall, sizeof *all, by_pass);
	if (pg_each(cx, &S_ALL, &rows) != E_OK) {
		differs("accounts cannot be read: %s", cx->err.detail);
		return;
	}
	totals.compared = 0;
	while (i < nall || j < rows_n(rows)) {
		c = i == nall ? 1 : j == rows_n(rows) ? -1 :
		    strcmp(all[i]->pass, row_text(rows_at(rows, j), 0));
		if (c <= 0 && all[i]->gone) {
			i++;
			j += c == 0;
		} else if (c < 0)
			differs("%s is not there", all[i++]->pass);
		else if (c == 0)
			compare_one(all[i++], rows_at(rows, j++));
		else if (str_starts(row_text(rows_at(rows, j), 0),
		    "pass:gone:"))
			j++;
		else
			differs("%s: nobody made it",
			    row_text(rows_at(rows, j++), 0));
	}
}

static void
is(const char *what, int64_t got, int64_t want)
{
	if (got != want)
		differs("%s: %" PRId64 ", in the model %" PRId64, what, got,
		    want);
}

void
model_compare(struct cx *cx)
{
	const struct rows *rows;
	const struct row *row;

	compare_accounts(cx);
	if (pg_one(cx, &S_SUMS, &row) != E_OK)
		differs("sums cannot be read: %s", cx->err.detail);
	else {
		is("order lines credited", row_int(row, 0), totals.lines);
		is("matcha sold", row_int(row, 1), totals.sold);
		is("matcha taken back", row_int(row, 2), totals.taken);
		is("charges", row_int(row, 3), totals.delivered);
		is("generations charged", row_int(row, 4), totals.delivered);
	}
	if (pg_each(cx, &S_PARITY, &rows) != E_OK) {
		differs("mina_parity: %s", cx->err.detail);
		return;
	}
	for (size_t i = 0; i < rows_n(rows); i++) {
		row = rows_at(rows, i);
		differs("mina_parity: %s %s: %s, not %s", row_text(row, 0),
		    row_text(row, 1), row_text(row, 3), row_text(row, 2));
	}
}

bool
model_write(const char *path)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return false;
	for (size_t i = 0; i < nall; i++)
		if (!all[i]->gone)
			fprintf(f, "%s|%" PRId64 "|%" PRId64 "|%s\n",
			    all[i]->pass, all[i]->credits, all[i]->debt,
			    all[i]->into != NULL ?
			    account_of(all[i])->pass : "");
	return fclose(f) == 0;
}
