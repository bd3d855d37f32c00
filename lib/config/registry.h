/*
 * registry - the providers, as data
 *
 * mma.provider.registry (mega_admin, versioned) describes each provider: how
 * a job is made and asked after, where things are in its replies, and what
 * its model can do.  sql/seed has an example of every member.  Secrets are
 * not in it: `secret_env' names an environment variable, and only names that
 * begin with MINA_PROVIDER_ are looked at.
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

/* The nth choice for this mode ("still", "video"); E_NOTFOUND past the end. */
enum err registry_pick(struct cx *, const char *mode, size_t nth,
    struct provider *) MUSTCHECK;
enum err registry_named(struct cx *, const char *key, struct provider *)
    MUSTCHECK;

/* E_FIELD when the model cannot do that ratio; the default for NULL. */
enum err registry_ratio(struct cx *, const struct provider *,
    const char **ratio) MUSTCHECK;

struct settings {
	const char	*asked;		/* JSON: those it takes, as asked */
	const char	*resolved;	/* JSON: as the provider is sent them */
	const char	*ignored;	/* JSON list of "seedream.guidance" */
};
/*
 * user is the request's `settings' object or NULL.  A value out of range is
 * E_FIELD; a setting the model does not have is dropped and listed.
 */
enum err registry_settings(struct cx *, struct provider *,
    const struct cJSON *user, struct settings *) MUSTCHECK;

/* NULL when the name is not one that may be asked for, or is not set. */
const char *registry_env(const char *name);
/* The base URL, from the environment where the entry says so. */
const char *registry_base(const struct provider *);
/* Is host one whose files we take as this provider's output? */
bool	 registry_host(struct cx *, const struct provider *,
	    const char *host);

#endif
