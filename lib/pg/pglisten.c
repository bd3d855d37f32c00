/*
 * pglisten - LISTEN and the delivery of notifications: pg_listen()
 *
 * One connection, not in pipeline mode, serves all channels; one coroutine
 * reads it and reconnects when it is lost.  It sends a notification to itself
 * every MINA_DB_NOTIFY_S seconds: a connection whose peer has gone without a
 * word looks like one on which nothing happens, and a pooler takes LISTEN and
 * forgets it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/conf.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/str.h"
#include "io/loop.h"
#include "pg/pgconn.h"

#define SELF		"mina_self"	/* channel of what we send ourselves */
#define REPLY_MS	5000

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
	PGconn *c = pgconn_connect(conninfo, "mina/listen");

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
			    loop_now() + REPLY_MS) != E_OK ||
			    !PQconsumeInput(c))
				return false;
		if ((r = PQgetResult(c)) == NULL)
			return ok;
		ok = ok && (PQresultStatus(r) == PGRES_COMMAND_OK ||
		    PQresultStatus(r) == PGRES_TUPLES_OK);
		PQclear(r);
	}
}

static coroutine_fn bool
subscribe(PGconn *c)
{
	char sql[96];

	if (!execute(c, "listen " SELF))
		return false;
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

/*
 * Gives everything that has arrived to the listeners.  True: the notification
 * to ourselves, mine, was among it.
 */
static bool
deliver(PGconn *c, const char *mine)
{
	bool heard = false;
	PGnotify *n;

	while ((n = PQnotifies(c)) != NULL) {
		if (strcmp(n->relname, SELF) != 0)
			call_listeners(n->relname, n->extra);
		else
			heard = heard || str_eq(n->extra, mine);
		PQfreemem(n);
	}
	return heard;
}

/* Until deadline, or until mine is heard.  E_TIMEOUT, E_OK, or it is lost. */
static coroutine_fn enum err
receive(PGconn *c, const char *mine, int64_t deadline)
{
	enum err er;

	for (;;) {
		if (deliver(c, mine))
			return E_OK;
		if ((er = loop_fd_wait(W_PG_NOTIFY, PQsocket(c), LOOP_READ,
		    deadline)) != E_OK)
			return er;
		if (!PQconsumeInput(c))
			return E_DB;
	}
}

/* Until the connection is lost, or does not bring what was sent.  Says why. */
static coroutine_fn const char *
serve(PGconn *c)
{
	int64_t s = conf_int(C_DB_NOTIFY_S);
	char mine[UUID_LEN], sql[96];

	for (;;) {
		if (receive(c, NULL, loop_now() + (s > 0 ? s : 1) *
		    1000) != E_TIMEOUT)
			return "LISTEN connection lost";
		crypto_uuid(mine);
		snprintf(sql, sizeof sql, "notify " SELF ", '%s'", mine);
		if (!execute(c, sql))
			return "LISTEN connection does not answer";
		if (receive(c, mine, loop_now() + REPLY_MS) != E_OK)
			return "LISTEN connection brings no notifications";
	}
}

static coroutine_fn void
run(void *arg)
{
	const char *url = arg, *why;
	int pause = 50;
	PGconn *c;

	for (;;) {
		if ((c = open_conn(url)) != NULL && subscribe(c)) {
			pause = 50;
			call_listeners(NULL, NULL);
			why = serve(c);
			log_warn(NULL, "postgres: %s", why);
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
