/*
 * render.h - stills for the sandbox
 *
 * Stands in for an image model, honestly: the still shows the product that
 * was sent, cut out from its background, standing on a surface the brief
 * asks for, in the light the brief asks for, with the shadow and reflection
 * that light gives. It is drawn by arithmetic, marked "Mina sandbox" in a
 * corner and in the file, and the same order always gives the same bytes.
 *
 *	struct render_picture pic = { bytes, len, RENDER_PRODUCT };
 *	struct render_order order = {
 *		.prompt = "on white marble, soft light from the left",
 *		.pic = &pic, .npic = 1,
 *		.width = 2048, .height = 2048, .format = "png",
 *	};
 *	if (render_still(&order, &out, &outlen, err, sizeof err) == -1)
 *		fail(err);
 *	...
 *	render_free(out);
 *
 * Thread-safe; meant to run in a pool, one core per call. Memory is about
 * 3 bytes for each pixel of the output, twice that for the product's part of
 * it, and the encoded file.
 */
#ifndef SANDBOX_RENDER_H
#define SANDBOX_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#define RENDER_SIDE	4096	/* largest width or height, pixels */
#define RENDER_PICTURES	16	/* most pictures in an order */

enum render_role {
	RENDER_UNKNOWN,		/* judged by how it looks */
	RENDER_PRODUCT,
	RENDER_LOGO,
	RENDER_INSPIRATION	/* gives colours and mood only */
};

struct render_picture {
	const void	*data;	/* png, jpeg, webp or svg */
	size_t		 len;
	enum render_role role;
};

struct render_order {
	const char	*prompt;	/* UTF-8; NULL is no words */
	const struct render_picture *pic;
	size_t		 npic;
	int		 width, height;	/* 64 .. RENDER_SIDE */
	const char	*format;	/* "png" (or NULL) or "jpg" */
	bool		 fast;		/* half the detail, for load tests */
};

/*
 * Returns 0 and the file in *out, to be freed with render_free; or -1 with a
 * sentence in err: a picture is refused (see look.h), the size or format is
 * out of range, memory ran out.
 */
int	render_still(const struct render_order *, void **out, size_t *outlen,
	    char *err, size_t errlen);

void	render_free(void *);

/*
 * Dimensions for a ratio ("1:1" "4:3" "3:4" "16:9" "9:16" "3:2" "2:3"
 * "21:9") and a size ("1K" "2K" "4K"): close to 1024, 2048 or 4096 squared in
 * area, the shorter side at least 1024, neither over 4096, both multiples of
 * 16 where the ratio stays exact that way and of 2 always. Returns 0, or -1
 * for a ratio or size it does not know.
 */
int	render_size(const char *ratio, const char *size, int *w, int *h);

#endif
