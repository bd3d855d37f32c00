/*
 * fetch - downloads from URLs that a customer or a provider gave
 *
 * On top of the guarded calls of http.h: https and port 443 only; public
 * addresses only, checked when the connection is made; at most three
 * redirects, each checked like the first URL; a limit of bytes, counted as
 * they arrive; a limit of time, redirects included; no compression.  The type
 * is read from the first bytes, and a picture's size from its header, before
 * anything is decoded.
 *
 * A refusal is E_IMAGE, final, or E_SOURCE, where another try may succeed.
 * Both have a message for the client, a detail for the log, and a reason:
 *
 *	E_IMAGE		SCHEME URL USERINFO PORT HOST ADDRESS_NOT_PUBLIC
 *			REDIRECTS STATUS TOO_LARGE ENCODING TYPE PIXELS
 *			DAMAGED
 *	E_SOURCE	DNS CONNECT TLS BROKEN TOO_SLOW STATUS
 *
 * A refused file leaves nothing in storage.
 */
#ifndef MINA_FETCH_H
#define MINA_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct asset;
struct cx;
struct http_call;

#define FETCH_FILM_MAX	(64 << 20)

struct fetch {
	const char	*url;
	size_t		 max;		/* bytes */
	int64_t		 ms;		/* in total, clipped to cx */
	int64_t		 slowest;	/* bytes a second; 0: any */
	int64_t		 slow_s;	/* see http.h, also for these */
	bool		(*room)(void *arg, size_t n);
	void		*room_arg;
	/* Is the host allowed?  NULL: any; a refusal has reason HOST. */
	bool		(*host)(struct cx *, const char *, const void *arg);
	const void	*arg;
};

/*
 * The reply at the end of the redirects, whatever its status; it has a body
 * for status 200 only.
 */
coroutine_fn enum err fetch_get(struct cx *, const struct fetch *,
    struct http_call *) MUSTCHECK;

enum fetch_kind {
	FETCH_PICTURE,		/* JPEG, PNG, WebP; ASSET_MAX_BYTES */
	FETCH_FILM,		/* MP4; FETCH_FILM_MAX; size not read */
};

/*
 * Copies the file at url to our storage, byte for byte, under a new key of
 * pass in folder.  Takes at most MINA_FETCH_S seconds and the time to store
 * it; a server that sends less than 16 kB a second for HTTP_SLOW_S seconds is
 * TOO_SLOW.  E_STORAGE also when there was no room for queue_ms.
 */
coroutine_fn enum err fetch_store(struct cx *, const char *url, enum fetch_kind,
    const char *folder, const char *pass, int64_t queue_ms, struct asset *)
    MUSTCHECK;

#endif
