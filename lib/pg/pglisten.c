/*
 * pglisten - LISTEN and the delivery of notifications: pg_listen()
 *
 * One connection, not in pipeline mode, serves all channels; one coroutine
 * reads it and reconnects when it is lost.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/conf.h"
#include "base/log.h"
#include "io/loop.h"
#include "pg/pgconn.h"

struct listener {
	struct listener	*next;
	char		 channel[64];
	void		(*fn)(void *, const char *);
	void		*arg;
};

static struct listener *listeners;
static bool running;

static coroutine_fn PGconn *
open_conn(const char *conninfo)
{
	const char *key[] = { "dbname", "application_name",
	    "client_encoding", NULL };
	const char *val[] = { conninfo, "mina/listen", "UTF8", NULL };
	PGconn *c = PQconnectStartParams(key, val, 1);

	if (pgconn_handshake(c))
		return c;
	PQfinish(c);
	return NULL;
}

/* Sends a command and waits for its result. */
static coroutine_fn bool
execute(PGconn *c, const char *sql)
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

static coroutine_fn bool
subscribe(PGconn *c)
{
	char sql[96];

	for (struct listener *l = listeners; l != NULL; l = l->next) {
		snprintf(sql, sizeof sql, "listen %s", l->channel);
		if (!execute(c, sql))
			return false;
	}
	return true;
}

/* Of channel, or of all when it is NULL. */
static void
call_listeners(const char *channel, const char *payload)
{
	for (struct listener *l = listeners; l != NULL; l = l->next)
		if (channel == NULL || strcmp(channel, l->channel) == 0)
			l->fn(l->arg, payload);
}

/* Until the connection is lost. */
static coroutine_fn void
receive(PGconn *c)
{
	PGnotify *n;

	for (;;) {
		while ((n = PQnotifies(c)) != NULL) {
			call_listeners(n->relname, n->extra);
			PQfreemem(n);
		}
		if (loop_fd_wait(W_PG_NOTIFY, PQsocket(c), LOOP_READ,
		    0) != E_OK || !PQconsumeInput(c))
			return;
	}
}

static coroutine_fn void
run(void *arg)
{
	const char *url = arg;
	int pause = 50;
	PGconn *c;

	for (;;) {
		if ((c = open_conn(url)) != NULL && subscribe(c)) {
			pause = 50;
			call_listeners(NULL, NULL);
			receive(c);
			log_warn(NULL, "postgres: LISTEN connection lost");
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
	loop_go(run, (void *)(uintptr_t)url);
}
