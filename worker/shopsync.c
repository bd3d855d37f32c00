/*
 * shopsync - polls each shop for lost orders, and renews its subscriptions
 *
 * Webhooks get lost and come in any order; the sweep makes sure that every
 * order arrives in the end.  One worker at a time does it for all of them
 * (queue/schedule.h); the state it keeps is the time up to which every order
 * has been seen.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "mina.h"
#include "queue/schedule.h"

#define LOOK_MS		60000
#define PAGE_MS		120000		/* a page, with all its calls */
#define LEASE_MS	300000		/* longer than a page */
#define RETRY_MS	60000		/* after a failure */
#define DAY_MS		86400000

struct shop_jobs {
	char		*shop;
	char		*sweep, *hooks;	/* names in the schedule */
};

static const char *owner;

/* --- the sweep */

static const char *
state_of(struct cx *cx, const struct shop_sweep *sw)
{
	char at[CLOCK_LEN];

	clock_rfc3339(sw->mark, at);
	return cx_fmt(cx, "{\"mark\":\"%s\"}", at);
}

/* From the mark of the sweep before; the first one begins now. */
static enum err
set_range(struct cx *cx, const char *state, struct shop_sweep *sw)
{
	struct cJSON *js;
	enum err er;

	if ((er = json_parse(cx, state, strlen(state), &js)) != E_OK)
		return er;
	if (!clock_parse(json_text(json_get(js, "mark")), &sw->mark))
		sw->mark = pgtime_now();
	sw->since = sw->mark - SHOP_OVERLAP_MS;
	return E_OK;
}

static coroutine_fn enum err
one_page(struct shop_jobs *j, struct shop_sweep *sw, bool *more,
    int64_t *retry_ms)
{
	struct cx cx;
	enum err er;

	app_cx(&cx, JOB_CAP);
	cx.deadline = loop_now() + PAGE_MS;
	if ((er = shop_sweep_page(&cx, sw, more, retry_ms)) == E_OK)
		er = schedule_keep(&cx, j->sweep, owner, state_of(&cx, sw),
		    LEASE_MS);
	if (er != E_OK)
		log_warn(&cx, "sweep of %s: %s: %s", j->shop, err_name(er),
		    cx.err.detail);
	cx_release(&cx);
	return er;
}

static coroutine_fn void
sweep(struct cx *cx, struct shop_jobs *j)
{
	struct shop_sweep sw = { .shop = j->shop };
	int64_t retry_ms = 0;
	bool more = true;
	const char *state;
	enum err er;

	if ((er = schedule_take(cx, j->sweep, owner, LEASE_MS, false,
	    &state)) != E_OK || state == NULL)
		goto out;
	er = set_range(cx, state, &sw);
	while (er == E_OK && more && !jobs_stopping)
		er = one_page(j, &sw, &more, &retry_ms);
	free(sw.after);
	if (sw.credited + sw.refused > 0)
		log_info(cx, "sweep of %s: %zu orders, %zu credited, %zu "
		    "refused", j->shop, sw.seen, sw.credited, sw.refused);
	if (er == E_LOST)
		return;
	if (er != E_OK && retry_ms < RETRY_MS)
		retry_ms = RETRY_MS;
	er = schedule_done(cx, j->sweep, owner, er == E_OK ? state_of(cx, &sw) :
	    NULL, er != E_OK ? retry_ms : more ? 0 :
	    conf_int(C_SHOPIFY_SWEEP_S) * 1000);
out:
	if (er != E_OK)
		log_warn(cx, "sweep of %s: %s", j->shop, cx->err.detail);
}

/* --- the subscriptions */

static coroutine_fn void
subscribe(struct cx *cx, struct shop_jobs *j, bool now)
{
	const char *state;
	size_t made;
	enum err er;

	if ((er = schedule_take(cx, j->hooks, owner, LEASE_MS, now,
	    &state)) != E_OK || state == NULL)
		goto out;
	cx->deadline = loop_now() + PAGE_MS;
	er = shop_subscribe(cx, j->shop, &made);
	cx->deadline = 0;
	if (er != E_OK)
		log_warn(cx, "subscriptions of %s: %s: %s", j->shop,
		    err_name(er), cx->err.detail);
	/* A shop that refuses it will refuse it again in a minute. */
	er = schedule_done(cx, j->hooks, owner, NULL, er == E_OK ||
	    er == E_CONFLICT ? DAY_MS : RETRY_MS);
out:
	if (er != E_OK)
		log_warn(cx, "subscriptions of %s: %s", j->shop,
		    cx->err.detail);
}

static coroutine_fn void
run_jobs(void *arg)
{
	int64_t every = conf_int(C_SHOPIFY_SWEEP_S) * 1000;
	struct shop_jobs *j = arg;
	bool first = true;
	struct cx cx;

	co_label(j->shop, "shop");
	while (!jobs_stopping) {
		app_cx(&cx, JOB_CAP);
		jobs_begin();
		subscribe(&cx, j, first);
		if (every > 0 && !jobs_stopping)
			sweep(&cx, j);
		cx_release(&cx);
		jobs_end();
		first = false;
		loop_sleep(NULL, every > 0 && every < LOOK_MS ? every :
		    LOOK_MS);
	}
}

void
shopsync_start(const char *me)
{
	const char *names[SHOP_MAX];
	struct shop_jobs *j;
	struct cx cx;
	size_t n;

	owner = me;
	app_cx(&cx, JOB_CAP);
	n = shop_names(&cx, names);
	for (size_t i = 0; i < n; i++) {
		XXXAN(j = calloc(1, sizeof *j));
		XXXAN(j->shop = strdup(names[i]));
		XXXAN(j->sweep = strdup(cx_fmt(&cx, "shopify.sweep:%s",
		    names[i])));
		XXXAN(j->hooks = strdup(cx_fmt(&cx, "shopify.hooks:%s",
		    names[i])));
		loop_go(run_jobs, j);
	}
	cx_release(&cx);
}
