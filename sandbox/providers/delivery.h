/*
 * delivery - where outputs wait to be collected
 *
 * delivery/<random>/out.<ext> under MINA_SANDBOX_DIR, served by nginx; or by
 * this program, while there are fault orders for deliveries.
 */
#ifndef SANDBOX_DELIVERY_H
#define SANDBOX_DELIVERY_H

#include "core/emulator.h"
#include "providers/model.h"

/* An output, delivered; its strings live as long as cx. */
struct delivered {
	const char	*url, *type;	/* "video/mp4" */
	size_t		 bytes;
	int		 w, h;
};

/*
 * Writes the output on a thread of the pool.  NULL when it worked, else why
 * it did not.  gone: the URL is one of nothing.
 */
const char *delivery_put(struct cx *, const struct made *, bool gone,
	    struct delivered *);
/* The one still of that size, or film of that length, for load tests. */
const char *delivery_stored(struct cx *, const struct outline *, bool gone,
	    struct delivered *);
/* One with that flaw (render.h). */
const char *delivery_flawed(struct cx *, const struct outline *,
	    const char *flaw, struct delivered *);
/* Deletes the file behind a URL of ours; stored ones stay. */
void	 delivery_remove(const char *url);
/* GET /_sandbox/delivery/{dir}/{file} */
enum err delivery_get(struct cx *, struct req *, struct resp *,
	    const struct fault *);

#endif
