/*
 * callback - providers that call us when a job has moved
 *
 * A callback is a hint and nothing more: it wakes the run that waits for the
 * job, which then asks the provider itself.  So a forged one could at most
 * make us ask early; it is refused all the same.  An entry of the registry
 * says how its provider proves itself:
 *
 *	"callback": {"scheme": "standard-webhooks", "secret_env": ..,
 *	    "id": "/id"}		standardwebhooks.com: Replicate
 *	"callback": {"scheme": "ed25519-jwks", "jwks_url": ..,
 *	    "jwks_url_env": .., "id": "/request_id"}	fal
 *	"callback": {"scheme": "token", "secret_env": ..}
 *		unsigned: the address we gave is the proof, as it has an HMAC
 *		over the generation's id; Kling
 *
 * id points to the job's id in the body.  Signatures older, or from further
 * in the future, than CALLBACK_AGE_S are refused.
 */
#ifndef MINA_CALLBACK_H
#define MINA_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cx;
struct provider;
struct req;

#define CALLBACK_AGE_S	300

/*
 * Where this provider is to call about this generation.  NULL when it has no
 * callback, when what is needed to check one is not set, or when
 * MINA_PUBLIC_URL is not.
 */
const char *callback_url(struct cx *, const struct provider *,
    const char *gen);
/*
 * The generation it is about: *gen, or NULL when nobody here has that job.
 * E_NOAUTH for whatever does not prove itself; E_UPSTREAM when the keys that it
 * takes cannot be had.
 */
enum err callback_read(struct cx *, struct req *, const struct provider *,
    const char **gen) MUSTCHECK;
/* The proofs by themselves, whatever their age.  secret with whsec_. */
bool	 callback_standard(struct cx *, const char *secret, const char *id,
	    const char *at, const char *body, size_t, const char *signatures);
/* What fal signs: its headers and the hash of the body. */
const char *callback_fal_text(struct cx *, const char *id, const char *user,
	    const char *at, const char *body, size_t);
/* Tells the workers. */
enum err callback_wake(struct cx *, const char *gen) MUSTCHECK;

#endif
