/*
 * keptkeys - the sign-in service's keys as they were read last, in a row
 *
 * For a program that starts while the service is unavailable.  The row is
 * written by every program that reads the keys, and used for KEPTKEYS_HOURS.
 */
#ifndef MINA_KEPTKEYS_H
#define MINA_KEPTKEYS_H

#include <stddef.h>

#include "base/err.h"

struct cx;

#define KEPTKEYS_HOURS	24

/* Keeps the text of a set that was read from url.  Failures are logged. */
coroutine_fn void keptkeys_put(struct cx *, const char *url, const char *text,
    size_t len);
/*
 * The text that is kept for url and, RFC 3339, when it was read.  E_NOTFOUND:
 * none, or it is too old.
 */
coroutine_fn enum err keptkeys_get(struct cx *, const char *url,
    const char **text, const char **when) MUSTCHECK;

#endif
