/*
 * s3 - objects in an S3 compatible store, signed with AWS Signature V4
 *
 * URLs are path style: https://endpoint/bucket/key.  Signing is as in AWS'
 * "Authenticating Requests (AWS Signature Version 4)" for S3, which encodes
 * the path once and does not normalise it.  R2 differs in region (auto) and
 * in some errors, not in signing.
 *
 * Signing (s3sign.c) does no I/O and takes the time as an argument; the
 * sandbox uses it to verify requests.
 */
#ifndef MINA_S3_H
#define MINA_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cx;

struct s3_creds {
	const char	*access_key, *secret_key;
	const char	*region, *service;	/* "auto", "s3" */
};

/* A header or a query parameter, not encoded. */
struct s3_pair {
	const char	*name, *value;
};

#define S3_MAXPAIR	40

struct s3_request {
	const char	*method;
	const char	*path;		/* decoded: "/bucket/key" */
	struct s3_pair	 query[S3_MAXPAIR];
	size_t		 nquery;
	struct s3_pair	 header[S3_MAXPAIR];	/* the signed ones */
	size_t		 nheader;
	const char	*payload;	/* hex sha256, or UNSIGNED-PAYLOAD */
	int64_t		 when;		/* ms since the epoch */
};

void	 s3_query(struct s3_request *, const char *name, const char *value);
void	 s3_header(struct s3_request *, const char *name, const char *value);

/* The query as it is signed and sent: sorted, encoded. */
void	 s3_put_query(struct cx *, struct buf *, const struct s3_request *);
/* Sorts and encodes.  NULL only when memory ran out. */
char	*s3_canonical(struct cx *, const struct s3_request *);
char	*s3_string_to_sign(struct cx *, const struct s3_creds *,
	    const struct s3_request *, const char *canonical);
void	 s3_signing_key(const struct s3_creds *, int64_t when,
	    unsigned char out[32]);
/* Lower-case hex. */
char	*s3_signature(struct cx *, const struct s3_creds *,
	    const struct s3_request *);
/* "content-type;host": the names in rq->header, sorted. */
char	*s3_signed_names(struct cx *, const struct s3_request *);
/* The value of the Authorization header. */
char	*s3_authorization(struct cx *, const struct s3_creds *,
	    const struct s3_request *);
/*
 * A presigned https URL: adds the X-Amz-* parameters to rq and signs.  host
 * must be among the headers.
 */
char	*s3_presign_url(struct cx *, const struct s3_creds *,
	    struct s3_request *, int expires);

/* --- with the configured store */

/* type and length (if >= 0) are signed, so the client must send them. */
char	*s3_presign_put(struct cx *, const char *key, const char *type,
	    int64_t length, int expires);
/*
 * The public URL of key; and the key of a public URL, NULL when it is not
 * under MINA_MEDIA_URL or has characters that our keys do not have.
 */
char	*s3_public_url(struct cx *, const char *key);
const char *s3_key_of(const char *url);

struct s3_head {
	int64_t		 length;
	const char	*type, *etag;
};

/*
 * E_STORAGE when the store refuses it or does not answer.  The time limit is
 * 15 s and another second for every 256 kB.
 */
coroutine_fn enum err s3_put(struct cx *, const char *key, const char *type,
    const void *, size_t) MUSTCHECK;
/* E_NOTFOUND; E_TOOBIG past max. */
coroutine_fn enum err s3_get(struct cx *, const char *key, size_t max,
    struct buf **) MUSTCHECK;
/* The first n bytes, or fewer if there are; E_STORAGE for an empty object. */
coroutine_fn enum err s3_get_first(struct cx *, const char *key, size_t n,
    struct buf **) MUSTCHECK;
coroutine_fn enum err s3_head(struct cx *, const char *key, struct s3_head *)
    MUSTCHECK;
coroutine_fn enum err s3_delete(struct cx *, const char *key) MUSTCHECK;

/*
 * CopyObject inside the bucket: to gets the bytes of from, and type.  With
 * an etag, as s3_head() gave it, only while from still has that one;
 * otherwise E_CONFLICT, and nothing was written.  E_NOTFOUND: no from.
 */
coroutine_fn enum err s3_copy(struct cx *, const char *from, const char *to,
    const char *etag, const char *type) MUSTCHECK;

struct s3_object {
	const char	*key;
	int64_t		 length;
	int64_t		 modified;	/* ms since the epoch */
};

#define S3_LIST_MAX	1000

/*
 * ListObjectsV2: the objects whose keys begin with prefix and come after
 * `after' ("": all), by byte order of their keys, at most S3_LIST_MAX.
 * *more: there are others behind; ask again after the last key.
 */
coroutine_fn enum err s3_list(struct cx *, const char *prefix,
    const char *after, struct s3_object **, size_t *n, bool *more) MUSTCHECK;
/* The answer to it (s3list.c); false when it is not one. */
bool	 s3_list_read(struct cx *, const char *xml, struct s3_object **,
	    size_t *n, bool *more);

#endif
