/*
 * palette - the main colours of a picture, and what people call them
 */
#include "config.h"

#include <string.h>

#include "render/palette.h"
#include "render/vector.h"

#define SAMPLES	4096
#define ALIKE	250	/* squared distance of colours counted as one */
#define COUNT	(sizeof names / sizeof names[0])

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

static vec
named(size_t i)
{
	uint8_t	 rgb[3] = { (uint8_t)(names[i].rgb >> 16),
		    (uint8_t)(names[i].rgb >> 8), (uint8_t)names[i].rgb };

	return palette_lab(rgb);
}

/* The square of how far apart they are. */
static float
apart(vec a, vec b)
{
	a -= b;
	return dot(a, a);
}

static size_t
nearest(const vec known[COUNT], vec lab)
{
	size_t	 i, pick = 0;

	for (i = 1; i < COUNT; i++)
		if (apart(lab, known[i]) < apart(lab, known[pick]))
			pick = i;
	return pick;
}

const char *
palette_name(const uint8_t rgb[3])
{
	vec	 known[COUNT];
	size_t	 i;

	for (i = 0; i < COUNT; i++)
		known[i] = named(i);
	return names[nearest(known, palette_lab(rgb))].name;
}

int
palette_find(const char *name, uint8_t rgb[3])
{
	size_t	 i;

	for (i = 0; i < COUNT; i++)
		if (strcmp(names[i].name, name) == 0) {
			rgb[0] = (uint8_t)(names[i].rgb >> 16);
			rgb[1] = (uint8_t)(names[i].rgb >> 8);
			rgb[2] = (uint8_t)names[i].rgb;
			return 0;
		}
	return -1;
}

/* Sums of the bytes for each name, and how many they are. */
static float
count(const struct picture *pic, const vec known[COUNT], vec sum[COUNT])
{
	size_t		 n = (size_t)pic->w * pic->h, i, step, solid = 0;
	const uint8_t	*q = pic->px;
	float		 all = 0;

	for (i = 0; i < n; i++)
		solid += pic->px[i * 4 + 3] >= 128;
	/* Counting opaque pixels only keeps a thin logo well sampled. */
	step = solid / SAMPLES + 1;
	for (i = solid = 0; i < n; i++, q += 4) {
		if (q[3] < 128 || solid++ % step != 0)
			continue;
		sum[nearest(known, palette_lab(q))] += (vec){ q[0], q[1],
		    q[2], 1 };
		all++;
	}
	return all;
}

int
palette_of(const struct picture *pic, struct swatch out[PALETTE_MAX])
{
	vec	 known[COUNT], sum[COUNT] = { 0 }, main[PALETTE_MAX], c;
	size_t	 i, pick, of[PALETTE_MAX];
	float	 all;
	int	 n = 0, j, k;

	for (i = 0; i < COUNT; i++)
		known[i] = named(i);
	all = count(pic, known, sum);
	/* The most frequent names, with those much like them. */
	for (;;) {
		for (pick = 0, i = 1; i < COUNT; i++)
			if (sum[i][W] > sum[pick][W])
				pick = i;
		c = sum[pick];
		sum[pick] = (vec){ 0 };
		if (c[W] <= 0)
			break;
		for (j = 0; j < n; j++)
			if (apart(known[pick], known[of[j]]) < ALIKE)
				break;
		if (j < n)
			main[j] += c;
		else if (n < PALETTE_MAX && (n == 0 || c[W] > 0.015f * all)) {
			of[n] = pick;
			main[n++] = c;
		}
	}
	for (j = 0; j < n; j++) {
		for (k = 0; k < 3; k++)
			out[j].rgb[k] = (uint8_t)lrintf(main[j][k] /
			    main[j][W]);
		out[j].share = main[j][W] / all;
		out[j].name = names[of[j]].name;
	}
	return n;
}
