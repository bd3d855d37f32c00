/*
 * pgtime - the database's time, without asking for it
 *
 * Statements that return clock_timestamp() anyway note it here.  Rows have the
 * database's time, so what is compared with them, or written beside them, is
 * taken from here; clock_now() is this machine's, and may differ.  Durations
 * are of loop.h or clock_boot().
 */
#ifndef MINA_PGTIME_H
#define MINA_PGTIME_H

#include <stdbool.h>
#include <stdint.h>

struct cx;

#define PGTIME_APART_MS	5000	/* clocks may differ by this */

/*
 * The database's clock was ms (since 1970) at some moment between sent and
 * now, both clock_boot().  A step since the last call is logged as a warning.
 */
void	 pgtime_note(int64_t sent, int64_t ms);
/* As clock_now(), by the database's clock; clock_now() before any note. */
int64_t	 pgtime_now(void);
/* How many steps were noted. */
unsigned pgtime_steps(void);
/*
 * The same without its steps forward of the last ms, and without one that has
 * not been noted yet.  False: nothing was noted, and it is clock_now().
 */
bool	 pgtime_calm(int64_t ms, int64_t *);
/*
 * For people, or NULL: that the database's clock was set in the last 10
 * minutes; that this machine's differs from it.
 */
const char *pgtime_stepped(struct cx *);
const char *pgtime_apart(struct cx *);

#endif
