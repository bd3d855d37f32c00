/*
 * settings - what operators set while Mina runs: rows of mega_admin
 *
 * (What is set before it starts, in the environment, is conf.h.)
 *
 * Two kinds.  Runtime settings are a flat map (price.still, limits.queued):
 * settings_int().  App configuration is versioned documents under a key
 * (mma.ctx.gpt_reader, mma.provider.registry): settings_app().  Both are
 * kept in the process: in one that watches until Postgres notifies a change
 * (channel mina_config), in others for SETTINGS_BRIEF; so a change is seen
 * within a second, or after SETTINGS_TTL where notifications are down.
 *
 * Not everybody watches, because Postgres wakes every listening connection
 * for every notification on whatever channel, and generations notify a lot.
 */
#ifndef MINA_SETTINGS_H
#define MINA_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct pg;

#define SETTINGS_TTL	60000		/* ms */
#define SETTINGS_BRIEF	900

struct app_setting {
	const char	*key, *id;	/* "app_config:<key>.v3" */
	int64_t		 version;
	const struct cJSON *value;	/* lives as long as cx */
};

/* Listen for changes; once, before the loop runs. */
void	 settings_watch(struct pg *);
/* E_NOTFOUND when no version is enabled. */
enum err settings_app(struct cx *, const char *key, struct app_setting *)
    MUSTCHECK;
enum err settings_int(struct cx *, const char *key, int64_t other,
    int64_t *out) MUSTCHECK;
enum err settings_bool(struct cx *, const char *key, bool other, bool *out)
    MUSTCHECK;

#endif
