/*
 * chores - see chores.h
 *
 * Each is a coroutine that looks, works and sleeps.  None is in a hurry, and
 * any may be killed at any moment.
 */
#include "config.h"

#include "jobs.h"
#include "mina.h"

#define SWEEP_MS	600000

bool chores_stopping;

static int under_way;
static void (*when_idle)(void);

void
chores_begin(void)
{
	under_way++;
}

void
chores_end(void)
{
	if (--under_way == 0)
		when_idle();
}

bool
chores_busy(void)
{
	return under_way > 0;
}

/*
 * Writes off matcha that has run out, forgets answers kept long enough, and
 * what was still being made when its customer erased the account.
 */
static void
sweeper(void *arg)
{
	struct cx cx;
	int64_t n, kept, erased;

	(void)arg;
	for (;;) {
		n = kept = erased = 0;
		app_cx(&cx, CHORE_CAP);
		if (ledger_sweep(&cx, &n) != E_OK)
			log_warn(&cx, "sweep: %s", cx.err.detail);
		else if (n > 0)
			log_info(&cx, "expired matcha of %lld customers",
			    (long long)n);
		if (idempotency_sweep(&cx, &kept) != E_OK)
			log_warn(&cx, "sweep of keys: %s", cx.err.detail);
		if (archive_sweep(&cx, &erased) != E_OK)
			log_warn(&cx, "sweep of the erased: %s",
			    cx.err.detail);
		cx_release(&cx);
		/* A full batch means that there may be more. */
		if (n < LEDGER_SWEEP && kept < ONCE_SWEEP &&
		    erased < HISTORY_SWEEP)
			loop_sleep(NULL, SWEEP_MS);
	}
}

void
chores_start(const char *owner, void (*idle)(void))
{
	when_idle = idle;
	loop_go(sweeper, NULL);
	outbox_send_start(owner);
	if (!shop_admin_enabled()) {
		log_debug(NULL, "no shop, or no account with its Admin API: "
		    "nothing is tagged and nothing swept there");
		return;
	}
	shopsync_start(owner);
}

void
chores_stop(void)
{
	chores_stopping = true;
}
