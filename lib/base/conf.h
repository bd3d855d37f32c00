/*
 * conf - settings from the environment
 *
 * Each is documented once, in conf.def.  conf_load() reads the file named by
 * MINA_CONF first, if there is one: lines of KEY=value, # starts a comment;
 * what the environment says itself wins.
 */
#ifndef MINA_CONF_H
#define MINA_CONF_H

#include <stdbool.h>
#include <stdint.h>

enum conf {
#define CONF(id, name, def, words)	id,
#include "base/conf.def"
#undef CONF
	CONF__MAX
};

/* False (and a line on stderr) when the file cannot be read. */
bool	 conf_load(void);
/* The value; the default; "" for a required setting that is missing. */
const char *conf_str(enum conf);
int64_t	 conf_int(enum conf);		/* default when it is no number */
bool	 conf_has(enum conf);		/* set, or with a default */
const char *conf_name(enum conf);
/* Is item in the comma separated value? */
bool	 conf_lists(enum conf, const char *item);
void	 conf_print(void);		/* the table, for --settings */

#endif
