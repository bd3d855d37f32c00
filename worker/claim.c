/*
 * claim - claims generations, keeps their leases and runs their pipelines
 *
 * A worker may be killed at any moment: its leases run out, and another worker
 * continues after the last step that was recorded.
 */
#include "config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "gen/lease.h"
#include "mina.h"
#include "mma/mma.h"

#define RUN_CAP		(16 << 20)
#define CLAIM_CAP	(64 << 20)
#define BATCH		64
#define GATHER_MS	10	/* requests that come together are one claim */
#define IDLE_MS		1000	/* look anyway; a notification may be lost */
#define FAILED_MS	200
#define RELEASE_MS	500
#define CRASHES		3	/* limits.crashes */
#define ALONE_MS	10000	/* the longest that others wait for a suspect */

/* A generation in the hands of this process. */
struct task {
	struct run	 run;
	struct task	*next, **prev;
	struct idmap_node by_id;
	int64_t		 started;	/* loop_now() */
	bool		 asked, seen;	/* by the renewal under way */
};

static struct task	*tasks;
static struct idmap	 task_of;	/* by the generation's id */
static int		 ntask;
static const char	*owner;
static bool		 stopping;
static bool		 claiming;	/* the reply is not here yet */
static unsigned		 claims;	/* how many were sent */
/* Ids that are leased to us and that no task has. */
static struct unknown {
	struct unknown	*next;
	unsigned	 claims;	/* when it was seen first */
	bool		 seen;		/* by this renewal */
	char		*id;
}			*unknowns;
static int64_t		 tried;		/* loop_now() when one was alone */
static struct wait	*idle;		/* the claimer, asleep */
static void		(*when_idle)(void);

static void
wake_claimer(void)
{
	if (idle != NULL)
		wait_wake(idle, E_OK);
}

/* --- one generation */

static coroutine_fn enum err
load(struct run *r)
{
	struct cJSON *request, *vars, *meta;
	enum err er;

	if ((er = json_parse(&r->cx, r->c.request, strlen(r->c.request),
	    &request)) != E_OK ||
	    (er = json_parse(&r->cx, r->c.vars, strlen(r->c.vars),
	    &vars)) != E_OK ||
	    (er = json_parse(&r->cx, r->c.meta, strlen(r->c.meta),
	    &meta)) != E_OK)
		return er;
	r->request = request;
	r->vars = vars;
	r->meta = meta;
	return step_load(&r->cx, &r->steps, r->c.id, r->owner);
}

/*
 * A generation whose runs end their worker is not run any more.  Nothing of it
 * is read here but the numbers of its steps: it may be what ended them.
 */
static coroutine_fn enum err
set_aside(struct run *r)
{
	struct step_row row = { .type = "worker_run", .key = "crash",
	    .started = pgtime_now(), .input = "{}", .output = "{}" };
	enum err er;

	row.er = err_set(&r->cx, E_BUG, "set aside: %lld runs in a row ended "
	    "their worker", (long long)r->c.crashes);
	row.error = io_error(&r->cx, row.er);
	r->steps.id = r->c.id;
	r->steps.owner = r->owner;
	if ((er = step_last(&r->cx, &r->steps)) != E_OK ||
	    (er = step_add(&r->cx, &r->steps, &row)) != E_OK)
		return er;
	return err_set(&r->cx, E_BUG, "set aside: %lld runs in a row ended "
	    "their worker", (long long)r->c.crashes);
}

static coroutine_fn enum err
run_pipeline(struct run *r)
{
	int64_t most;
	enum err er;

	if ((er = settings_int(&r->cx, "limits.crashes", CRASHES,
	    &most)) != E_OK)
		return er;
	if (r->c.crashes >= most)
		return set_aside(r);
	if ((er = load(r)) != E_OK)
		return er;
	/* Asked of a worker that has ended. */
	if (json_true(json_get(r->meta, "cancel")) && !r->c.delivered)
		r->cancel = true;
	if ((er = run_check(r)) != E_OK)
		return er;
	return mma_run(r);
}

