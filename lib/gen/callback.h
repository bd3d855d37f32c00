/*
 * callback - webhooks of the providers, sent when a job has changed
 *
 * A callback is a hint only: it wakes the run that waits for the job, which
 * then polls the provider itself.  A forged one could at most cause an early
 * poll; it is refused all the same.  The registry entry says how a provider
 * authenticates its callbacks:
 *
 *	"callback": {"scheme": "standard-webhooks", "secret_env": ..,
 *	    "id": "/id"}		standardwebhooks.com: Replicate
 *	"callback": {"scheme": "ed25519-jwks", "jwks_url": ..,
 *	    "jwks_url_env": .., "id": "/request_id"}	fal
 *	"callback": {"scheme": "token", "secret_env": ..}
 *		unsigned: the address is the proof, it contains an HMAC of
 *		the generation's id; Kling
 *
 * id points to the job's id in the body.  A timestamp more than
 * CALLBACK_AGE_S in the past or the future is refused.
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
 * The callback address to give this provider for this generation.  NULL when
 * the entry has no callback, or when its secret or MINA_PUBLIC_URL is not set.
 */
const char *callback_url(struct cx *, const struct provider *,
    const char *gen);
/*
 * Verifies a callback and sets *gen to its generation, NULL when no generation
 * has that job.  E_NOAUTH when it is not authentic; E_UPSTREAM when the keys
 * to verify it cannot be fetched.
 */
coroutine_fn enum err callback_read(struct cx *, struct req *,
    const struct provider *, const char **gen) MUSTCHECK;
/* The signature alone, whatever its age.  secret may begin with whsec_. */
bool	 callback_standard(struct cx *, const char *secret, const char *id,
	    const char *at, const char *body, size_t, const char *signatures);
/* The text that fal signs: values of its headers and the body's hash. */
const char *callback_fal_text(struct cx *, const char *id, const char *user,
	    const char *at, const char *body, size_t);
/* Wakes the worker that runs this generation (notification mina_wake). */
coroutine_fn enum err callback_wake(struct cx *, const char *gen) MUSTCHECK;

#endif
