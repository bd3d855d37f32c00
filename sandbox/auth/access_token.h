/*
 * authjwt - access tokens: what is in them, made and read
 */
#ifndef SANDBOX_ACCESS_TOKEN_H
#define SANDBOX_ACCESS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

struct authsess;
struct authuser;
struct buf;
struct cJSON;
struct cx;

/* What a token says beyond its user. */
struct authjwt {
	const char	*session;
	const char	*method;	/* of the sign-in */
	int64_t		 signed_in;
	int64_t		 issued;	/* milliseconds, as the one above */
};

/*
 * The claims, a JSON object.  Those in `over' (may be NULL) come instead of
 * the usual ones, and where they are null there is none.  NULL when they are
 * too large.
 */
const char *authjwt_claims(struct cx *, const struct authuser *,
	    const struct authjwt *, const struct cJSON *over);
/* Header and claims in base64url, joined by a dot: what is signed. */
const char *authjwt_text(struct cx *, const char *header,
	    const char *claims);
/* The usual header, over as above. */
const char *authjwt_header(struct cx *, const char *alg, const char *kid,
	    const struct cJSON *over);

/* A session's token, and its exp (seconds). */
const char *authjwt_token(struct cx *, const struct authsess *,
	    int64_t *expires);
/* Ours, and not expired; else why not, in GoTrue's words. */
bool	 authjwt_read(struct cx *, const char *token, struct cJSON **claims,
	    const char **why);
/* The issuer. */
const char *authjwt_issuer(struct cx *);

#endif
