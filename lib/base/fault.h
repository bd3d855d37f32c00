/*
 * fault - makes the N-th outside call fail, for tests
 *
 * Only in builds with the sandbox (MINA_FAULTS).  MINA_FAULT names a file of
 * one line, "PROGRAM KIND N", which may appear while the program runs.  Calls
 * made for a request or a generation are counted from then on, background work
 * is not; at the N-th the file becomes FILE.fired and the call meets KIND:
 *
 *	http		it is not sent, as if no connection could be made
 *	http-lost	it is carried out, and its reply is lost
 *	pg, pg-lost	the same for a statement; the connection is dropped
 *	kill		SIGKILL before the call, of either sort
 *	kill-after	SIGKILL once it has been carried out
 *
 * A new file starts a new count.  t/stack/nth.sh uses it.
 */
#ifndef MINA_FAULT_H
#define MINA_FAULT_H

struct cx;

enum fault_at { FAULT_HTTP, FAULT_PG };
enum fault { FAULT_NONE, FAULT_REFUSED, FAULT_LOST, FAULT_KILL_AFTER };

#ifdef MINA_FAULTS

/* Names the program (a constant). */
void	 fault_open(const char *prog);
/* To be asked before each call; what is to happen to this one. */
enum fault fault_next(const struct cx *, enum fault_at);
/* To be called when the call is over. */
void	 fault_after(enum fault);

#else

static inline void
fault_open(const char *prog)
{
	(void)prog;
}

static inline enum fault
fault_next(const struct cx *cx, enum fault_at at)
{
	(void)cx;
	(void)at;
	return FAULT_NONE;
}

static inline void
fault_after(enum fault f)
{
	(void)f;
}

#endif
#endif
