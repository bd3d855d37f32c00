/*
 * jobs - starts and stops the background jobs, and runs the expiry sweep
 *
 * Each job is a coroutine that claims, works and sleeps.  All of them may be
 * killed at any moment, and other workers run the same ones.
 */
#include "config.h"

#include "jobs.h"
#include "mina.h"

#define SWEEP_MS	600000

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

/*
 * Writes off expired matcha, deletes expired answers of idempotent requests,
 * and removes what an older version left of erased accounts.
 */
static coroutine_fn void
sweeper(void *arg)
{
	struct cx cx;
	int64_t expired, answers, erased;

	(void)arg;
	for (;;) {
		expired = answers = erased = 0;
		app_cx(&cx, JOB_CAP);
		if (ledger_sweep(&cx, &expired) != E_OK)
			log_warn(&cx, "sweep of matcha: %s", cx.err.detail);
		else if (expired > 0)
			log_info(&cx, "expired matcha of %lld customers",
			    (long long)expired);
		if (idempotency_sweep(&cx, &answers) != E_OK)
			log_warn(&cx, "sweep of idempotency keys: %s",
			    cx.err.detail);
		if (archive_sweep(&cx, &erased) != E_OK)
			log_warn(&cx, "sweep of erased accounts: %s",
			    cx.err.detail);
		cx_release(&cx);
		/* A full batch means that there may be more. */
		if (expired < LEDGER_SWEEP && answers < IDEM_SWEEP &&
		    erased < ARCHIVE_SWEEP)
			loop_sleep(NULL, SWEEP_MS);
	}
}

void
jobs_start(const char *owner, void (*idle)(void))
{
	when_idle = idle;
	loop_go(sweeper, NULL);
	outbox_send_start(owner);
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
