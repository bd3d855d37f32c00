/*
 * palette - the main colours of a picture, and what people call them
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/palette.h"

#define SAMPLES	4096

static const struct {
	const char	*name;
	uint8_t		 rgb[3];
} names[] = {
	{ "black", { 18, 18, 18 } }, { "charcoal", { 54, 56, 60 } },
	{ "dark grey", { 84, 84, 86 } }, { "grey", { 128, 128, 128 } },
	{ "silver", { 182, 184, 188 } }, { "light grey", { 210, 211, 212 } },
	{ "white", { 250, 250, 250 } }, { "off-white", { 243, 240, 233 } },
	{ "slate", { 96, 110, 124 } }, { "stone", { 186, 178, 166 } },
	{ "ivory", { 246, 240, 220 } }, { "cream", { 244, 231, 204 } },
	{ "beige", { 222, 202, 172 } }, { "sand", { 214, 188, 148 } },
	{ "taupe", { 146, 128, 112 } }, { "khaki", { 168, 156, 112 } },
	{ "tan", { 200, 162, 120 } }, { "caramel", { 184, 118, 62 } },
	{ "brown", { 118, 76, 44 } }, { "deep brown", { 66, 42, 28 } },
	{ "chocolate", { 88, 52, 34 } }, { "walnut", { 98, 70, 50 } },
	{ "terracotta", { 196, 104, 74 } }, { "rust", { 164, 72, 36 } },
	{ "copper", { 184, 112, 72 } }, { "amber", { 220, 142, 36 } },
	{ "deep amber", { 168, 92, 18 } }, { "gold", { 206, 168, 88 } },
	{ "bronze", { 146, 108, 56 } }, { "honey", { 228, 172, 76 } },
	{ "mustard", { 206, 160, 46 } }, { "yellow", { 244, 214, 60 } },
	{ "lemon", { 248, 236, 120 } }, { "orange", { 240, 130, 40 } },
	{ "peach", { 248, 196, 164 } }, { "apricot", { 244, 180, 124 } },
	{ "coral", { 240, 124, 104 } }, { "salmon", { 244, 160, 140 } },
	{ "red", { 208, 36, 40 } }, { "deep red", { 132, 22, 30 } },
	{ "burgundy", { 104, 26, 46 } }, { "blush", { 238, 208, 200 } },
	{ "pink", { 240, 158, 184 } }, { "rose", { 206, 112, 128 } },
	{ "magenta", { 204, 44, 136 } }, { "plum", { 102, 44, 88 } },
	{ "purple", { 122, 64, 156 } }, { "lilac", { 202, 178, 220 } },
	{ "lavender", { 184, 172, 220 } }, { "mauve", { 166, 130, 150 } },
	{ "indigo", { 62, 50, 130 } }, { "navy", { 28, 40, 78 } },
	{ "deep blue", { 24, 62, 128 } }, { "blue", { 48, 100, 200 } },
	{ "sky blue", { 142, 192, 234 } }, { "pale blue", { 204, 222, 236 } },
	{ "teal", { 20, 118, 122 } }, { "turquoise", { 64, 190, 186 } },
	{ "aqua", { 150, 216, 214 } }, { "mint", { 190, 228, 206 } },
	{ "sage", { 164, 178, 150 } }, { "olive", { 112, 114, 58 } },
	{ "moss", { 92, 108, 62 } }, { "deep green", { 24, 68, 46 } },
	{ "emerald", { 22, 128, 88 } }, { "forest", { 44, 84, 54 } },
	{ "green", { 70, 156, 76 } }, { "lime", { 168, 208, 72 } },
};

static float
linear(uint8_t v)
{
	float	 x = (float)v / 255;

	return x <= 0.04045f ? x / 12.92f : powf((x + 0.055f) / 1.055f, 2.4f);
}

static float
labf(float t)
{
	return t > 0.008856f ? cbrtf(t) : 7.787f * t + 16.0f / 116;
}

void
palette_lab(uint8_t r8, uint8_t g8, uint8_t b8, float lab[3])
{
	float	 r = linear(r8), g = linear(g8), b = linear(b8);
	float	 x, y, z;

	x = labf((0.4124f * r + 0.3576f * g + 0.1805f * b) / 0.9505f);
	y = labf(0.2126f * r + 0.7152f * g + 0.0722f * b);
	z = labf((0.0193f * r + 0.1192f * g + 0.9505f * b) / 1.089f);
	lab[0] = 116 * y - 16;
	lab[1] = 500 * (x - y);
	lab[2] = 200 * (y - z);
}

static float
apart(const float *a, const float *b)
{
	float	 d0 = a[0] - b[0], d1 = a[1] - b[1], d2 = a[2] - b[2];

	return d0 * d0 + d1 * d1 + d2 * d2;
}

const char *
palette_name(uint8_t r, uint8_t g, uint8_t b)
{
	float	 lab[3], it[3], d, best = 1e9f;
	size_t	 i, pick = 0;

	palette_lab(r, g, b, lab);
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		palette_lab(names[i].rgb[0], names[i].rgb[1],
		    names[i].rgb[2], it);
		if ((d = apart(lab, it)) < best) {
			best = d;
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
			memcpy(rgb, names[i].rgb, 3);
			return 0;
		}
	return -1;
}

struct sample {
	float	 lab[3];
	uint8_t	 rgb[3];
};

static int
gather(const struct picture *pic, struct sample *out)
{
	size_t	 n = (size_t)pic->w * pic->h, i, step, solid = 0;
	int	 k = 0;

	for (i = 0; i < n; i++)
		solid += pic->px[i * 4 + 3] >= 128;
	/* Counting opaque pixels only keeps a thin logo well sampled. */
	step = solid / SAMPLES + 1;
	for (i = 0, solid = 0; i < n && k < SAMPLES; i++) {
		const uint8_t	*q = pic->px + i * 4;

		if (q[3] < 128 || solid++ % step != 0)
			continue;
		memcpy(out[k].rgb, q, 3);
		palette_lab(q[0], q[1], q[2], out[k].lab);
		k++;
	}
	return k;
}

