/*
 * shopkeep - looks after a shop: the sweep, and our subscriptions
 *
 * Webhooks get lost and come in any order; what counts is that every order
 * gets here in the end.  One worker at a time does it for all (chore.h), and
 * what it remembers is the moment up to which it has seen every order.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "mina.h"
#include "queue/schedule.h"

#define LOOK_MS		60000
#define PAGE_MS		120000		/* a page, with all it leads to */
#define LEASE_MS	300000		/* longer than that */
#define AGAIN_MS	60000		/* after a failure */
#define DAY_MS		86400000

struct keeper {
	char		*shop, *sweep, *hooks;	/* names of its chores */
};

static const char *me;

/* --- the sweep */

static const char *
state_of(struct cx *cx, const struct shop_sweep *sw)
{
	char at[WHEN_LEN];

	clock_rfc3339(sw->mark, at);
	return cx_fmt(cx, "{\"mark\":\"%s\"}", at);
}

/* Up to where the sweep before came; the first one begins now. */
static enum err
begin(struct cx *cx, const char *state, struct shop_sweep *sw)
{
	struct cJSON *js;
	enum err er;

	if ((er = json_parse(cx, state, strlen(state), &js)) != E_OK)
		return er;
	if (!clock_parse(json_text(json_get(js, "mark")), &sw->mark))
		sw->mark = clock_now();
	sw->since = sw->mark - SHOP_OVERLAP_MS;
	return E_OK;
}

static enum err
one_page(struct keeper *k, struct shop_sweep *sw, bool *more,
    int64_t *retry_ms)
{
	struct cx cx;
	enum err er;

	app_cx(&cx, CHORE_CAP);
	cx.deadline = loop_now() + PAGE_MS;
	if ((er = shop_sweep_page(&cx, sw, more, retry_ms)) == E_OK)
		er = schedule_keep(&cx, k->sweep, me, state_of(&cx, sw),
		    LEASE_MS);
	if (er != E_OK)
		log_warn(&cx, "sweep of %s: %s: %s", k->shop, err_name(er),
		    cx.err.detail);
	cx_release(&cx);
	return er;
}

static void
sweep(struct cx *cx, struct keeper *k)
{
	struct shop_sweep sw = { .shop = k->shop };
	int64_t retry_ms = 0;
	bool more = true;
	const char *state;
	enum err er;

	if ((er = schedule_take(cx, k->sweep, me, LEASE_MS, false,
	    &state)) != E_OK || state == NULL)
		goto out;
	er = begin(cx, state, &sw);
	while (er == E_OK && more && !chores_stopping)
		er = one_page(k, &sw, &more, &retry_ms);
	free(sw.after);
	if (sw.credited + sw.refused > 0)
		log_info(cx, "sweep of %s: %zu orders, %zu credited, %zu "
		    "left out", k->shop, sw.seen, sw.credited, sw.refused);
	if (er == E_LOST)
		return;
	if (er != E_OK && retry_ms < AGAIN_MS)
		retry_ms = AGAIN_MS;
	er = schedule_done(cx, k->sweep, me, er == E_OK ? state_of(cx, &sw) :
	    NULL, er != E_OK ? retry_ms : more ? 0 :
	    conf_int(C_SHOPIFY_SWEEP_S) * 1000);
out:
	if (er != E_OK)
		log_warn(cx, "sweep of %s: %s", k->shop, cx->err.detail);
}

/* --- the subscriptions */

static void
subscribe(struct cx *cx, struct keeper *k, bool now)
{
	const char *state;
	size_t made;
	enum err er;

	if ((er = schedule_take(cx, k->hooks, me, LEASE_MS, now,
	    &state)) != E_OK || state == NULL)
		goto out;
	cx->deadline = loop_now() + PAGE_MS;
	er = shop_subscribe(cx, k->shop, &made);
	cx->deadline = 0;
	if (er != E_OK)
		log_warn(cx, "subscriptions of %s: %s: %s", k->shop,
		    err_name(er), cx->err.detail);
	/* That they do not want it will not have changed in a minute. */
	er = schedule_done(cx, k->hooks, me, NULL, er == E_OK ||
	    er == E_CONFLICT ? DAY_MS : AGAIN_MS);
out:
	if (er != E_OK)
		log_warn(cx, "subscriptions of %s: %s", k->shop,
		    cx->err.detail);
}

static void
keeper(void *arg)
{
	int64_t every = conf_int(C_SHOPIFY_SWEEP_S) * 1000;
	struct keeper *k = arg;
	bool first = true;
	struct cx cx;

	co_label(k->shop, "shop");
	while (!chores_stopping) {
		app_cx(&cx, CHORE_CAP);
		chores_begin();
		subscribe(&cx, k, first);
		if (every > 0 && !chores_stopping)
			sweep(&cx, k);
		cx_release(&cx);
		chores_end();
		first = false;
		loop_sleep(NULL, every > 0 && every < LOOK_MS ? every :
		    LOOK_MS);
	}
}

void
shopsync_start(const char *owner)
{
	const char *names[SHOP_MAX];
	struct keeper *k;
	struct cx cx;
	size_t n;

	me = owner;
	app_cx(&cx, CHORE_CAP);
	n = shop_names(&cx, names);
	for (size_t i = 0; i < n; i++) {
		XXXAN(k = calloc(1, sizeof *k));
		XXXAN(k->shop = strdup(names[i]));
		XXXAN(k->sweep = strdup(cx_fmt(&cx, "shopify.sweep:%s",
		    names[i])));
		XXXAN(k->hooks = strdup(cx_fmt(&cx, "shopify.hooks:%s",
		    names[i])));
		loop_go(keeper, k);
	}
	cx_release(&cx);
}
