/*
 * jobs - starts and stops the background jobs, and sweeps what is over
 *
 * Each job is a coroutine that claims, works and sleeps.  All of them may be
 * killed at any moment, and other workers run the same ones.
 */
#include "config.h"

#include "jobs.h"
#include "mina.h"

#define SWEEP_MS	600000
#define UPLOADS_MS	3600000

bool jobs_stopping;

static int under_way;
static void (*when_idle)(void);

void
jobs_begin(void)
{
	under_way++;
}

void
jobs_end(void)
{
	if (--under_way == 0)
		when_idle();
}

bool
jobs_busy(void)
{
	return under_way > 0;
}

/* Each call does one batch at most; a full one means that there may be more. */
static const struct sweep {
	const char	*what;
	coroutine_fn enum err (*fn)(struct cx *, int64_t *n);
	int64_t		 batch;
	bool		 news;		/* for the log */
} sweeps[] = {
	{ "customers whose matcha expired", ledger_sweep, LEDGER_SWEEP, true },
	{ "answers of idempotent requests", idempotency_sweep, IDEM_SWEEP,
	    false },
	{ "rows left of erased accounts", archive_sweep, ARCHIVE_SWEEP,
	    false },
	{ "passes that never owned anything", ident_sweep, IDENT_SWEEP, false },
	{ "counters of past days", budget_sweep, BUDGET_SWEEP, false },
	{ "credited orders that had waited", shop_retry, SHOP_RETRY, true },
};

/* True when there may be more. */
static coroutine_fn bool
sweep(const struct sweep *s)
{
	int64_t n = 0;
	struct cx cx;

	app_cx(&cx, JOB_CAP);
	if (s->fn(&cx, &n) != E_OK)
		log_warn(&cx, "sweep of %s: %s", s->what, cx.err.detail);
	else if (n > 0)
		log_msg(s->news ? LOG_INFO : LOG_DEBUG, &cx, "swept %lld %s",
		    (long long)n, s->what);
	cx_release(&cx);
	return n >= s->batch;
}

static coroutine_fn void
sweeper(void *arg)
{
	bool more;

	(void)arg;
	for (;;) {
		more = false;
		for (size_t i = 0; i < sizeof sweeps / sizeof *sweeps; i++)
			more |= sweep(&sweeps[i]);
		if (!more)
			loop_sleep(NULL, SWEEP_MS);
	}
}

/* Deletes uploads that were not completed. */
static coroutine_fn void
uploads_sweeper(void *arg)
{
	int64_t n = 0;
	struct cx cx;

	(void)arg;
	for (;;) {
		app_cx(&cx, JOB_CAP);
		if (asset_sweep(&cx, &n) != E_OK)
			log_warn(&cx, "sweep of uploads: %s", cx.err.detail);
		else if (n > 0)
			log_info(&cx, "deleted %lld uploads that were "
			    "not completed", (long long)n);
		cx_release(&cx);
		loop_sleep(NULL, UPLOADS_MS);
	}
}

void
jobs_start(const char *owner, void (*idle)(void))
{
	when_idle = idle;
	loop_go(sweeper, NULL);
	loop_go(uploads_sweeper, NULL);
	outbox_send_start(owner);
	tools_start(owner);
	clockwatch_start(owner);
	if (!shop_admin_enabled()) {
		log_debug(NULL, "no shop, or no credentials for its Admin API: "
		    "customers are not tagged, orders not polled");
		return;
	}
	shopsync_start(owner);
}

void
jobs_stop(void)
{
	jobs_stopping = true;
}
