/*
 * pglisten - notifications; see pg_listen() in pg.h
 *
 * A connection of its own, outside pipeline mode, which does not mix with
 * asynchronous messages well enough to bet on.  One coroutine keeps it up.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "io/loop.h"
#include "pg/pg.h"

struct listener {
	struct listener	*next;
	char		 channel[64];
	void		(*fn)(void *, const char *);
	void		*arg;
};

static struct listener *listeners;
static bool running;

static PGconn *
open_conn(const char *conninfo)
{
	const char *key[] = { "dbname", "application_name",
	    "client_encoding", NULL };
	const char *val[] = { conninfo, "mina/listen", "UTF8", NULL };
	PostgresPollingStatusType st = PGRES_POLLING_WRITING;
	PGconn *c = PQconnectStartParams(key, val, 1);

	while (c != NULL && st != PGRES_POLLING_OK) {
		if (st == PGRES_POLLING_FAILED ||
		    PQstatus(c) == CONNECTION_BAD ||
		    loop_fd_wait(W_PG_CONNECT, PQsocket(c),
		    st == PGRES_POLLING_READING ? LOOP_READ : LOOP_WRITE,
		    loop_now() + 5000) != E_OK) {
			PQfinish(c);
			return NULL;
		}
		st = PQconnectPoll(c);
	}
	return c;
}

/* Send one statement and read until it is answered. */
static bool
say(PGconn *c, const char *sql)
{
	bool ok = true;
	PGresult *r;

	if (!PQsendQuery(c, sql) || PQflush(c) != 0)
		return false;
	for (;;) {
		while (PQisBusy(c))
			if (loop_fd_wait(W_PG_LISTEN, PQsocket(c), LOOP_READ,
			    loop_now() + 5000) != E_OK || !PQconsumeInput(c))
				return false;
		if ((r = PQgetResult(c)) == NULL)
			return ok;
		ok = ok && PQresultStatus(r) == PGRES_COMMAND_OK;
		PQclear(r);
	}
}

static bool
subscribe(PGconn *c)
{
	char sql[96];

	for (struct listener *l = listeners; l != NULL; l = l->next) {
		snprintf(sql, sizeof sql, "listen %s", l->channel);
		if (!say(c, sql))
			return false;
	}
	return true;
}

static void
tell(const char *channel, const char *payload)
{
	for (struct listener *l = listeners; l != NULL; l = l->next)
		if (channel == NULL || strcmp(channel, l->channel) == 0)
			l->fn(l->arg, payload);
}

static void
serve(PGconn *c)
{
	PGnotify *n;

	for (;;) {
		while ((n = PQnotifies(c)) != NULL) {
			tell(n->relname, n->extra);
			PQfreemem(n);
		}
		if (loop_fd_wait(W_PG_NOTIFY, PQsocket(c), LOOP_READ,
		    0) != E_OK || !PQconsumeInput(c))
			return;
	}
}

static void
keep_listening(void *arg)
{
	const char *url = arg;
	int pause = 50;
	PGconn *c;

	for (;;) {
		if ((c = open_conn(url)) != NULL && subscribe(c)) {
			pause = 50;
			tell(NULL, NULL);
			serve(c);
			log_warn(NULL, "postgres: listening connection lost");
		}
		PQfinish(c);
		loop_sleep(NULL, pause);
		pause = pause < 1000 ? pause * 2 : 1000;
	}
}

void
pg_listen(struct pg *pg, const char *channel,
    void (*fn)(void *, const char *), void *arg)
{
	const char *url = conf_str(C_DB_LISTEN_URL);
	struct listener *l;

	(void)pg;
	XXXAN(l = calloc(1, sizeof *l));
	snprintf(l->channel, sizeof l->channel, "%s", channel);
	l->fn = fn;
	l->arg = arg;
	l->next = listeners;
	listeners = l;
	if (running)
		return;
	running = true;
	if (*url == '\0')
		url = conf_str(C_DB_URL);
	XXXAN(url = strdup(url));
	loop_go(keep_listening, (void *)(uintptr_t)url);
}
