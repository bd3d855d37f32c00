/*
 * tools - looks every minute whether this worker could keep what it orders
 *
 * mma_ready() is asked again before each order; this tells an operator, in the
 * log and through /ready, before the first customer meets it.
 */
#include "config.h"

#include "jobs.h"
#include "mina.h"
#include "mma/mma.h"

#define AGAIN_MS	60000

static const char *owner;

static coroutine_fn void
look(struct cx *cx, unsigned what)
{
	const char *note = NULL;

	if (mma_ready(cx, what) != E_OK)
		note = cx_dup(cx, cx->err.detail);
	if (note_put(cx, owner, note) != E_OK)
		log_warn(cx, "no note for /ready: %s", cx->err.detail);
}

static coroutine_fn void
looker(void *arg)
{
	unsigned what = READY_FILM | READY_STORE;
	struct cx cx;

	(void)arg;
	while (!jobs_stopping) {
		app_cx(&cx, JOB_CAP);
		jobs_begin();
		look(&cx, what);
		cx_release(&cx);
		jobs_end();
		/* /ready asks the store by itself. */
		what = READY_FILM;
		loop_sleep(NULL, AGAIN_MS);
	}
}

void
tools_start(const char *me)
{
	owner = me;
	loop_go(looker, NULL);
}
