/*
 * fetch - files from addresses that somebody else chose
 *
 * On top of the guarded calls of http.h: https and port 443 only, public
 * addresses only, looked at when the connection is made; at most three
 * redirects, each looked at like the first address; so many bytes, counted
 * as they come; so much time, redirects and all; nothing compressed.  What
 * the file is goes by its first bytes, and how large a picture would be by
 * its header, before anything is decoded.
 *
 * A refusal is E_IMAGE, final, and E_SOURCE where another try may do better.
 * Both have words for people, the detail for the log, and a reason:
 *
 *	E_IMAGE		SCHEME URL USERINFO PORT HOST ADDRESS_NOT_PUBLIC
 *			REDIRECTS STATUS TOO_LARGE ENCODING TYPE PIXELS
 *			DAMAGED
 *	E_SOURCE	DNS CONNECT TLS BROKEN TOO_SLOW STATUS
 *
 * Whatever is refused leaves nothing in storage.
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
	int64_t		 ms;		/* all in all, clipped to cx */
	/* May this host be asked?  NULL: any; else no is HOST. */
	bool		(*host)(struct cx *, const char *, const void *arg);
	const void	*arg;
};

/*
 * The answer at the end of the redirects, whatever its status; its body is
 * there for 200 only.
 */
enum err fetch_get(struct cx *, const struct fetch *, struct http_call *)
    MUSTCHECK;

enum fetch_kind {
	FETCH_PICTURE,		/* JPEG, PNG, WebP; ASSET_MAX_BYTES */
	FETCH_FILM,		/* MP4; FETCH_FILM_MAX; no size is told */
};

/*
 * Brings what is at url to our storage, byte for byte, under a key of pass
 * in folder.  Takes MINA_FETCH_S seconds and what storing takes.  E_STORAGE
 * also when MINA_FETCH_MAX others are at it for too long.
 */
enum err fetch_store(struct cx *, const char *url, enum fetch_kind,
    const char *folder, const char *pass, struct asset *) MUSTCHECK;

#endif
