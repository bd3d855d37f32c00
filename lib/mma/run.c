/*
 * run - executes steps: skips finished ones, records attempts, retries
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/log.h"
#include "gen/statusline.h"
#include "io/loop.h"
#include "mma/run.h"
#include "pg/pgtime.h"

#define STEP_CAP	(192 << 20)
#define ROW_CAP		(1 << 20)
#define PAUSE_FIRST	500
#define PAUSE_MAX	20000
#define RETRY_AFTER_MAX	120000
#define LEASE_MARGIN	4		/* this part of it */
#define HOLD_TRIES	3

/* A run may have several coroutines (scan.c), each of which may sleep. */
struct sleeper {
	struct wait	 w;
	struct sleeper	*next;
	bool		 nap;		/* run_poll_now() ends it too */
};

enum err
run_check(const struct run *r)
{
	if (r->lost)
		return E_LOST;
	if (r->cancel)
		return E_CANCELED;
	return r->stop ? E_STOP : E_OK;
}

bool
run_holds(const struct run *r)
{
	return clock_boot() + conf_int(C_LEASE_MS) / LEASE_MARGIN <
	    r->held_until;
}

coroutine_fn enum err
run_hold(struct cx *cx, struct run *r)
{
	int64_t sent;
	enum err er;

	for (int i = 0; i < HOLD_TRIES; i++) {
		if ((er = run_check(r)) != E_OK || run_holds(r))
			return er;
		sent = clock_boot();
		if ((er = lease_hold(cx, r->owner, r->c.id,
		    conf_int(C_LEASE_MS))) != E_OK)
			return er;
		r->held_until = sent + conf_int(C_LEASE_MS);
	}
	if ((er = run_check(r)) != E_OK || run_holds(r))
		return er;
	return err_set(cx, E_DB, "renewing a lease takes longer than it "
	    "lasts");
}

int64_t
run_age(const struct run *r)
{
	return r->c.age + clock_boot() - r->c.claimed;
}

static coroutine_fn enum err
sleep_checked(struct run *r, int64_t ms, bool nap)
{
	struct sleeper me = { .w = WAIT_INIT(nap ? W_JOB_POLL : W_STEP_PAUSE),
	    .nap = nap }, **p;
	enum err er;

	if ((er = run_check(r)) != E_OK)
		return er;
	me.next = r->sleeping;
	r->sleeping = &me;
	wait_for(&me.w, loop_now() + ms);
	for (p = &r->sleeping; *p != &me; p = &(*p)->next)
		;
	*p = me.next;
	return run_check(r);
}

coroutine_fn enum err
run_sleep(struct run *r, int64_t ms)
{
	return sleep_checked(r, ms, false);
}

coroutine_fn enum err
run_poll_wait(struct run *r, int64_t ms)
{
	enum err er = r->poll_now ? run_check(r) : sleep_checked(r, ms, true);

	r->poll_now = false;
	return er;
}

void
run_poll_now(struct run *r)
{
	struct sleeper *s;

	r->poll_now = true;
	for (s = r->sleeping; s != NULL; s = s->next)
		if (s->nap)
			wait_wake(&s->w, E_OK);
}

void
run_wake(struct run *r)
{
	struct sleeper *s;

	for (s = r->sleeping; s != NULL; s = s->next)
		wait_wake(&s->w, E_OK);
}

const char *
run_text(const struct cJSON *js, const char *ptr)
{
	return json_text(json_pointer(js, ptr));
}

coroutine_fn enum err
run_stage(struct run *r, const char *status, const char *patch)
{
	const char *line = NULL;
	enum err er;

	if ((er = run_check(r)) != E_OK || (status != NULL &&
	    (er = statusline_pick(&r->cx, r->c.mode, status, &line)) != E_OK))
		return er;
	return lease_stage(&r->cx, r->owner, r->c.id, status, patch, line);
}

coroutine_fn enum err
run_line(struct run *r, const char *line)
{
	if (line == NULL || *line == '\0')
		return E_OK;
	return lease_line(&r->cx, r->owner, r->c.id, line);
}

/* --- steps */

void
io_open(struct cx *cx, struct io *io)
{
	memset(io, 0, sizeof *io);
	json_init(&io->in, buf_new(cx, ROW_CAP));
	json_init(&io->out, buf_new(cx, ROW_CAP));
	json_obj(&io->in, NULL);
	json_obj(&io->out, NULL);
	io->in_tokens = io->out_tokens = -1;
}

