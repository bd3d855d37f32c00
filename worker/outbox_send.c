/*
 * outbox_send - performs the calls to other services that the outbox holds
 *
 * AT_ONCE at a time.  A failure is written into the row, which is tried again
 * later, and after ATTEMPTS_MAX stays as failed for the operator.  The lease
 * of a worker that dies runs out and the action is performed again, so every
 * action here must be idempotent.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "mina.h"
#include "mma/mma.h"
#include "queue/outbox.h"

#define AT_ONCE		8
#define ATTEMPTS_MAX	20		/* over some ten hours */
#define ACTION_MS	60000
#define LEASE_MS	90000		/* longer than an action may take */
#define IDLE_MS		5000		/* a notification may be lost */
#define GATHER_MS	10
#define ENTRY_CAP	(16 << 20)
#define ERASE_MS	20000

/* A claimed row while its action is performed. */
struct entry {
	struct cx	 cx;
	struct outbox	 row;
};

static const char	*owner;
static int		 running;
static struct wait	*idle;		/* the claimer, asleep */

static void
wake_claimer(void)
{
	if (idle != NULL)
		wait_wake(idle, E_OK);
}

static void
on_due(void *arg, const char *payload)
{
	(void)arg;
	(void)payload;
	wake_claimer();
}

/* --- actions: E_CONFLICT and E_NOTFOUND are final */

static coroutine_fn enum err
tag(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const char *shop = json_text(json_get(payload, "shop"));
	const char *customer = json_text(json_get(payload, "customer"));

	if (shop == NULL || customer == NULL || *customer == '\0' ||
	    strspn(customer, "0123456789") != strlen(customer))
		return err_set(cx, E_CONFLICT, "payload without shop or "
		    "customer");
	return shop_tag(cx, shop, customer, conf_str(C_SHOPIFY_TAG),
	    retry_ms);
}

static coroutine_fn enum err
redact(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const char *shop = json_text(json_get(payload, "shop"));
	int64_t n = 1;
	enum err er = E_OK;

	(void)retry_ms;
	if (shop == NULL)
		return err_set(cx, E_CONFLICT, "payload without shop");
	while (n > 0 && er == E_OK)
		er = shop_redact_some(cx, shop, &n);
	return er;
}

/* An object that is gone already counts as deleted. */
static coroutine_fn enum err
delete_objects(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const struct cJSON *js = json_first(json_get(payload, "keys"));
	enum err er;

	(void)retry_ms;
	for (; js != NULL; js = json_next(js)) {
		if (json_text(js) == NULL)
			continue;
		er = s3_delete(cx, json_text(js));
		if (er != E_OK && er != E_NOTFOUND)
			return er;
	}
	return E_OK;
}

/* In slices, so that the lease never ends before the action. */
static coroutine_fn enum err
erase_account(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const char *id = json_text(json_get(payload, "id"));
	int64_t until = loop_now() + ERASE_MS;
	enum archive_erasing state = ERASING_MORE;
	struct cx tmp;
	enum err er;

	if (id == NULL)
		return err_set(cx, E_CONFLICT, "payload without id");
	while (state == ERASING_MORE) {
		if (jobs_stopping || loop_now() >= until)
			return err_set(cx, E_BUSY, "there is more to erase");
		tmp = cx_fork(cx, JOB_CAP);
		er = archive_erase_some(&tmp, id, &state);
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er != E_OK)
			return er;
	}
	*retry_ms = 0;
	return state == ERASING_DONE ? E_OK : err_set(cx, E_BUSY, "a "
	    "generation is still running");
}

static coroutine_fn enum err
erase_uploads(struct cx *cx, const struct cJSON *payload, int64_t *retry_ms)
{
	const struct cJSON *js = json_first(json_get(payload, "hashes"));
	const char *id = json_text(json_get(payload, "id"));
	enum err er;

	(void)retry_ms;
	for (; js != NULL; js = json_next(js))
		if ((er = asset_erase(cx, json_text(js))) != E_OK)
			return er;
	return id != NULL ? archive_uploads_gone(cx, id) : E_OK;
}

static const struct {
	const char	*name;
	coroutine_fn enum err (*fn)(struct cx *, const struct cJSON *,
			    int64_t *);
} actions[] = {
	{ "account.erase", erase_account },
	{ "job.cancel", mma_call_off },
	{ "objects.delete", delete_objects },
	{ "shopify.redact", redact },
	{ "shopify.tag", tag },
	{ "uploads.erase", erase_uploads },
};

static coroutine_fn enum err
perform(struct entry *e, int64_t *retry_ms)
{
	struct cJSON *payload;
	enum err er;

	*retry_ms = 0;
	if ((er = json_parse(&e->cx, e->row.payload, strlen(e->row.payload),
	    &payload)) != E_OK)
		return err_set(&e->cx, E_CONFLICT, "the payload is not JSON");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(actions[i].name, e->row.action) == 0)
			return actions[i].fn(&e->cx, payload, retry_ms);
	/* A newer version may have written it. */
	return err_set(&e->cx, E_REJECTED, "unknown action %s",
	    e->row.action);
}

