/*
 * main - the worker: runs generations and background jobs
 *
 * Arguments, the name it claims with, and how it stops.  Generations are in
 * claim.h, everything else in jobs.h.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "claim.h"
#include "jobs.h"
#include "mina.h"
#include "mma/mma.h"

#define START_CAP	(1 << 20)

static char		 owner[96];
static bool		 stopping;
static struct loop_timer *stop_timer;

static void
stop_when_idle(void)
{
	if (stopping && !claim_busy() && !jobs_busy())
		loop_stop();
}

static coroutine_fn void
release_and_stop(void *arg)
{
	(void)arg;
	claim_release_all();
	loop_stop();
}

static void
stop_now(void *arg)
{
	(void)arg;
	loop_go(release_and_stop, NULL);
}

/* The first signal lets steps under way end, the second does not. */
static void
on_signal(int sig)
{
	(void)sig;
	if (stopping) {
		stop_now(NULL);
		return;
	}
	stopping = true;
	jobs_stop();
	log_info(NULL, "stopping, %d generations running", claim_running());
	loop_timer_set(stop_timer, conf_int(C_STOP_S) * 1000);
	claim_stop();
	stop_when_idle();
}

/* host/pid/random: two processes never have the same. */
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
	stop_timer = loop_timer_new(stop_now, NULL);
	loop_on_signal(SIGTERM, on_signal);
	loop_on_signal(SIGINT, on_signal);
	app_cx(&cx, START_CAP);
	settings_watch(cx.db);
	claim_start(cx.db, owner, stop_when_idle);
	cx_release(&cx);
	jobs_start(owner, stop_when_idle);
	log_info(NULL, "started as %s", owner);
	loop_run();
	log_info(NULL, "stopped with %d generations running",
	    claim_running());
	log_flush();
	return 0;
}
