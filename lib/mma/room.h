/*
 * room - the memory for outputs that are downloaded
 *
 * Together they have MINA_STORE_MB, counted as the bytes arrive, so that a slow
 * download takes only what has arrived.  Half of that is the most for
 * one host, and a third for one customer.  An output that finds no room there
 * is downloaded again: when there is room for as much as it had, or by itself,
 * in room that is kept for one.
 *
 *	struct room_use use = { .pass = pass, .host = host };
 *	room_begin(&use);
 *	... room_more(&use, n) for each n bytes; false: no room
 *	while (refused && room_wait(&use, deadline) == E_OK) ... again
 *	room_end(&use);			when the bytes are freed
 */
#ifndef MINA_ROOM_H
#define MINA_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct room_use {
	const char	*pass, *host;
	size_t		 bytes, wanted;	/* wanted: when it was refused */
	bool		 alone;
	struct room_use	*next, **prev;
};

void	 room_init(void);		/* reads MINA_STORE_MB */
void	 room_begin(struct room_use *);
/* For fetch.h: use is a struct room_use. */
bool	 room_more(void *use, size_t n);
/*
 * After a refusal, when the bytes are freed: waits for room for as many as were
 * wanted, or until it is the only one beside MINA_STORE_MB.  E_TIMEOUT at the
 * deadline (loop_now()).
 */
coroutine_fn enum err room_wait(struct room_use *, int64_t deadline)
    MUSTCHECK;
void	 room_end(struct room_use *);

#endif
