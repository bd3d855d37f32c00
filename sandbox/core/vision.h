/*
 * vision - fetches pictures by URL and analyses them
 *
 * Like the services it stands in for, the sandbox fetches the pictures it is
 * told about itself: over https from hosts that are public or allowed by
 * MINA_FETCH_ALLOW, or out of a data: URL.
 */
#ifndef SANDBOX_VISION_H
#define SANDBOX_VISION_H

#include <stddef.h>

#include "base/err.h"
#include "render/image_analysis.h"

struct buf;
struct cx;

/*
 * The bytes behind url, living as long as cx.  E_IMAGE when there are none:
 * then cx->err.say is a sentence on why.
 */
enum err vision_fetch(struct cx *, const char *url, size_t max, struct buf **)
    MUSTCHECK;
/* image_analyze() on a thread of the pool; E_IMAGE like above. */
enum err vision_look(struct cx *, const void *, size_t, struct image_analysis *)
    MUSTCHECK;

#endif
