/*
 * authlog - what the emulated Supabase Auth keeps over a restart
 *
 * Users, sessions with their refresh tokens, and mails with their codes, as
 * lines of auth.ndjson below MINA_SANDBOX_DIR (mode 0600).  Each module
 * writes its own lines and reads them back; at the start they are read, and
 * written anew without what is over.
 *
 *	struct authlog l;
 *
 *	json_str(authlog_begin(&l, "spent"), "mail", id);
 *	return authlog_end(&l);
 */
#ifndef SANDBOX_STATE_LOG_H
#define SANDBOX_STATE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

struct authlog {
	struct buf	buf;
	struct json	js;
};

/* False, with errno, when it cannot be opened. */
bool	 authlog_open(void);
/* tidy: nobody else has it open, so it may be written anew. */
void	 authlog_load(bool tidy);

struct json *authlog_begin(struct authlog *, const char *op);
/* False when it could not be written. */
bool	 authlog_end(struct authlog *);

/* For reading lines back. */
const char *authlog_text(const struct cJSON *, const char *key); /* or "" */
int64_t	 authlog_time(const struct cJSON *, const char *key);	 /* or 0 */
char	*authlog_keep(const char *);		/* malloc'ed copy */

#endif
