/*
 * pglocked - the customers of whom a row was locked lately; private to lib/pg
 *
 * A statement that waits for a lock holds up what was sent behind it on a
 * shared connection.  The next ones of its customer most likely wait for the
 * same row, so they go to connections of their own from the start.
 */
#ifndef MINA_PGLOCKED_H
#define MINA_PGLOCKED_H

#include <stdbool.h>
#include <stdint.h>

#define PGLOCKED_N	32	/* the one of longest ago makes room */
#define PGLOCKED_MS	5000

struct pglocked {
	struct {
		char	 name[64];	/* cut off */
		int64_t	 until;		/* loop_now() */
	} of[PGLOCKED_N];
};

/* A NULL name is no customer, and is never one of them. */
void	 pglocked_put(struct pglocked *, const char *name);
bool	 pglocked_has(const struct pglocked *, const char *name);

#endif
