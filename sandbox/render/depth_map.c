/*
 * depth_map - a guess at what in a picture is near
 *
 * In a small copy of the picture, the subject is everything that has an edge
 * all around it, as objects have that stand before a backdrop, or else an
 * ellipse in the middle. The ground is as near as the subject where the
 * subject stands on it, and nearer in front. What is found is near as a
 * whole, and the rest of the way is blurred into the backdrop: a film bends
 * the picture there, and an edge would tear.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vips/vips.h>

#include "render/camera.h"
#include "render/cutout.h"

#define SIDE	224		/* pixels of its longer side, at most */
#define BLUR	5.3		/* sigma in such pixels */
#define GROW	14		/* more than it reaches: subjects are flat */
#define LINE	3		/* pixels: half of the thickest line */

/* --- masks of bytes, 0 or 255 */

/* Each pixel becomes the least or the largest within r; takes im over. */
static VipsImage *
spread(VipsImage *im, int r, bool largest)
{
	int	 n = 2 * r + 1, index = largest ? n - 1 : 0;

	PICTURE_THEN(im, rank, n, 1, index, NULL);
	PICTURE_THEN(im, rank, 1, n, index, NULL);
	return im;
}

static VipsImage *
mask_image(const uint8_t *mask, const struct depth_map *dm)
{
	return vips_image_new_from_memory(mask, (size_t)dm->w * dm->h, dm->w,
	    dm->h, 1, VIPS_FORMAT_UCHAR);
}

/* Computes im into out, whose size it has. */
static int
compute(VipsImage *im, void *out)
{
	size_t	 n;
	void	*mem = im != NULL ? vips_image_write_to_memory(im, &n) : NULL;

	if (mem != NULL)
		memcpy(out, mem, n);
	g_clear_object(&im);
	g_free(mem);
	return mem != NULL ? 0 : -1;
}

/* Largest difference of two pixels in any band, transparency included. */
static int
step(const struct picture *pic, int i, int j)
{
	const uint8_t	*p = pic->px + (size_t)i * 4;
	const uint8_t	*q = pic->px + (size_t)j * 4;
	int		 k, worst = 0;

	for (k = 0; k < 4; k++)
		worst = MAX(worst, abs(p[k] - q[k]));
	return worst;
}

/* What a backdrop does from pixel to pixel, looked up along both sides. */
static int
roughness(const struct picture *pic)
{
	int	 x, y, i, sum = 0, n = 0, band = pic->w / 12 + 1;

	for (y = 0; y + 1 < pic->h; y++)
		for (x = 0; x < 2 * band; x++, n++) {
			i = y * pic->w + (x < band ? x :
			    pic->w - 1 - (x - band));
			sum += step(pic, i, i + pic->w);
		}
	return n > 0 ? CLAMP(2 + 3 * sum / n, 5, 12) : 5;
}

/*
 * The backdrop hangs together with the border, soft shadows and all; what has
 * an edge all around it is not reached. An edge is wide, so that a gap in it
 * is no way through. Thin lines go, such as where a wall meets a table.
 */
