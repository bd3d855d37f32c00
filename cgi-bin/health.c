/*
 * health - liveness and readiness probes
 *
 * /health checks nothing.  /ready checks the database, the object store, the
 * age of the oldest queued generation, and that the sandbox and production are
 * not mixed; and warns of what an operator should look at.  Any client may ask,
 * so it is looked at once in READY_MS, and one request at a time.
 */
#include "config.h"
#include "mina.h"

#define PROBE_KEY	"health/probe"	/* never written */
#define QUEUE_LATE_S	60
#define NOTE_MS		180000	/* a worker renews it every minute */
#define APART_MS	5000	/* clocks may differ by this */
#define READY_MS	2000	/* an answer is given again */
#define LOOK_MS		10000	/* a request waits for another's look */

/* GET /health */
static coroutine_fn enum err
health(struct cx *cx, struct req *rq, struct resp *rs)
{
	(void)cx;
	(void)rq;
	return resp_raw(rs, 200, "application/json", "{\"ok\":true}", 11);
}

static coroutine_fn const char *
database(struct cx *cx, int64_t *late, int64_t *left)
{
	return gen_queue_age(cx, late, left) == E_OK ? NULL :
	    "the database does not answer";
}

static coroutine_fn const char *
storage(struct cx *cx)
{
	struct s3_head head;
	enum err er;

	cx->deadline = loop_now() + 3000;
	er = s3_head(cx, PROBE_KEY, &head);
	cx->deadline = 0;
	return er == E_OK || er == E_NOTFOUND ? NULL :
	    "the picture store does not answer";
}

/* localhost, *.localhost, 127.0.0.0/8 and [::1]. */
static bool
is_here(struct cx *cx, const char *origin)
{
	struct url u;

	if (!url_parse(cx, origin, &u))
		return false;
	return str_eq(u.host, "localhost") || str_ends(u.host, ".localhost") ||
	    str_eq(u.host, "::1") || (str_starts(u.host, "127.") &&
	    strspn(u.host, "0123456789.") == strlen(u.host));
}

static const struct stmt S_SANDBOX = STMT_READ("health_sandbox",
    "select mina_sandbox()");

/*
 * Whether the sandbox is in use is told by MINA_SANDBOX_URL, which only the
 * launcher sets and only with the sandbox.  NULL: nothing is mixed.
 */
static coroutine_fn const char *
mixed(struct cx *cx)
{
	bool on = *conf_str(C_SANDBOX_URL) != '\0', marked;

	if (on && !is_here(cx, conf_str(C_PUBLIC_URL)))
		return "MINA_PUBLIC_URL is a public address, and the sandbox "
		    "is in use";
	if (pg_ask(cx, &S_SANDBOX, &marked) != E_OK ||
	    marked == on)
		return NULL;
	return on ? "the sandbox is in use with a database that is not marked "
	    "as the sandbox's" : "the database holds the sandbox's customers "
	    "and free matcha: use a fresh one without the sandbox";
}

/* --- warnings: what works, but needs an operator's look */

static coroutine_fn void
warn_spending(struct cx *cx, struct json *js)
{
	int64_t spent, cap;

	if (budget_house(cx, &spent, &cap) != E_OK)
		return;
	if (cap == 0)
		json_str(js, NULL, "spending is switched off: spend.daily "
		    "is 0");
	else if (spent * 100 >= cap * BUDGET_LOUD)
		json_str(js, NULL, cx_fmt(cx, "%lld of spend.daily's %lld US "
		    "cents are spent today", (long long)spent,
		    (long long)cap));
}

static coroutine_fn void
warn_workers(struct cx *cx, struct json *js)
{
	const char **note = NULL;
	size_t n = 0;

	if (note_list(cx, NOTE_MS, &note, &n) == E_OK)
		for (size_t i = 0; i < n; i++)
			json_str(js, NULL, cx_fmt(cx, "a worker: %s", note[i]));
}

/* Providers that refuse our key, have no credit for us, and the like. */
static coroutine_fn void
warn_providers(struct cx *cx, struct json *js)
{
	const struct rows *rows;

	if (note_troubles(cx, &rows) == E_OK)
		for (size_t i = 0; i < rows_n(rows); i++)
			json_str(js, NULL, cx_fmt(cx, "a provider: %s",
			    row_text(rows_at(rows, i), 0)));
}

/* Column 0 has a sentence. */
static void
put_each(struct json *js, const struct rows *rows)
{
	for (size_t i = 0; i < rows_n(rows); i++)
		json_str(js, NULL, row_text(rows_at(rows, i), 0));
}

/* Paid orders without credit, requests of customers, and the like. */
static coroutine_fn void
warn_waiting(struct cx *cx, struct json *js)
{
	const struct rows *rows;

	if (shop_warnings(cx, &rows) == E_OK)
		put_each(js, rows);
}

static const struct stmt S_CALL_OFF = STMT_READ("health_call_off",
    "select warning from mina_call_off_warnings()");

/* Jobs that are billed and that nothing uses. */
static coroutine_fn void
warn_jobs(struct cx *cx, struct json *js)
{
	const struct rows *rows;

	if (pg_each(cx, &S_CALL_OFF, &rows) == E_OK)
		put_each(js, rows);
}

static const struct stmt S_CLOCK = STMT_READ("health_clock",
    "select mina_clock()");

