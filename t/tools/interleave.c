/*
 * interleave - runs the steps of concurrent sessions in every possible order
 *
 *	interleave FILE.spec [FIRST]	(the connection comes from PGHOST and so on)
 *
 * A spec has sections, each a line at the left margin and SQL below it, one
 * statement a step, which ends with a semicolon at the end of a line:
 *
 *	setup			before each order
 *	session NAME		a connection; its steps keep their own order
 *	check WHAT		after each order; must give one row, t
 *
 * @n@ in SQL is the number of the order, in six digits from FIRST (1), so that
 * each has rows of its own.  A step that waits for a lock is left waiting while the next is started, and
 * the later steps of its session wait for it.  A session that meets a deadlock
 * or a serialization failure is rolled back and run again when the others are
 * through, as our programs do.  Any other error fails the order.
 *
 * Postgres' own isolationtester does this with its own language; Debian does
 * not package it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#define SESSIONS	4
#define STEPS		12
#define CHECKS		12
#define STUCK_MS	20000

struct session {
	const char	*name;
	char		*step[STEPS];
	int		 n;
	/* Of the order under way. */
	PGconn		*c;
	int		 sent, due;	/* steps; due: that were started or wait */
	bool		 busy, again;
};

static struct session session[SESSIONS];
static int nsession;
static char *setup[STEPS], *check[CHECKS];
static const char *check_what[CHECKS];
static int nsetup, ncheck;
static PGconn *control;
static int serial, orders, waited, repeated, deadlocks, failures;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "interleave: %s: %s\n", what, why);
	exit(2);
}

/* --- the file */

static char *
copy(const char *s)
{
	char *c = strdup(s);

	if (c == NULL)
		die("memory", "none left");
	return c;
}

static char **
place_of(const char *head)
{
	if (strcmp(head, "setup") == 0 && nsetup < STEPS)
		return &setup[nsetup++];
	if (strncmp(head, "session ", 8) == 0 && nsession > 0 &&
	    session[nsession - 1].n < STEPS)
		return &session[nsession - 1].step[session[nsession - 1].n++];
	if (strncmp(head, "check ", 6) == 0 && ncheck < CHECKS) {
		check_what[ncheck] = copy(head + 6);
		return &check[ncheck++];
	}
	die(head, "no such section, or it is full");
	return NULL;
}

static void
read_spec(const char *path)
{
	char line[512], head[128] = "", sql[4096] = "";
	FILE *f = fopen(path, "re");

	if (f == NULL)
		die(path, "cannot be read");
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[strspn(line, " \t")] == '\0')
			continue;
		if (!isspace((unsigned char)line[0])) {
			snprintf(head, sizeof head, "%.120s", line);
			if (strncmp(head, "session ", 8) != 0)
				continue;
			if (nsession == SESSIONS)
				die(path, "too many sessions");
			session[nsession++].name = copy(head + 8);
			continue;
		}
		if (strlen(sql) + strlen(line) + 2 > sizeof sql)
			die(head, "a statement is too long");
		strcat(sql, line + strspn(line, " \t"));
		strcat(sql, " ");
		if (line[strlen(line) - 1] == ';') {
			*place_of(head) = copy(sql);
			sql[0] = '\0';
		}
	}
	fclose(f);
	if (sql[0] != '\0')
		die(head, "its last statement has no end");
	if (nsession < 2 || ncheck == 0)
		die(path, "it has no two sessions, or no check");
}

/* The statement of this order; to be freed. */
static char *
numbered(const char *sql)
{
	size_t size = strlen(sql) * 4 + 1, n = 0;
	char *out = calloc(1, size);

	if (out == NULL)
		die("memory", "none left");
	while (*sql != '\0')
		if (strncmp(sql, "@n@", 3) == 0) {
			n += (size_t)snprintf(out + n, size - n, "%06d", serial);
			sql += 3;
		} else
			out[n++] = *sql++;
	return out;
}

/* --- one order */

static char trail[512];			/* of the order under way, for a failure */

static void
failed(const char *what, const char *why)
{
	failures++;
	printf("order %d (%s): %s: %.*s\n", serial, trail, what,
	    (int)strcspn(why, "\n"), why);
}

static void
run_now(const char *sql, const char *what, bool want_t)
{
	char *text = numbered(sql);
	PGresult *r = PQexec(control, text);
	ExecStatusType st = PQresultStatus(r);

	if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK)
		failed(what, PQresultErrorMessage(r));
	else if (want_t && (PQntuples(r) != 1 ||
	    strcmp(PQgetvalue(r, 0, 0), "t") != 0))
		failed(what, PQntuples(r) == 1 ? PQgetvalue(r, 0, 0) :
		    "not one row");
	PQclear(r);
	free(text);
}

static bool
waits_for_lock(const struct session *s)
{
	char sql[128];
	PGresult *r;
	bool yes;

	snprintf(sql, sizeof sql, "select exists (select from pg_locks "
	    "where pid = %d and not granted)", PQbackendPID(s->c));
	r = PQexec(control, sql);
	yes = PQntuples(r) == 1 && strcmp(PQgetvalue(r, 0, 0), "t") == 0;
	PQclear(r);
	return yes;
}

