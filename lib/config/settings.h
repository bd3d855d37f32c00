/*
 * settings - settings that can change while Mina runs: rows of mega_admin
 *
 * (Settings from the environment, read at start, are conf.h's.)
 *
 * Runtime settings are a flat map (price.still, limits.queued), read by
 * settings_int() and settings_bool().  App configuration is versioned
 * documents under a key (mma.ctx.gpt_reader, mma.provider.registry), read by
 * settings_app().  Both are cached by the process: with settings_watch()
 * until Postgres notifies a change (channel mina_config), otherwise for
 * SETTINGS_BRIEF.  So a change takes effect within a second, or after
 * SETTINGS_TTL when the notification was lost.
 *
 * Only programs that listen anyway watch: Postgres wakes every listening
 * connection for every notification on any channel, and generations notify
 * often.
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

/* Invalidates by notification; call once, before the loop runs. */
void	 settings_watch(struct pg *);
/* E_NOTFOUND when no version is enabled. */
coroutine_fn enum err settings_app(struct cx *, const char *key,
    struct app_setting *) MUSTCHECK;
coroutine_fn enum err settings_int(struct cx *, const char *key, int64_t other,
    int64_t *out) MUSTCHECK;
coroutine_fn enum err settings_bool(struct cx *, const char *key, bool other,
    bool *out) MUSTCHECK;

#endif