static int
enclosed(const struct picture *pic, const struct depth_map *dm, uint8_t *mask,
    int *stack)
{
	int	 most = roughness(pic), w = dm->w, n = w * dm->h, i;

	for (i = 0; i < n; i++)
		mask[i] = (i % w < w - 1 && step(pic, i, i + 1) > most) ||
		    (i + w < n && step(pic, i, i + w) > most) ? 255 : 0;
	if (compute(spread(mask_image(mask, dm), 2, true), mask) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (i < w || i >= n - w || i % w == 0 || i % w == w - 1)
			(void)flood(mask, w, dm->h, i, 0, 1, NULL, NULL,
			    stack);
	for (i = 0; i < n; i++)
		mask[i] = mask[i] == 1 ? 0 : 255;
	return compute(spread(spread(mask_image(mask, dm), LINE, false),
	    LINE, true), mask);
}

/*
 * Veins of marble and the edges of shadows are no objects: only pieces of
 * some size stay. False when that is next to nothing or nearly all.
 */
static bool
keep_large(uint8_t *mask, int w, int h, int *stack)
{
	int	 n = w * h, i, size, sum = 0;

	for (i = 0; i < n; i++) {
		size = flood(mask, w, h, i, 255, 1, NULL, NULL, stack);
		if (size >= n / 250)
			sum += size;
		else if (size > 0)
			(void)flood(mask, w, h, i, 1, 0, NULL, NULL, stack);
	}
	for (i = 0; i < n; i++)
		mask[i] = mask[i] == 1 ? 255 : 0;
	return sum > n / 100 && sum < n * 2 / 3;
}

static void
ellipse(uint8_t *mask, int w, int h)
{
	float	 dx, dy;
	int	 i;

	for (i = 0; i < w * h; i++) {
		dx = ((float)(i % w) / (float)w - 0.5f) / 0.24f;
		dy = ((float)(i / w) / (float)h - 0.54f) / 0.33f;
		mask[i] = dx * dx + dy * dy < 1 ? 255 : 0;
	}
}

/* --- depth */

/* Subject pixels in the middle third of a row. */
static int
across(const uint8_t *mask, int w, int y, int mid)
{
	int	 x, n = 0;

	for (x = mid - w / 6; x < mid + w / 6; x++)
		n += x >= 0 && x < w && mask[y * w + x] > 0;
	return n;
}

/*
 * Where the subject is, and about the row it stands on, from 0 to 1: most of
 * what is in the middle is above. Reflections and veins below do not count.
 */
static float
measure(struct depth_map *dm, const uint8_t *mask)
{
	float	 sx = 0, sy = 0, n = 1e-6f;
	int	 i, y, w = dm->w, mid, all = 0, sum = 0;

	for (i = 0; i < w * dm->h; i++)
		if (mask[i] > 0) {
			n += 1;
			sx += (float)(i % w);
			sy += (float)(i / w);
		}
	mid = (int)(sx / n);
	dm->x = clampf(sx / n / (float)w, 0.25f, 0.75f);
	dm->y = clampf(sy / n / (float)dm->h, 0.3f, 0.7f);
	for (y = 0; y < dm->h; y++)
		all += across(mask, w, y, mid);
	for (y = 0; y < dm->h && 20 * sum < 17 * all; y++)
		sum += across(mask, w, y, mid);
	return clampf((float)y / (float)dm->h, 0.6f, 0.95f);
}

static void
add_ground(struct depth_map *dm, float foot)
{
	float	 y, g, front, *p = dm->d;
	int	 i, j;

	for (j = 0; j < dm->h; j++) {
		y = ((float)j + 0.5f) / (float)dm->h;
		g = clampf((y - foot) / 0.20f + 1, 0, 1);
		front = 0.4f * smoothstep(foot, foot + 0.35f, y);
		for (i = 0; i < dm->w; i++, p++)
			*p = maxf(*p / 255, g) + front;
	}
}

static int
guess(struct picture *small, struct depth_map *dm, uint8_t *mask, int *stack)
{
	VipsImage	*near;
	float		 foot;

	if (enclosed(small, dm, mask, stack) == -1)
		return -1;
	if (!keep_large(mask, dm->w, dm->h, stack))
		ellipse(mask, dm->w, dm->h);
	foot = measure(dm, mask);
	near = spread(mask_image(mask, dm), GROW, true);
	PICTURE_THEN(near, gaussblur, BLUR, "min_ampl", 0.02, "precision",
	    VIPS_PRECISION_APPROXIMATE, NULL);
	PICTURE_THEN(near, cast_float, NULL);
	if (compute(near, dm->d) == -1)
		return -1;
	add_ground(dm, foot);
	return 0;
}

int
depth_map_make(const struct picture *pic, struct depth_map *dm, char *err,
    size_t errlen)
{
	struct picture	 small = { .px = NULL };
	int		 rc = -1;
	int		*stack = NULL;
	uint8_t		*mask = NULL;

	if (picture_shrink(pic, (MAX(pic->w, pic->h) + SIDE - 1) / SIDE, &small,
	    err, errlen) == -1)
		return -1;
	dm->w = small.w;
	dm->h = small.h;
	dm->d = calloc((size_t)dm->w * dm->h, sizeof *dm->d);
	stack = calloc((size_t)dm->w * dm->h, sizeof *stack);
	mask = calloc((size_t)dm->w * dm->h, 1);
	if (dm->d == NULL || stack == NULL || mask == NULL)
		snprintf(err, errlen, "out of memory");
	else if (guess(&small, dm, mask, stack) == -1)
		picture_fail(err, errlen, "cannot guess the depth");
	else
		rc = 0;
	free(stack);
	free(mask);
	picture_free(&small);
	return rc;
}

void
depth_map_free(struct depth_map *dm)
{
	free(dm->d);
	dm->d = NULL;
}