/* Takes the result of the session's step, if it is there. */
static void
take(struct session *s)
{
	PGresult *r;
	const char *state;

	if (!s->busy)
		return;
	if (!PQconsumeInput(s->c))
		die(s->name, PQerrorMessage(s->c));
	if (PQisBusy(s->c))
		return;
	while ((r = PQgetResult(s->c)) != NULL) {
		state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
		if (state != NULL && (strcmp(state, "40P01") == 0 ||
		    strcmp(state, "40001") == 0)) {
			s->again = true;
			deadlocks += strcmp(state, "40P01") == 0;
		} else if (state != NULL && !(s->again &&
		    strcmp(state, "25P02") == 0))
			failed(s->name, PQresultErrorMessage(r));
		PQclear(r);
	}
	s->busy = false;
}

/* Until its step is over (true) or waits for a lock. */
static bool
settle(struct session *s)
{
	struct pollfd p = { .fd = PQsocket(s->c), .events = POLLIN };

	for (int ms = 0; s->busy && ms < STUCK_MS; ms += 2) {
		(void)poll(&p, 1, 2);
		take(s);
		if (s->busy && waits_for_lock(s))
			return false;
	}
	if (s->busy)
		die(s->name, "a step neither ends nor waits for a lock");
	return true;
}

static void
start(struct session *s)
{
	char *text = numbered(s->step[s->sent++]);

	if (!PQsendQuery(s->c, text))
		die(s->name, PQerrorMessage(s->c));
	free(text);
	s->busy = true;
	if (!settle(s))
		waited++;
}

/* Starts what is due of all sessions that are not waiting. */
static void
pump(void)
{
	bool more = true;

	while (more) {
		more = false;
		for (int i = 0; i < nsession; i++) {
			struct session *s = &session[i];

			if (settle(s) && s->sent < s->due) {
				start(s);
				more = true;
			}
		}
	}
}

static void
finish(void)
{
	struct pollfd p = { .fd = -1 };
	int ms;

	for (ms = 0; ms < STUCK_MS; ms += 2) {
		bool over = true;

		pump();
		for (int i = 0; i < nsession; i++)
			over = over && !session[i].busy &&
			    session[i].sent == session[i].n;
		if (over)
			break;
		(void)poll(&p, 0, 2);
	}
	if (ms >= STUCK_MS)
		die(trail, "its sessions wait for each other");
	for (int i = 0; i < nsession; i++) {
		struct session *s = &session[i];

		if (!s->again)
			continue;
		repeated++;
		PQclear(PQexec(s->c, "rollback"));
		s->again = false;
		for (s->sent = 0; s->sent < s->n;)
			start(s);
	}
}

static void
run_order(const int *order, int n)
{
	serial++;
	orders++;
	trail[0] = '\0';
	for (int i = 0; i < n; i++)
		snprintf(trail + strlen(trail), sizeof trail - strlen(trail),
		    "%s%s", i > 0 ? " " : "", session[order[i]].name);
	for (int i = 0; i < nsetup; i++)
		run_now(setup[i], "setup", false);
	for (int i = 0; i < nsession; i++)
		session[i].sent = session[i].due = 0;
	for (int i = 0; i < n; i++) {
		session[order[i]].due++;
		pump();
	}
	finish();
	for (int i = 0; i < ncheck; i++)
		run_now(check[i], check_what[i], true);
}

static void
each_order(int *order, int at, int total, int *used)
{
	if (at == total) {
		run_order(order, total);
		return;
	}
	for (int i = 0; i < nsession; i++) {
		if (used[i] == session[i].n)
			continue;
		used[i]++;
		order[at] = i;
		each_order(order, at + 1, total, used);
		used[i]--;
	}
}

int
main(int argc, char **argv)
{
	int order[SESSIONS * STEPS], used[SESSIONS] = { 0 }, total = 0;

	if (argc != 2 && argc != 3)
		die("usage", "interleave FILE.spec [FIRST]");
	read_spec(argv[1]);
	serial = argc == 3 ? atoi(argv[2]) - 1 : 0;
	control = PQconnectdb("");
	if (PQstatus(control) != CONNECTION_OK)
		die("connect", PQerrorMessage(control));
	for (int i = 0; i < nsession; i++) {
		session[i].c = PQconnectdb("");
		if (PQstatus(session[i].c) != CONNECTION_OK)
			die("connect", PQerrorMessage(session[i].c));
		total += session[i].n;
	}
	each_order(order, 0, total, used);
	printf("%d orders, %d steps waited, %d sessions repeated "
	    "(%d deadlocks), %d failures\n", orders, waited, repeated,
	    deadlocks, failures);
	for (int i = 0; i < nsession; i++)
		PQfinish(session[i].c);
	PQfinish(control);
	return failures > 0;	/* die() ends with 2 */
}