/*
 * A blank picture is what some models make of a request that they decline.  All
 * else that is wrong with an output is its provider's fault.
 */
static bool
asked_for(enum err er, const struct err_info *ei)
{
	return er == E_OUTPUT && ei->code == er && str_eq(ei->reason, "BLANK");
}

/* After a run that did not end well: void, or leave it to another run. */
static coroutine_fn enum err
conclude(struct run *r, enum err er)
{
	const struct err_info *ei = &r->cx.err;
	const char *message = ei->code == er && ei->say[0] != '\0' ?
	    cx_dup(&r->cx, ei->say) : err_message(er);

	switch (er) {
	case E_LOST:
		log_info(&r->cx, "lease lost: another worker has it");
		return E_OK;
	case E_STOP:
		log_info(&r->cx, "released for another worker");
		return lease_release(&r->cx, owner, r->c.id, false);
	case E_DB:
		log_warn(&r->cx, "%s", ei->detail);
		/* Or one that is to be set aside would run again. */
		return lease_release(&r->cx, owner, r->c.id, true);
	default:
		log_msg(er == E_BUG ? LOG_ERR : LOG_WARN, &r->cx, "%s: %s",
		    err_name(er), ei->detail);
		break;
	}
	if (er == E_CANCELED && !r->job_canceled)
		mma_cancel_job(r);
	if (r->c.delivered)	/* charged; only the description is missing */
		return lease_finish(&r->cx, owner, r->c.id, NULL);
	return lease_void(&r->cx, owner, r->c.id,
	    er == E_CANCELED ? "canceled" : "error", err_slug(er), message,
	    er == E_MODERATED || er == E_REJECTED || asked_for(er, ei));
}

static void
task_free(struct task *t)
{
	if ((*t->prev = t->next) != NULL)
		t->next->prev = t->prev;
	idmap_remove(&t->by_id);
	ntask--;
	cx_release(&t->run.cx);
	free(t);
	wake_claimer();
	when_idle();
}

static coroutine_fn void
run_task(void *arg)
{
	struct task *t = arg;
	struct run *r = &t->run;
	enum err er;

	co_label(r->cx.reqid, "generation");
	er = run_pipeline(r);
	if (er != E_OK)
		er = conclude(r, er);
	else
		log_info(&r->cx, "done after %lld ms",
		    (long long)run_age(r));
	if (er != E_OK && er != E_LOST)
		log_warn(&r->cx, "left to the next run: %s: %s",
		    err_name(er), r->cx.err.detail);
	task_free(t);
}

static struct claim
copy_claim(struct cx *cx, const struct claim *c)
{
	struct claim d = *c;

	d.id = cx_dup(cx, c->id);
	d.pass = cx_dup(cx, c->pass);
	d.session = cx_dup(cx, c->session);
	d.mode = cx_dup(cx, c->mode);
	d.parent = cx_dup(cx, c->parent);
	d.status = cx_dup(cx, c->status);
	d.vars = cx_dup(cx, c->vars);
	d.request = cx_dup(cx, c->request);
	d.meta = cx_dup(cx, c->meta);
	return d;
}

static void
start_task(const struct claim *c)
{
	struct task *t;

	XXXAN(t = calloc(1, sizeof *t));
	app_cx(&t->run.cx, RUN_CAP);
	snprintf(t->run.cx.reqid, sizeof t->run.cx.reqid, "%s", c->id);
	t->run.c = copy_claim(&t->run.cx, c);
	t->run.cx.customer = t->run.c.pass;
	t->run.owner = owner;
	t->run.stop = stopping;
	t->run.held_until = c->claimed + conf_int(C_LEASE_MS);
	t->started = loop_now();
	if (c->crashes > 1)
		tried = t->started;
	if (c->crashes > 0)
		log_warn(&t->run.cx, "taken over from a worker that ended: run "
		    "%lld in a row", (long long)c->crashes + 1);
	if ((t->next = tasks) != NULL)
		tasks->prev = &t->next;
	t->prev = &tasks;
	tasks = t;
	idmap_add(&task_of, &t->by_id, t->run.c.id);
	ntask++;
	loop_go(run_task, t);
}

