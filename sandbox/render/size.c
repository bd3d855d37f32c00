/*
 * size - picture dimensions for a ratio and a size class
 */
#include "config.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "render/render.h"

static const struct {
	const char	*name;
	int		 w, h;
} ratios[] = {
	{ "1:1", 1, 1 }, { "4:3", 4, 3 }, { "3:4", 3, 4 },
	{ "16:9", 16, 9 }, { "9:16", 9, 16 }, { "3:2", 3, 2 },
	{ "2:3", 2, 3 }, { "21:9", 7, 3 }
};

static const struct {
	const char	*name;
	int		 side;
} sizes[] = { { "1K", 1024 }, { "2K", 2048 }, { "4K", 4096 } };

#define COUNT(a)	(sizeof (a) / sizeof (a)[0])

/*
 * The exact ratio is kept by counting in units: both sides are the same
 * multiple k of the ratio's own numbers. k is a multiple of 16 if that is
 * near enough to the wanted area, otherwise of 2.
 */
static int
units(int rw, int rh, int side)
{
	double	 want = sqrt((double)side * side / ((double)rw * rh));
	int	 low = rw < rh ? rw : rh, high = rw < rh ? rh : rw;
	int	 step = 16, k;

	k = (int)lrint(want / step) * step;
	/* 1024 on the short side, though the area grows. */
	if (k * low < 1024)
		k = (1024 + low - 1) / low;
	k = (k + step - 1) / step * step;
	if (k * high > RENDER_SIDE)
		k = RENDER_SIDE / high / step * step;
	return k;
}

int
render_size(const char *ratio, const char *size, int *w, int *h)
{
	size_t	 i, j;
	int	 k;

	for (i = 0; i < COUNT(ratios); i++)
		if (strcmp(ratios[i].name, ratio) == 0)
			break;
	for (j = 0; j < COUNT(sizes); j++)
		if (strcasecmp(sizes[j].name, size) == 0)
			break;
	if (i == COUNT(ratios) || j == COUNT(sizes))
		return -1;
	k = units(ratios[i].w, ratios[i].h, sizes[j].side);
	*w = ratios[i].w * k;
	*h = ratios[i].h * k;
	return 0;
}