/* --- one entry */

/*
 * The id for logs and dumps, which outlive an erased account: with what stands
 * between the action and the last part left out, the shop's customer.
 */
static const char *
loggable(struct entry *e)
{
	const char *last = strrchr(e->row.id, ':');

	return cx_fmt(&e->cx, "%s%s", e->row.action, last != NULL ? last : "");
}

static coroutine_fn enum err
report(struct entry *e, enum err er, int64_t retry_ms)
{
	const char *id = e->row.id, *name = loggable(e);
	const char *why = cx_fmt(&e->cx, "%s: %s", err_name(er),
	    e->cx.err.detail);

	if (er == E_OK)
		return outbox_done(&e->cx, owner, id, NULL);
	if (er == E_CONFLICT || er == E_NOTFOUND ||
	    (er != E_BUSY && e->row.attempts >= ATTEMPTS_MAX)) {
		log_warn(&e->cx, "%s failed after %lld attempts: %s", name,
		    (long long)e->row.attempts, why);
		return outbox_failed(&e->cx, owner, id, why);
	}
	log_info(&e->cx, "%s will be tried again: %s", name, why);
	/* A busy peer is not a failed attempt. */
	return outbox_later(&e->cx, owner, id, why, outbox_pause(er == E_BUSY ?
	    1 : e->row.attempts, retry_ms));
}

static coroutine_fn void
run_entry(void *arg)
{
	struct entry *e = arg;
	int64_t retry_ms;
	enum err er;

	co_label(loggable(e), "outbox");
	e->cx.deadline = loop_now() + ACTION_MS;
	er = perform(e, &retry_ms);
	e->cx.deadline = 0;
	if ((er = report(e, er, retry_ms)) != E_OK)
		log_warn(&e->cx, "%s: result not saved, it will run again: "
		    "%s", loggable(e), e->cx.err.detail);
	cx_release(&e->cx);
	free(e);
	running--;
	wake_claimer();
	jobs_end();
}

static void
start_entry(const struct outbox *row)
{
	struct entry *e;

	XXXAN(e = calloc(1, sizeof *e));
	app_cx(&e->cx, ENTRY_CAP);
	e->row.id = cx_dup(&e->cx, row->id);
	e->row.action = cx_dup(&e->cx, row->action);
	e->row.payload = cx_dup(&e->cx, row->payload);
	e->row.attempts = row->attempts;
	running++;
	jobs_begin();
	loop_go(run_entry, e);
}

/* --- claiming */

/* The clock may have been set while no worker was there to notice. */
static coroutine_fn enum err
look_at_clock(struct cx *cx)
{
	static unsigned seen;
	static bool started;
	unsigned steps = pgtime_steps();
	int64_t n = 0;
	enum err er;

	if (started && seen == steps)
		return E_OK;
	if ((er = outbox_again(cx, &n)) != E_OK)
		return er;
	if (n > 0)
		log_warn(cx, "the database's clock was set back: %lld outbox "
		    "entries begin to wait again", (long long)n);
	started = true;
	seen = steps;
	return E_OK;
}

static coroutine_fn enum err
claim_some(struct cx *cx)
{
	struct outbox *rows;
	size_t n;
	enum err er;

	if (running >= AT_ONCE)
		return E_OK;
	if ((er = look_at_clock(cx)) != E_OK)
		return er;
	if ((er = outbox_claim(cx, owner, AT_ONCE - running, LEASE_MS, &rows,
	    &n)) != E_OK)
		return er;
	for (size_t i = 0; i < n; i++)
		start_entry(&rows[i]);
	return E_OK;
}

static coroutine_fn void
claimer(void *arg)
{
	struct wait w;
	struct cx cx;

	(void)arg;
	while (!jobs_stopping) {
		/* Before the claim, so that a wake in between is kept. */
		w = (struct wait)WAIT_INIT(W_DUE_OUTBOX);
		idle = &w;
		app_cx(&cx, JOB_CAP);
		jobs_begin();
		if (claim_some(&cx) != E_OK)
			log_warn(&cx, "cannot claim outbox entries: %s",
			    cx.err.detail);
		cx_release(&cx);
		jobs_end();
		wait_for(&w, loop_now() + IDLE_MS);
		if (!jobs_stopping)
			loop_sleep(NULL, GATHER_MS);
	}
	idle = NULL;
}

void
outbox_send_start(const char *me)
{
	struct cx cx;

	owner = me;
	app_cx(&cx, JOB_CAP);
	pg_listen(cx.db, "mina_outbox", on_due, NULL);
	cx_release(&cx);
	loop_go(claimer, NULL);
}