static struct task *
find_task(const char *id)
{
	struct idmap_node *n = idmap_find(&task_of, id);

	return n != NULL ? (struct task *)(void *)((char *)n -
	    offsetof(struct task, by_id)) : NULL;
}

/* why: which of the run's lost, cancel and stop to set. */
static void
end_run(struct task *t, bool *why)
{
	*why = true;
	run_wake(&t->run);
}

/* --- claiming */

/*
 * How many that were in the hands of a dead worker to take over (mina_claim):
 * one of them may have ended it.  They are on trial for as long as a crash
 * takes as a rule, those that have crashed more often until they come further
 * (run_survived()), with an end to it.  One that has crashed more often starts
 * when what is new has shown that it does not crash either, so far as new
 * requests leave time for it.  -1: nothing at all is to start beside it.
 */
static int
suspects_wanted(void)
{
	int64_t now = loop_now(), age;
	bool hurry = tried == 0 || now - tried >= 2 * ALONE_MS;
	int most = 2;

	for (const struct task *t = tasks; t != NULL; t = t->next) {
		age = now - t->started;
		if (t->run.c.crashes > 1 && age < ALONE_MS)
			return -1;
		if (t->run.c.crashes > 0 && age < RUN_TRIAL_MS)
			most = 0;
		else if (most > 1 && ((t->run.c.crashes > 0 &&
		    age < ALONE_MS) || (!hurry && age < RUN_TRIAL_MS)))
			most = 1;
	}
	return most;
}

static coroutine_fn enum err
claim_some(struct cx *cx, size_t *n)
{
	int64_t room = conf_int(C_WORKER_MAX) - ntask;
	struct lease_terms lt = { .max = room < BATCH ? room : BATCH,
	    .lease_ms = conf_int(C_LEASE_MS), .try = suspects_wanted() };
	struct claim *c;
	enum err er;

	*n = 0;
	if (room <= 0 || lt.try < 0)
		return E_OK;
	if ((er = settings_int(cx, "limits.running", 2,
	    &lt.per_pass)) != E_OK ||
	    (er = settings_int(cx, "limits.crashes", CRASHES,
	    &lt.crashes)) != E_OK)
		return er;
	claiming = true;
	claims++;
	er = lease_claim(cx, owner, &lt, &c, n);
	claiming = false;
	if (er != E_OK)
		return er;
	for (size_t i = 0; i < *n; i++)
		start_task(&c[i]);
	return E_OK;
}

static coroutine_fn void
claimer(void *arg)
{
	struct wait w;
	struct cx cx;
	size_t n;
	enum err er;

	(void)arg;
	while (!stopping) {
		/* Before the claim, so that a wake during it is kept. */
		w = (struct wait)WAIT_INIT(W_DUE_GENERATION);
		idle = &w;
		app_cx(&cx, CLAIM_CAP);
		er = claim_some(&cx, &n);
		if (er != E_OK)
			log_warn(&cx, "cannot claim: %s", cx.err.detail);
		cx_release(&cx);
		if (er == E_OK && n == BATCH)
			continue;
		if (!stopping)
			wait_for(&w, loop_now() + (er == E_OK ? IDLE_MS :
			    FAILED_MS));
		if (!stopping)
			loop_sleep(NULL, GATHER_MS);
	}
	idle = NULL;
	when_idle();
}

/* --- leases */

/*
 * Leased to us, and no task has it: the reply to its claim was lost, or has not
 * been read yet.  One claim is sent after another, so it is lost once every
 * claim that was sent when the id was seen first has its reply.
 */
static bool
is_lost(const char *id)
{
	struct unknown *u = unknowns;

	while (u != NULL && strcmp(u->id, id) != 0)
		u = u->next;
	if (u != NULL) {
		/* Once released it is not known any more. */
		u->seen = claiming && claims == u->claims;
		return !u->seen;
	}
	XXXAN(u = calloc(1, sizeof *u));
	XXXAN(u->id = strdup(id));
	u->claims = claims;
	u->seen = true;
	u->next = unknowns;
	unknowns = u;
	return false;
}

