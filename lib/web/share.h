/*
 * share - how many of something one customer and one address hold at once
 *
 * For what is held for long: event streams, waiting requests, downloads.  A
 * program counts its own.  Past a share the answer is no, without waiting, so
 * that the rest of the places stays for others.  Addresses are counted as
 * req_address() names them.
 *
 *	static struct share share;
 *	share_init(&share, per_pass, per_address, total);
 *	if (!share_take(cx, &share, rq)) return err_set(cx, E_BUSY, ...);
 *
 * A place is given back when cx is released.
 */
#ifndef MINA_SHARE_H
#define MINA_SHARE_H

#include <stdbool.h>
#include <stddef.h>

struct cx;
struct req;

struct share {
	int		 per_pass, per_address, total;
	int		 n;
	struct share_place *head;
};

void	 share_init(struct share *, int per_pass, int per_address, int total);
/* False when the customer, the address or all together have theirs. */
bool	 share_take(struct cx *, struct share *, struct req *);

/*
 * One for all long waits of the program: MINA_WAITS_PASS and
 * MINA_WAITS_ADDRESS, and in total half of MINA_MAX_CONN, so that there are
 * connections for short requests.
 */
bool	 share_wait(struct cx *, struct req *);

#endif
