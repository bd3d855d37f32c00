/*
 * webhook - calls the client's webhook about a prediction
 *
 * Each goes out in a coroutine of its own; nothing waits for it.  It is a
 * success with any 2xx; otherwise it is repeated after each of its pauses,
 * with the same id.  Redirects are not followed.
 *
 * MINA_PUBLIC_URL is called wherever it is; other hosts have to be public,
 * or named in MINA_FETCH_ALLOW.
 *
 * Fault orders of its endpoint: see faults.h.
 */
#ifndef SANDBOX_WEBHOOK_H
#define SANDBOX_WEBHOOK_H

#include "core/emulator.h"
#include "providers/prediction.h"

struct http_call;

struct webhook {
	enum endpoint	 endpoint;
	const int	*pauses;	/* ms; NULL, or ends with -1 */
	/* The members of the body, an object. */
	void		(*print)(struct cx *, struct json *,
			    struct prediction *, bool forged);
	bool		 prints_forged;	/* or a tampered one is just changed */
	/* Headers for an attempt at that second; or NULL. */
	void		(*sign)(struct cx *, struct http_call *,
			    const char *id, const char *body, int64_t at);
};

/* id is the same for every attempt; the table lives on. */
void	 webhook_send(const struct webhook *, struct prediction *,
	    const char *id);

#endif
