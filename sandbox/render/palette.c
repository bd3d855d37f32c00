/*
 * palette - the main colours of a picture, and what people call them
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "render/palette.h"
#include "render/vector.h"

#define SAMPLES	4096

static const struct {
	const char	*name;
	uint32_t	 rgb;
} names[] = {
	{ "black", 0x121212 }, { "charcoal", 0x36383c },
	{ "dark grey", 0x545456 }, { "grey", 0x808080 },
	{ "silver", 0xb6b8bc }, { "light grey", 0xd2d3d4 },
	{ "white", 0xfafafa }, { "off-white", 0xf3f0e9 },
	{ "slate", 0x606e7c }, { "stone", 0xbab2a6 }, { "ivory", 0xf6f0dc },
	{ "cream", 0xf4e7cc }, { "beige", 0xdecaac }, { "sand", 0xd6bc94 },
	{ "taupe", 0x928070 }, { "khaki", 0xa89c70 }, { "tan", 0xc8a278 },
	{ "caramel", 0xb8763e }, { "brown", 0x764c2c },
	{ "deep brown", 0x422a1c }, { "chocolate", 0x583422 },
	{ "walnut", 0x624632 }, { "terracotta", 0xc4684a },
	{ "rust", 0xa44824 }, { "copper", 0xb87048 }, { "amber", 0xdc8e24 },
	{ "deep amber", 0xa85c12 }, { "gold", 0xcea858 },
	{ "bronze", 0x926c38 }, { "honey", 0xe4ac4c }, { "mustard", 0xcea02e },
	{ "yellow", 0xf4d63c }, { "lemon", 0xf8ec78 }, { "orange", 0xf08228 },
	{ "peach", 0xf8c4a4 }, { "apricot", 0xf4b47c }, { "coral", 0xf07c68 },
	{ "salmon", 0xf4a08c }, { "red", 0xd02428 }, { "deep red", 0x84161e },
	{ "burgundy", 0x681a2e }, { "blush", 0xeed0c8 }, { "pink", 0xf09eb8 },
	{ "rose", 0xce7080 }, { "magenta", 0xcc2c88 }, { "plum", 0x662c58 },
	{ "purple", 0x7a409c }, { "lilac", 0xcab2dc },
	{ "lavender", 0xb8acdc }, { "mauve", 0xa68296 },
	{ "indigo", 0x3e3282 }, { "navy", 0x1c284e },
	{ "deep blue", 0x183e80 }, { "blue", 0x3064c8 },
	{ "sky blue", 0x8ec0ea }, { "pale blue", 0xccdeec },
	{ "teal", 0x14767a }, { "turquoise", 0x40beba }, { "aqua", 0x96d8d6 },
	{ "mint", 0xbee4ce }, { "sage", 0xa4b296 }, { "olive", 0x70723a },
	{ "moss", 0x5c6c3e }, { "deep green", 0x18442e },
	{ "emerald", 0x168058 }, { "forest", 0x2c5436 }, { "green", 0x469c4c },
	{ "lime", 0xa8d048 }
};

static float
labf(float t)
{
	return t > 0.008856f ? cbrtf(t) : 7.787f * t + 16.0f / 116;
}

vec
palette_lab(const uint8_t rgb[3])
{
	static const vec	 to_x = { 0.43387f, 0.37623f, 0.18990f };
	static const vec	 to_y = { 0.21260f, 0.71520f, 0.07220f };
	static const vec	 to_z = { 0.01772f, 0.10946f, 0.87282f };
	uint8_t			 px[4] = { rgb[0], rgb[1], rgb[2], 0 };
	vec			 c = pixel_linear(px);
	float			 x, y, z;

	x = labf(dot(c, to_x));
	y = labf(dot(c, to_y));
	z = labf(dot(c, to_z));
	return (vec){ 116 * y - 16, 500 * (x - y), 200 * (y - z) };
}

static void
named(size_t i, uint8_t rgb[3])
{
	rgb[0] = (uint8_t)(names[i].rgb >> 16);
	rgb[1] = (uint8_t)(names[i].rgb >> 8);
	rgb[2] = (uint8_t)names[i].rgb;
}

const char *
palette_name(const uint8_t rgb[3])
{
	vec	 lab = palette_lab(rgb), off;
	float	 best = 1e9f;
	size_t	 i, pick = 0;
	uint8_t	 it[3];

	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		named(i, it);
		off = lab - palette_lab(it);
		if (dot(off, off) < best) {
			best = dot(off, off);
			pick = i;
		}
	}
	return names[pick].name;
}

int
palette_find(const char *name, uint8_t rgb[3])
{
	size_t	 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, name) == 0) {
			named(i, rgb);
			return 0;
		}
	return -1;
}

struct sample {
	vec	 lab, rgb;	/* rgb in bytes, with 1 for counting */
};