/* Each next centre is the sample farthest from those already chosen. */
static int
seeds(const struct sample *s, int n, float mid[PALETTE_MAX][3])
{
	float	 mean[3] = { 0, 0, 0 }, far, d, dmin;
	int	 i, j, k, pick;

	for (i = 0; i < n; i++)
		for (k = 0; k < 3; k++)
			mean[k] += s[i].lab[k] / (float)n;
	memcpy(mid[0], mean, sizeof mean);
	for (j = 1; j < PALETTE_MAX; j++) {
		far = 0;
		pick = -1;
		for (i = 0; i < n; i += 3) {
			dmin = 1e9f;
			for (k = 0; k < j; k++) {
				d = apart(s[i].lab, mid[k]);
				dmin = fminf(dmin, d);
			}
			if (dmin > far) {
				far = dmin;
				pick = i;
			}
		}
		if (pick < 0 || far < 60)
			return j;
		memcpy(mid[j], s[pick].lab, sizeof mid[j]);
	}
	return PALETTE_MAX;
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
	struct sample	*s;
	float		 mid[PALETTE_MAX][3], sum[PALETTE_MAX][7];
	int		 n, nc, i, j, k, round, pick;
	float		 d, best;

	if ((s = calloc(SAMPLES, sizeof *s)) == NULL)
		return 0;
	if ((n = gather(pic, s)) == 0) {
		free(s);
		return 0;
	}
	nc = seeds(s, n, mid);
	for (round = 0; round < 8; round++) {
		memset(sum, 0, sizeof sum);
		for (i = 0; i < n; i++) {
			best = 1e9f;
			pick = 0;
			for (j = 0; j < nc; j++)
				if ((d = apart(s[i].lab, mid[j])) < best) {
					best = d;
					pick = j;
				}
			for (k = 0; k < 3; k++) {
				sum[pick][k] += s[i].lab[k];
				sum[pick][k + 3] += s[i].rgb[k];
			}
			sum[pick][6]++;
		}
		for (j = 0; j < nc; j++)
			for (k = 0; sum[j][6] > 0 && k < 3; k++)
				mid[j][k] = sum[j][k] / sum[j][6];
	}
	for (i = j = 0; j < nc; j++) {
		if (sum[j][6] < 1)
			continue;
		out[i].r = (uint8_t)lrintf(sum[j][3] / sum[j][6]);
		out[i].g = (uint8_t)lrintf(sum[j][4] / sum[j][6]);
		out[i].b = (uint8_t)lrintf(sum[j][5] / sum[j][6]);
		out[i].share = sum[j][6] / (float)n;
		out[i].name = palette_name(out[i].r, out[i].g, out[i].b);
		i++;
	}
	free(s);
	qsort(out, (size_t)i, sizeof *out, by_share);
	return merge(out, i);
}