/* This machine's: tokens and callbacks are judged by it. */
static coroutine_fn void
warn_clock(struct cx *cx, struct json *js)
{
	int64_t sent = clock_now(), off;
	const struct row *row;

	if (pg_one(cx, &S_CLOCK, &row) != E_OK)
		return;
	off = clock_now() - row_time(row, 0);
	if (off < -APART_MS || off - (clock_now() - sent) > APART_MS)
		json_str(js, NULL, cx_fmt(cx, "this machine's clock is %lld s "
		    "%s the database's", (long long)(off < 0 ? -off : off) /
		    1000, off < 0 ? "behind" : "ahead of"));
}

/* Sessions that make ours wait for rows; which ones is for the log only. */
static coroutine_fn void
warn_locks(struct cx *cx, struct json *js)
{
	static char logged[200];
	const struct rows *rows;
	const char *which;

	if (pg_blockers(cx, &rows) != E_OK)
		return;
	for (size_t i = 0; i < rows_n(rows); i++) {
		json_str(js, NULL, row_text(rows_at(rows, i), 0));
		which = row_text(rows_at(rows, i), 1);
		if (i > 0 || strncmp(which, logged, sizeof logged - 1) == 0)
			continue;
		log_warn(cx, "postgres: %s", which);
		snprintf(logged, sizeof logged, "%s", which);
	}
}

/* Whether e-mail addresses mean anything. */
static coroutine_fn void
warn_sign_in(struct cx *cx, struct json *js)
{
	if (strcmp(conf_str(C_AUTH), "trusted") == 0 ||
	    *conf_str(C_AUTH_URL) == '\0')
		return;
	switch (confirm_ask(cx)) {
	case CONFIRM_NO:
		json_str(js, NULL, "the sign-in service confirms no e-mail "
		    "addresses (mailer_autoconfirm): customers with a "
		    "password are not verified");
		break;
	case CONFIRM_UNKNOWN:
		json_str(js, NULL, "the sign-in service does not say whether "
		    "it confirms e-mail addresses: customers with a password "
		    "are not verified");
		break;
	case CONFIRM_YES:
		break;
	}
}

static coroutine_fn void
warnings(struct cx *cx, struct json *js, const char *db, int64_t left)
{
	json_list(js, "warnings");
	if (left > QUEUE_LATE_S)
		json_str(js, NULL, cx_fmt(cx, "a generation whose worker has "
		    "ended has waited %lld s for another one",
		    (long long)left));
	if (db == NULL) {
		warn_spending(cx, js);
		warn_workers(cx, js);
		warn_clock(cx, js);
		warn_providers(cx, js);
		warn_waiting(cx, js);
		warn_jobs(cx, js);
		warn_locks(cx, js);
	}
	warn_sign_in(cx, js);
	json_end(js);
}

static coroutine_fn enum err
look(struct cx *cx, struct resp *rs)
{
	const char *db, *store, *mix;
	int64_t late = 0, left = 0;
	struct json *js;
	bool slow;

	db = database(cx, &late, &left);
	mix = db == NULL ? mixed(cx) : NULL;
	store = storage(cx);
	slow = late > QUEUE_LATE_S;
	js = resp_json(rs, db == NULL && store == NULL && mix == NULL &&
	    !slow ? 200 : 503);
	json_bool(js, "ok", rs->status == 200);
	json_str(js, "auth", conf_str(C_AUTH));
	json_int(js, "queueAgeSec", late > left ? late : left);
	json_list(js, "reasons");
	if (db != NULL)
		json_str(js, NULL, db);
	if (store != NULL)
		json_str(js, NULL, store);
	if (mix != NULL)
		json_str(js, NULL, mix);
	if (slow)
		json_str(js, NULL, "generations wait too long: is a worker "
		    "running?");
	json_end(js);
	warnings(cx, js, db, left);
	if (strcmp(conf_str(C_AUTH), "trusted") == 0)
		json_str(js, "warning", "MINA_AUTH=trusted: passes are "
		    "believed without proof");
	return resp_done(rs);
}

/* GET /ready */
static coroutine_fn enum err
ready(struct cx *cx, struct req *rq, struct resp *rs)
{
	static struct gate gate = GATE_INIT(gate, W_READINESS, 1);
	static struct buf last;
	static int64_t since;
	static int status;	/* 0: none yet */
	enum err er;

	(void)rq;
	if (gate_enter(&gate, loop_now() + LOOK_MS) != E_OK)
		return err_set(cx, E_DB, "a look at the services takes long");
	if (status != 0 && loop_now() - since < READY_MS)
		er = resp_raw(rs, status, "application/json", last.data,
		    last.len);
	else if ((er = look(cx, rs)) == E_OK) {
		if (last.cap == 0)
			buf_init(&last, RESP_MAX);
		buf_clear(&last);
		status = buf_put(&last, rs->body->data, rs->body->len) ?
		    rs->status : 0;
		since = loop_now();
	}
	gate_leave(&gate);
	return er;
}

static const struct app health_app = {
	.needs = APP_DB | APP_HTTP,
	.routes = {
		{ M_GET, "/health", health, R_OPEN | R_QUIET },
		{ M_GET, "/ready", ready, R_OPEN | R_QUIET },
	},
};

int
main(int argc, char **argv)
{
	return app_main(&health_app, "health", argc, argv);
}