static int
gather(const struct picture *pic, struct sample *out)
{
	size_t		 n = (size_t)pic->w * pic->h, i, step, solid = 0;
	const uint8_t	*q;
	int		 k = 0;

	for (i = 0; i < n; i++)
		solid += pic->px[i * 4 + 3] >= 128;
	/* Counting opaque pixels only keeps a thin logo well sampled. */
	step = solid / SAMPLES + 1;
	for (i = 0, solid = 0; i < n && k < SAMPLES; i++) {
		q = pic->px + i * 4;
		if (q[3] >= 128 && solid++ % step == 0)
			out[k++] = (struct sample){ palette_lab(q),
			    { q[0], q[1], q[2], 1 } };
	}
	return k;
}

/* The nearest of the centres, and the square of how far it is. */
static int
nearest(const vec *mid, int n, vec lab, float *far)
{
	int	 i, pick = 0;
	vec	 off;

	*far = 1e9f;
	for (i = 0; i < n; i++) {
		off = lab - mid[i];
		if (dot(off, off) < *far) {
			*far = dot(off, off);
			pick = i;
		}
	}
	return pick;
}

/* Each next centre is the sample farthest from those already chosen. */
static int
choose_centres(const struct sample *s, int n, vec mid[PALETTE_MAX])
{
	float	 most, far;
	int	 i, j, pick = 0;

	mid[0] = (vec){ 0 };
	for (i = 0; i < n; i++)
		mid[0] += s[i].lab / (float)n;
	for (j = 1; j < PALETTE_MAX; j++) {
		most = 60;
		for (i = 0; i < n; i += 3) {
			(void)nearest(mid, j, s[i].lab, &far);
			if (far > most) {
				most = far;
				pick = i;
			}
		}
		if (most <= 60)
			break;
		mid[j] = s[pick].lab;
	}
	return j;
}

static int
by_share(const void *a, const void *b)
{
	const struct swatch	*x = a, *y = b;

	return x->share < y->share ? 1 : x->share > y->share ? -1 : 0;
}

/* Centres that ended up with the same name count as one colour. */
static int
merge(struct swatch *sw, int n)
{
	int	 i, j, k = 0;

	qsort(sw, (size_t)n, sizeof *sw, by_share);
	for (i = 0; i < n; i++) {
		for (j = 0; j < k; j++)
			if (sw[j].name == sw[i].name)
				break;
		if (j < k)
			sw[j].share += sw[i].share;
		else
			sw[k++] = sw[i];
	}
	qsort(sw, (size_t)k, sizeof *sw, by_share);
	while (k > 1 && sw[k - 1].share < 0.015f)
		k--;
	return k;
}

int
palette_of(const struct picture *pic, struct swatch out[PALETTE_MAX])
{
	struct sample	*s = calloc(SAMPLES, sizeof *s), sum[PALETTE_MAX];
	vec		 mid[PALETTE_MAX], c;
	int		 n, nmid, i, j, k = 0, round;
	float		 far;

	if (s == NULL || (n = gather(pic, s)) == 0) {
		free(s);
		return 0;
	}
	nmid = choose_centres(s, n, mid);
	for (round = 0; round < 8; round++) {
		memset(sum, 0, sizeof sum);
		for (i = 0; i < n; i++) {
			j = nearest(mid, nmid, s[i].lab, &far);
			sum[j].lab += s[i].lab;
			sum[j].rgb += s[i].rgb;
		}
		for (j = 0; j < nmid; j++)
			if (sum[j].rgb[W] > 0)
				mid[j] = sum[j].lab / sum[j].rgb[W];
	}
	for (j = 0; j < nmid; j++) {
		if (sum[j].rgb[W] < 1)
			continue;
		c = sum[j].rgb / sum[j].rgb[W];
		for (i = 0; i < 3; i++)
			out[k].rgb[i] = (uint8_t)lrintf(c[i]);
		out[k].share = sum[j].rgb[W] / (float)n;
		out[k].name = palette_name(out[k].rgb);
		k++;
	}
	free(s);
	return merge(out, k);
}
