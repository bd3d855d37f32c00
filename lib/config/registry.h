/*
 * registry - the image and film providers, which are data
 *
 * The setting mma.provider.registry describes each provider: how a job is
 * created and polled, where the members of its replies are, and what its
 * model can do.  sql/seed/040-providers.sql explains the members.  Secrets
 * are not in it: `secret_env' names an environment variable, which must begin
 * with MINA_PROVIDER_.
 */
#ifndef MINA_REGISTRY_H
#define MINA_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;

struct provider {
	const char	*key;		/* "seedream-replicate" */
	const char	*family;	/* "seedream": names settings, steps */
	const char	*model, *mode;
	const struct cJSON *def;	/* its entry */
	const struct cJSON *caps;	/* its capabilities */
	int64_t		 version;	/* of the registry */
	const char	*defaults_id;	/* of the defaults used, or NULL */
};

/* The nth in "use" of this mode ("still", "video"); E_NOTFOUND past the end. */
coroutine_fn enum err registry_pick(struct cx *, const char *mode, size_t nth,
    struct provider *) MUSTCHECK;
coroutine_fn enum err registry_named(struct cx *, const char *key,
    struct provider *) MUSTCHECK;

/* E_FIELD when the model does not have *ratio; NULL becomes its default. */
enum err registry_ratio(struct cx *, const struct provider *,
    const char **ratio) MUSTCHECK;

struct settings {
	const char	*asked;		/* JSON: as in the request */
	const char	*resolved;	/* JSON: as sent to the provider */
	const char	*ignored;	/* JSON list of "seedream.guidance" */
};
/*
 * user is the request's `settings' object or NULL.  A value out of range is
 * E_FIELD; a setting the model does not have is dropped and listed.
 */
coroutine_fn enum err registry_settings(struct cx *, struct provider *,
    const struct cJSON *user, struct settings *) MUSTCHECK;

/* NULL when name does not begin with MINA_PROVIDER_, or is not set. */
const char *registry_env(const char *name);
/* The base URL; base_url_env of the entry takes precedence. */
const char *registry_base(const struct provider *);
/* Whether outputs of this provider may be fetched from host. */
bool	 registry_host(struct cx *, const struct provider *,
	    const char *host);

#endif
