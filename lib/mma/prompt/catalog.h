/*
 * catalog - the prompt phrase of a style (mma.catalog)
 */
#ifndef MINA_CATALOG_H
#define MINA_CATALOG_H

#include "base/err.h"

struct cx;

/*
 * list is "styles" or "movement_styles"; *phrase is NULL for "none", for NULL
 * and for a style that was removed.  It lives as long as cx.
 */
coroutine_fn enum err catalog_phrase(struct cx *, const char *list,
    const char *id, const char **phrase) MUSTCHECK;

#endif
