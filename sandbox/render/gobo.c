/*
 * gobo - patterns put into the light: window bars, leaves, blinds
 */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render/gobo.h"
#include "render/noise.h"
#include "render/stage.h"

#define N	GOBO_SIDE

/* Position of a cell in world units, the middle being 0. */
static float
place(int i)
{
	return ((float)i / (N - 1) - 0.5f) * GOBO_SPAN;
}

static void
window(float *g, uint32_t seed)
{
	float	 pane = 0.40f, bar = 0.030f, u, v, a, f;
	float	 off = 0.16f * (noise_white(31, 1, seed) - 0.5f);
	int	 x, y;

	for (y = 0; y < N; y++)
		for (x = 0; x < N; x++) {
			v = place(y);
			/* Leaning bars look like a real, oblique sun. */
			u = place(x) + 0.30f * v + off;
			a = fabsf(u) < 1.0f && v > -0.80f && v < 0.66f;
			f = u / pane - floorf(u / pane);
			if (f * pane < bar || (1 - f) * pane < bar)
				a = 0;
			if (fabsf(v - 0.24f) < bar || fabsf(v + 0.22f) < bar)
				a = 0;
			g[y * N + x] = a;
		}
}

static void
blind(float *g, uint32_t seed)
{
	int	 x, y;
	float	 u, v;

	for (y = 0; y < N; y++)
		for (x = 0; x < N; x++) {
			u = place(x);
			v = place(y) + 0.30f * u;
			v += 0.004f * noise2(u * 3, v * 6, seed);
			v = v / 0.125f - floorf(v / 0.125f);
			g[y * N + x] = v < 0.56f;
		}
}

/* One leaflet: a lens-shaped blade from (x, y) along angle a. */
static void
blade(float *g, float x, float y, float a, float len, float wide)
{
	float	 ca = cosf(a), sa = sinf(a), t, s, half;
	int	 i, j, i0, i1, j0, j1;

	i0 = (int)clampf(x - len, 0, N - 1);
	i1 = (int)clampf(x + len + 1, 0, N - 1);
	j0 = (int)clampf(y - len, 0, N - 1);
	j1 = (int)clampf(y + len + 1, 0, N - 1);
	for (j = j0; j <= j1; j++)
		for (i = i0; i <= i1; i++) {
			t = (((float)i - x) * ca + ((float)j - y) * sa) / len;
			s = -((float)i - x) * sa + ((float)j - y) * ca;
			if (t < 0 || t > 1)
				continue;
			half = wide * 4 * powf(t, 0.7f) * (1 - t);
			if (fabsf(s) < half)
				g[j * N + i] = 0;
		}
}

/* Palm fronds reaching in from one side, leaflets along the stem. */
static void
leaf(float *g, uint32_t seed)
{
	float	 x, y, a, bend, t, len, side, dir;
	int	 f, k;

	for (k = 0; k < N * N; k++)
		g[k] = 1;
	side = noise_white(41, 1, seed) < 0.5f ? 0 : 1;
	dir = side > 0 ? -1 : 1;
	for (f = 0; f < 3; f++) {
		x = (0.5f - 0.46f * dir) * N;
		y = N * (0.10f + 0.36f * (float)f) +
		    (noise_white(f, 43, seed) - 0.5f) * 20;
		a = 0.50f - 0.42f * (float)f +
		    0.2f * (noise_white(f, 42, seed) - 0.5f);
		a = side > 0 ? 3.14159f - a : a;
		bend = (noise_white(f, 44, seed) - 0.62f) * 0.06f * dir;
		for (k = 0; k < 15; k++) {
			t = (float)k / 15;
			x += 10.5f * cosf(a);
			y += 10.5f * sinf(a);
			a += bend;
			len = 58 * sinf(3.0f * (0.20f + 0.78f * t)) *
			    (0.85f + 0.3f * noise_white(k, f, seed)) + 8;
			blade(g, x, y, a + 0.90f - 0.5f * t, len, 2.1f);
			blade(g, x, y, a - 0.90f + 0.5f * t, len, 2.1f);
			blade(g, x, y, a, 14, 0.8f);
		}
	}
}

/* Box blur of one line, in place by way of tmp. */
static void
blur_line(float *p, int step, int r, float *tmp)
{
	float	 sum = 0;
	int	 i;

	for (i = -r; i <= r; i++)
		sum += p[(i < 0 ? 0 : i) * step];
	for (i = 0; i < N; i++) {
		int	 in = i + r + 1, out = i - r;

		tmp[i] = sum / (float)(2 * r + 1);
		sum += p[(in > N - 1 ? N - 1 : in) * step] -
		    p[(out < 0 ? 0 : out) * step];
	}
	for (i = 0; i < N; i++)
		p[i * step] = tmp[i];
}

int
gobo_make(const struct brief *b, float **out)
{
	float	*g, tmp[N];
	int	 pass, i, r;

	if ((g = calloc((size_t)N * N, sizeof *g)) == NULL)
		return -1;
	switch (b->gobo) {
	case GOBO_WINDOW:
		window(g, b->seed);
		break;
	case GOBO_LEAF:
		leaf(g, b->seed);
		break;
	case GOBO_BLIND:
		blind(g, b->seed);
		break;
	case GOBO_NONE:
	case GOBO__MAX:
		break;
	}
	r = (int)lrintf(0.9f + 4 * b->soft * b->soft);
	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < N; i++) {
			blur_line(g + i * N, 1, r, tmp);
			blur_line(g + i, N, r, tmp);
		}
	*out = g;
	return 0;
}