const char *
io_close(struct json *js)
{
	while (js->depth > 0)
		json_end(js);
	return json_ok(js) ? js->out->data : "{}";
}

const char *
io_error(struct cx *cx, enum err er)
{
	struct buf *b = buf_new(cx, 8192);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "code", err_slug(er));
	json_str(&js, "kind", err_name(er));
	json_str(&js, "detail", cx->err.code == er ? cx->err.detail : NULL);
	if (cx->err.code == er && cx->err.reason != NULL)
		json_str(&js, "reason", cx->err.reason);
	json_bool(&js, "retryable", err_retry(er));
	json_end(&js);
	return b->data;
}

/* Errors that end the run; the attempt is not recorded. */
static bool
ends_run(enum err er)
{
	return er == E_LOST || er == E_STOP || er == E_CANCELED ||
	    er == E_DB;
}

/* What ended earlier runs is over. */
static coroutine_fn enum err
progress(struct cx *cx, struct run *r)
{
	enum err er;

	if (r->c.crashes == 0)
		return E_OK;
	if ((er = lease_progress(cx, r->owner, r->c.id)) == E_OK)
		r->c.crashes = 0;
	return er;
}

coroutine_fn enum err
run_survived(struct cx *cx, struct run *r)
{
	return clock_boot() - r->c.claimed < RUN_TRIAL_MS ? E_OK :
	    progress(cx, r);
}

/* One attempt, and its row. */
static coroutine_fn enum err
attempt(struct run *r, const struct step *st, const char *key, void *arg,
    const struct cJSON **out, int64_t *retry_after)
{
	struct cx cx = cx_fork(&r->cx, STEP_CAP);
	struct step_row row = { .type = st->type, .key = key };
	struct cJSON *tree = NULL;
	int64_t start = clock_boot();
	struct err_info why;
	struct io io;
	enum err er, added;

	io_open(&cx, &io);
	row.started = pgtime_now();
	row.er = er = st->fn(&cx, r, &io, arg);
	row.took = clock_boot() - start;
	*retry_after = io.retry_after;
	if (!ends_run(er)) {
		row.input = io_close(&io.in);
		row.output = io_close(&io.out);
		row.error = er != E_OK ? io_error(&cx, er) : NULL;
		row.provider = io.provider;
		row.model = io.model;
		row.in_tokens = io.in_tokens;
		row.out_tokens = io.out_tokens;
		why = cx.err;
		if ((added = step_add(&cx, &r->steps, &row)) != E_OK ||
		    (added = progress(&cx, r)) != E_OK) {
			er = added;
			why = cx.err;
		} else if (er == E_OK)
			er = json_parse(&r->cx, row.output,
			    strlen(row.output), &tree);
		r->cx.err = why;
	} else
		r->cx.err = cx.err;
	if (er == E_OK)
		*out = tree;
	cx_release(&cx);
	return er;
}

/* In milliseconds; see run.h. */
static int64_t
retry_pause(int failures, int64_t retry_after)
{
	int64_t ms = PAUSE_FIRST;
	uint8_t jitter;

	for (int i = 1; i < failures && ms < PAUSE_MAX; i++)
		ms *= 2;
	if (ms > PAUSE_MAX)
		ms = PAUSE_MAX;
	crypto_random(&jitter, sizeof jitter);
	ms -= ms * jitter / 1024;
	return retry_after > ms ? retry_after : ms;
}

coroutine_fn enum err
run_step(struct run *r, const struct step *st, const char *key, void *arg,
    const struct cJSON **out)
{
	int failures = step_failures(&r->steps, st->type, key);
	int64_t retry_after;
	enum err er;

	if ((*out = step_output(&r->steps, st->type, key)) != NULL)
		return E_OK;
	for (;;) {
		if ((er = run_hold(&r->cx, r)) != E_OK)
			return er;
		er = attempt(r, st, key, arg, out, &retry_after);
		if (er == E_OK || ends_run(er))
			return er;
		log_info(&r->cx, "%s %s: %s: %s", st->type, key,
		    err_name(er), r->cx.err.detail);
		if (!err_retry(er) || ++failures >= st->tries ||
		    retry_after > RETRY_AFTER_MAX)
			return er;
		if ((er = run_sleep(r, retry_pause(failures,
		    retry_after))) != E_OK)
			return er;
	}
}
