/*
 * catalog - the phrase that stands behind a style's name
 */
#ifndef MINA_CATALOG_H
#define MINA_CATALOG_H

#include "base/err.h"

struct cx;

/*
 * list is "styles" or "movement_styles" of mma.catalog; *phrase stays NULL
 * for "none", for NULL and for one that has gone.  Lives as long as cx.
 */
enum err catalog_phrase(struct cx *, const char *list, const char *id,
    const char **phrase) MUSTCHECK;

#endif
