/*
 * callback - calling back those who asked for it
 *
 * A callback goes out in a coroutine of its own; nobody waits for it.  It is
 * a success with any 2xx; otherwise it is repeated after each of its pauses,
 * with the same id.  Redirects are not followed.
 *
 * MINA_PUBLIC_URL is called wherever it is; other places have to be public,
 * or named in MINA_FETCH_ALLOW.
 *
 * Fault orders of its place: see faults.h.
 */
#ifndef SANDBOX_WEBHOOK_SEND_H
#define SANDBOX_WEBHOOK_SEND_H

#include <stdint.h>

#include "core/emulator.h"

struct cx;
struct http_call;

struct callback {
	enum endpoint	 place;
	const char	*url;
	const char	*id;		/* the same for every attempt */
	const char	*body;		/* JSON */
	const char	*forged;	/* in its place on order; NULL: any */
	const int	*pauses;	/* ms; NULL, or ends with -1 */
	/* Headers for an attempt at that second, or NULL. */
	void		(*sign)(struct cx *, struct http_call *,
			    const struct callback *, int64_t at);
};

/* Everything that is pointed to is copied, but for pauses. */
void	 callback_send(const struct callback *);

#endif