static void
forget_known(void)
{
	struct unknown **p = &unknowns, *u;

	while ((u = *p) != NULL)
		if (u->seen) {
			u->seen = false;
			p = &u->next;
		} else {
			*p = u->next;
			free(u->id);
			free(u);
		}
}

static coroutine_fn enum err
renew(struct cx *cx)
{
	int64_t until = clock_boot() + conf_int(C_LEASE_MS);
	struct lease_state *ls;
	struct task *t;
	size_t n;
	enum err er;

	/* Tasks that start or end while this waits are left out. */
	for (t = tasks; t != NULL; t = t->next) {
		t->asked = true;
		t->seen = false;
	}
	if ((er = lease_renew(cx, owner, conf_int(C_LEASE_MS), &ls,
	    &n)) != E_OK)
		return er;
	for (size_t i = 0; i < n; i++) {
		if ((t = find_task(ls[i].id)) == NULL) {
			if (is_lost(ls[i].id) && (er = lease_release(cx,
			    owner, ls[i].id, true)) != E_OK)
				return er;
			continue;
		}
		t->seen = true;
		if (ls[i].renewed && t->run.held_until < until)
			t->run.held_until = until;
		if (ls[i].cancel)
			end_run(t, &t->run.cancel);
	}
	for (t = tasks; t != NULL; t = t->next)
		if (t->asked && !t->seen)
			end_run(t, &t->run.lost);
	forget_known();
	return E_OK;
}

static coroutine_fn void
renewer(void *arg)
{
	struct cx cx;

	(void)arg;
	for (;;) {
		app_cx(&cx, CLAIM_CAP);
		if (renew(&cx) != E_OK)
			log_warn(&cx, "cannot renew leases: %s",
			    cx.err.detail);
		cx_release(&cx);
		loop_sleep(NULL, conf_int(C_LEASE_MS) / 3);
	}
}

coroutine_fn void
claim_release_all(void)
{
	struct cx cx;

	app_cx(&cx, CLAIM_CAP);
	cx.deadline = loop_now() + RELEASE_MS;
	if (lease_release(&cx, owner, NULL, false) != E_OK)
		log_warn(&cx, "cannot release leases, they will run out: %s",
		    cx.err.detail);
	cx_release(&cx);
}

/* --- notifications; each goes to every worker */

/* mina_due: a generation was queued, or may be tried again. */
static void
on_due(void *arg, const char *id)
{
	(void)arg;
	(void)id;
	wake_claimer();
}

/* mina_cancel: the customer asked for a stop. */
static void
on_cancel(void *arg, const char *id)
{
	struct task *t = id != NULL ? find_task(id) : NULL;

	(void)arg;
	if (t != NULL)
		end_run(t, &t->run.cancel);
}

/* mina_wake: the provider called back (callback.h). */
static void
on_callback(void *arg, const char *id)
{
	struct task *t = id != NULL ? find_task(id) : NULL;

	(void)arg;
	if (t != NULL)
		run_poll_now(&t->run);
}

/* --- for the program */

void
claim_start(struct pg *pg, const char *me, void (*idle_fn)(void))
{
	owner = me;
	when_idle = idle_fn;
	pg_listen(pg, "mina_due", on_due, NULL);
	pg_listen(pg, "mina_cancel", on_cancel, NULL);
	pg_listen(pg, "mina_wake", on_callback, NULL);
	loop_go(claimer, NULL);
	loop_go(renewer, NULL);
}

void
claim_stop(void)
{
	stopping = true;
	for (struct task *t = tasks; t != NULL; t = t->next)
		end_run(t, &t->run.stop);
	wake_claimer();
}

bool
claim_busy(void)
{
	return ntask > 0 || claiming;
}

int
claim_running(void)
{
	return ntask;
}
