/*
 * s3/signature - verifies AWS Signature V4, in the header or in the query
 *
 * The canonical request is made from what was received, so what a client
 * signed but did not send, or sent otherwise, does not fit its signature.
 */
#ifndef SANDBOX_SIGNATURE_H
#define SANDBOX_SIGNATURE_H

#include <stdbool.h>

struct cx;
struct req;

struct s3_denial {
	int		 status;
	const char	*code, *message;
};

/*
 * True when the request is signed with our key and now.  *payload is then
 * what was signed as the hash of the body: hex, or "UNSIGNED-PAYLOAD"; it is
 * for the caller to compare.
 */
bool	s3_signature_check(struct cx *, struct req *, const char **payload,
	    struct s3_denial *);

#endif
