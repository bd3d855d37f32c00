/*
 * cast.h - who plays what: the pictures of an order, ready for the set
 */
#ifndef SANDBOX_CAST_H
#define SANDBOX_CAST_H

#include "render/look.h"
#include "render/picture.h"
#include "render/render.h"

struct cast {
	struct picture	 product;	/* cut out, cropped; px NULL: none */
	bool		 card;		/* it could not be cut out */
	struct picture	 logo;		/* the same */
	bool		 inspired;	/* hue and light below are set */
	uint8_t		 hue[3];	/* of the inspirations' main tone */
	float		 light;		/* their mean L* */
};

/*
 * Decodes what the order brings. tall is the height in pixels the product
 * will have, so that nothing larger than needed is kept. Returns 0, or -1
 * with a sentence in err.
 */
int	cast_call(const struct render_order *, int tall, struct cast *,
	    char *err, size_t errlen);

/* Turns a full scene into a print with a white border. Returns 0 or -1. */
int	cast_mount(struct picture *);

void	cast_free(struct cast *);

#endif
