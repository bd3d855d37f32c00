/*
 * arena - the memory of one request or one step
 *
 * Nothing is freed by itself; the whole arena is freed when the work is over.
 * Objects of other libraries (a PGresult, a cJSON tree, a curl list) are
 * registered where they are acquired, and released then in reverse order:
 *
 *	res = PQgetResult(c);
 *	arena_defer(a, pg_clear, res);
 *
 * The cap.  An arena has a limit.  A large allocation (over ARENA_LARGE)
 * that would pass it returns NULL.  A small one never returns NULL: it is
 * granted, and the arena is marked `over'.  Queries, HTTP calls and responses
 * test the mark and give E_NOMEM, so that code in between need not test each
 * formatted string.  Past twice the cap the process aborts: only a loop that
 * does no I/O gets there.
 *
 * Built with ARENA_DEBUG (--enable-asan) every allocation is its own malloc,
 * so that sanitizers see each object's bounds and its end.
 */
#ifndef MINA_ARENA_H
#define MINA_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_LARGE	65536

struct arena;

struct arena *arena_new(size_t cap);
void	 arena_free(struct arena *);		/* runs deferred functions */
void	 arena_reset(struct arena *);		/* the same, keeps a block */

void	*arena_alloc(struct arena *, size_t);	/* aligned for anything */
void	*arena_zalloc(struct arena *, size_t);	/* zeroed */
char	*arena_dupn(struct arena *, const char *, size_t);	/* adds NUL */
bool	 arena_over(const struct arena *);
size_t	 arena_used(const struct arena *);	/* bytes asked for */

/* Account foreign memory (a malloc'ed body) against the cap. */
bool	 arena_charge(struct arena *, size_t);

void	 arena_defer(struct arena *, void (*)(void *), void *);

#endif
