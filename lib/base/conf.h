/*
 * conf - settings from the environment
 *
 * conf.def has all of them.  conf_load() first reads the file that MINA_CONF
 * names, if it is set: lines of KEY=value, # starts a comment.  A variable of
 * the environment takes precedence over the file.
 */
#ifndef MINA_CONF_H
#define MINA_CONF_H

#include <stdbool.h>
#include <stdint.h>

enum conf {
#define CONF(id, name, def, about)	id,
#include "base/conf.def"
#undef CONF
	CONF__MAX
};

/* False (and a line on stderr) when the file cannot be read. */
bool	 conf_load(void);
/* The value; the default; "" for a required setting that is missing. */
const char *conf_str(enum conf);
int64_t	 conf_int(enum conf);		/* the default if not a number */
bool	 conf_has(enum conf);		/* set, or with a default */
const char *conf_name(enum conf);
/* Whether item is in the comma separated value. */
bool	 conf_lists(enum conf, const char *item);
void	 conf_print(void);		/* the table, for --settings */

#endif
