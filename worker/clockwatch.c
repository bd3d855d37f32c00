/*
 * clockwatch - tells an operator, in the log and through /ready, of clocks that
 * were set or differ
 *
 * Nothing here depends on them for longer than a step lasts, but times in rows,
 * signatures and tokens do.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "jobs.h"
#include "mina.h"

#define AGAIN_MS	2000
#define RENEW_MS	60000

static char	owner[128];	/* of the note, beside that of tools.c */
static char	said[128];	/* "": nothing */
static int64_t	noted;		/* loop_now() */
static bool	differ;		/* the clocks, when last looked at */

static coroutine_fn void
look(struct cx *cx)
{
	const char *apart = pgtime_apart(cx), *now = pgtime_stepped(cx);
	bool news;

	if (apart != NULL && !differ)
		log_warn(cx, "%s", apart);
	else if (apart == NULL && differ)
		log_info(cx, "the clocks agree again");
	differ = apart != NULL;
	if (now == NULL)
		now = apart;
	news = !str_eq(now != NULL ? now : "", said);
	if (!news && (now == NULL || loop_now() - noted < RENEW_MS))
		return;
	if (note_put(cx, owner, now) != E_OK) {
		log_warn(cx, "no note for /ready: %s", cx->err.detail);
		return;
	}
	noted = loop_now();
	snprintf(said, sizeof said, "%s", now != NULL ? now : "");
}

static coroutine_fn void
watcher(void *arg)
{
	struct cx cx;

	(void)arg;
	while (!jobs_stopping) {
		app_cx(&cx, JOB_CAP);
		jobs_begin();
		look(&cx);
		cx_release(&cx);
		jobs_end();
		loop_sleep(NULL, AGAIN_MS);
	}
}

void
clockwatch_start(const char *me)
{
	snprintf(owner, sizeof owner, "%s/clock", me);
	loop_go(watcher, NULL);
}
