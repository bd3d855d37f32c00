/*
 * worker - claims generations and makes them
 *
 * One coroutine claims, one renews the leases, and each generation runs in
 * one of its own; what has nothing to do with generations is in chores.c.  A
 * worker may be killed at any moment: its leases run out and another goes on
 * from the steps it left behind.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gen/lease.h"
#include "jobs.h"
#include "mina.h"
#include "mma/mma.h"

#define RUN_CAP		(16 << 20)
#define CLAIM_CAP	(64 << 20)
#define BATCH		64
#define GATHER_MS	10	/* orders that come together are one claim */
#define IDLE_MS		1000	/* look anyway; a notification may be lost */
#define GIVE_BACK_MS	500
#define ATTEMPTS_MAX	500	/* a generation that kills its worker */

struct task {
	struct run	 run;
	struct task	*next, **prev;
	bool		 asked, seen;	/* in the renewal under way */
};

static struct task	*tasks;
static int		 ntask;
static char		 owner[96];
static bool		 stopping;
static bool		 claiming;	/* the answer is not here yet */
static struct wait	*idle;		/* the claimer, asleep */
static struct loop_timer *hurry;

/* --- one generation */

static enum err
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
	return step_load(&r->cx, &r->trace, r->c.id, r->owner);
}

static enum err
make(struct run *r)
{
	enum err er;

	if (r->c.attempts > ATTEMPTS_MAX)
		return err_set(&r->cx, E_BUG, "given up after %lld runs",
		    (long long)r->c.attempts);
	if ((er = load(r)) != E_OK)
		return er;
	return mma_run(r);
}

/* The run ended without delivering: void, or leave it to the next one. */
static enum err
conclude(struct run *r, enum err er)
{
	const struct err_info *ei = &r->cx.err;
	const char *words = ei->code == er && ei->say[0] != '\0' ?
	    cx_dup(&r->cx, ei->say) : err_message(er);

	switch (er) {
	case E_LOST:
		log_info(&r->cx, "another worker has taken over");
		return E_OK;
	case E_STOP:
		log_info(&r->cx, "left for another worker");
		return lease_release(&r->cx, owner, r->c.id);
	case E_DB:
		log_warn(&r->cx, "%s", ei->detail);
		return lease_release(&r->cx, owner, r->c.id);
	default:
		log_msg(er == E_BUG ? LOG_ERR : LOG_WARN, &r->cx, "%s: %s",
		    err_name(er), ei->detail);
		break;
	}
	if (r->c.delivered)	/* paid for; only the description is missing */
		return lease_finish(&r->cx, owner, r->c.id, NULL);
	return lease_void(&r->cx, owner, r->c.id,
	    er == E_CANCELED ? "canceled" : "error", err_slug(er), words);
}

static void
poke(void)
{
	if (idle != NULL)
		wait_wake(idle, E_OK);
}

/* A claim under way may still bring something to give back. */
static void
end_when_idle(void)
{
	if (stopping && ntask == 0 && !claiming && !chores_busy())
		loop_stop();
}

static void
task_free(struct task *t)
{
	if ((*t->prev = t->next) != NULL)
		t->next->prev = t->prev;
	ntask--;
	cx_release(&t->run.cx);
	free(t);
	poke();
	end_when_idle();
}

static void
run_task(void *arg)
{
	struct task *t = arg;
	struct run *r = &t->run;
	enum err er;

	co_label(r->cx.reqid, "generation");
	er = make(r);
	if (er != E_OK)
		er = conclude(r, er);
	else
		log_info(&r->cx, "done after %lld ms",
		    (long long)(clock_now() - r->c.created));
	if (er != E_OK && er != E_LOST)
		log_warn(&r->cx, "left for the next run: %s: %s",
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
	t->run.owner = owner;
	t->run.stop = stopping;
	if ((t->next = tasks) != NULL)
		tasks->prev = &t->next;
	t->prev = &tasks;
	tasks = t;
	ntask++;
	loop_go(run_task, t);
}

/* --- claiming */

static enum err
claim_some(struct cx *cx, size_t *n)
{
	int64_t room = conf_int(C_WORKER_MAX) - ntask, per_pass;
	struct claim *c;
	enum err er;

	*n = 0;
	if (room <= 0)
		return E_OK;
	if ((er = settings_int(cx, "limits.running", 2, &per_pass)) != E_OK ||
	    (er = lease_claim(cx, owner, room < BATCH ? room : BATCH,
	    conf_int(C_LEASE_MS), per_pass, &c, n)) != E_OK)
		return er;
	for (size_t i = 0; i < *n; i++)
		start_task(&c[i]);
	return E_OK;
}

static void
claimer(void *arg)
{
	struct wait w;
	struct cx cx;
	size_t n;
	enum err er;

	(void)arg;
	while (!stopping) {
		/* Before looking, so that a poke in between is kept. */
		w = (struct wait)WAIT_INIT(W_DUE_GENERATION);
		idle = &w;
		app_cx(&cx, CLAIM_CAP);
		claiming = true;
		er = claim_some(&cx, &n);
		claiming = false;
		if (er != E_OK)
			log_warn(&cx, "cannot claim: %s", cx.err.detail);
		cx_release(&cx);
		if (er == E_OK && n == BATCH)
			continue;
		if (!stopping)
			wait_for(&w, loop_now() + (er == E_OK ? IDLE_MS :
			    200));
		if (!stopping)
			loop_sleep(NULL, GATHER_MS);
	}
	idle = NULL;
	end_when_idle();
}

static void
due(void *arg, const char *id)
{
	(void)arg;
	(void)id;
	poke();
}

/* --- leases */

static struct task *find(const char *);
static void end_run(struct task *, bool *);

/* Somebody wants one stopped; the owner hears it like everybody. */
static void
cancel_wanted(void *arg, const char *id)
{
	struct task *t = id != NULL ? find(id) : NULL;

	(void)arg;
	if (t != NULL)
		end_run(t, &t->run.cancel);
}

/* A provider called back; if the job is ours, look at it now. */
static void
called_back(void *arg, const char *id)
{
	struct task *t = id != NULL ? find(id) : NULL;

	(void)arg;
	if (t != NULL)
		run_poke(&t->run);
}

static struct task *
find(const char *id)
{
	for (struct task *t = tasks; t != NULL; t = t->next)
		if (strcmp(t->run.c.id, id) == 0)
			return t;
	return NULL;
}

static void
end_run(struct task *t, bool *why)
{
	*why = true;
	run_wake(&t->run);
}

static enum err
renew(struct cx *cx)
{
	struct lease_state *ls;
	struct task *t;
	size_t n;
	enum err er;

	/* Those that start or end while the answer is awaited do not count. */
	for (t = tasks; t != NULL; t = t->next) {
		t->asked = true;
		t->seen = false;
	}
	if ((er = lease_renew(cx, owner, conf_int(C_LEASE_MS), &ls,
	    &n)) != E_OK)
		return er;
	for (size_t i = 0; i < n; i++) {
		if ((t = find(ls[i].id)) == NULL) {
			/* Claimed, but the answer never reached us. */
			if ((er = lease_release(cx, owner, ls[i].id)) != E_OK)
				return er;
			continue;
		}
		t->seen = true;
		if (ls[i].cancel)
			end_run(t, &t->run.cancel);
	}
	for (t = tasks; t != NULL; t = t->next)
		if (t->asked && !t->seen)
			end_run(t, &t->run.lost);
	return E_OK;
}

static void
renewer(void *arg)
{
	struct cx cx;

	(void)arg;
	for (;;) {
		loop_sleep(NULL, conf_int(C_LEASE_MS) / 3);
		app_cx(&cx, CLAIM_CAP);
		if (renew(&cx) != E_OK)
			log_warn(&cx, "cannot renew leases: %s",
			    cx.err.detail);
		cx_release(&cx);
	}
}

/* --- the program */

/* Whoever is still at it finds the lease gone; others take over at once. */
static void
give_back(void *arg)
{
	struct cx cx;

	(void)arg;
	app_cx(&cx, CLAIM_CAP);
	cx.deadline = loop_now() + GIVE_BACK_MS;
	if (lease_release(&cx, owner, NULL) != E_OK)
		log_warn(&cx, "leases are left to run out: %s",
		    cx.err.detail);
	cx_release(&cx);
	loop_stop();
}

static void
stop_hard(void *arg)
{
	(void)arg;
	loop_go(give_back, NULL);
}

static void
stop(int sig)
{
	(void)sig;
	if (stopping) {
		stop_hard(NULL);
		return;
	}
	stopping = true;
	chores_stop();
	log_info(NULL, "stopping, %d generations in hand", ntask);
	loop_timer_set(hurry, conf_int(C_STOP_S) * 1000);
	for (struct task *t = tasks; t != NULL; t = t->next)
		end_run(t, &t->run.stop);
	poke();
	end_when_idle();
}

static void
name_owner(void)
{
	char host[32] = "";
	unsigned char r[6];
	char hex[2 * sizeof r + 1];

	gethostname(host, sizeof host - 1);
	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, hex);
	snprintf(owner, sizeof owner, "%s/%d/%s", host, (int)getpid(), hex);
}

int
main(int argc, char **argv)
{
	struct cx cx;

	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return printf("worker %s\n", PACKAGE_VERSION) < 0;
	if (argc > 1) {
		fprintf(argv[1][0] == '-' && argv[1][1] == '-' &&
		    argv[1][2] == 'h' ? stdout : stderr,
		    "usage: worker [--version]\nIt takes its settings from "
		    "the environment; see mina.conf(5).\n");
		return strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	app_init("worker", APP_DB | APP_HTTP);
	name_owner();
	mma_init();
	hurry = loop_timer_new(stop_hard, NULL);
	loop_on_signal(SIGTERM, stop);
	loop_on_signal(SIGINT, stop);
	app_cx(&cx, CLAIM_CAP);
	settings_watch(cx.db);
	pg_listen(cx.db, "mina_due", due, NULL);
	pg_listen(cx.db, "mina_cancel", cancel_wanted, NULL);
	pg_listen(cx.db, "mina_wake", called_back, NULL);
	cx_release(&cx);
	loop_go(claimer, NULL);
	loop_go(renewer, NULL);
	chores_start(owner, end_when_idle);
	log_info(NULL, "started as %s", owner);
	loop_run();
	log_info(NULL, "stopped with %d generations in hand", ntask);
	log_flush();
	return 0;
}
