/*
 * vector.h - points, directions and colours in a register of four floats
 *
 * A vec is x, y and z, or linear red, green, blue and alpha. The compiler's
 * vector extension does + - * / lane by lane; a plain number stands for four.
 */
#ifndef SANDBOX_VECTOR_H
#define SANDBOX_VECTOR_H

#include <math.h>

typedef float	vec __attribute__((vector_size(16)));

enum { X, Y, Z, W };

/* The library's fminf and fmaxf are calls; these are one instruction. */
static inline float
minf(float a, float b)
{
	return a < b ? a : b;
}

static inline float
maxf(float a, float b)
{
	return a > b ? a : b;
}

/* Not a number becomes lo, so that it never reaches an index. */
static inline float
clampf(float v, float lo, float hi)
{
	return v > lo ? v < hi ? v : hi : lo;
}

static inline float
smoothstep(float lo, float hi, float v)
{
	v = clampf((v - lo) / (hi - lo), 0, 1);
	return v * v * (3 - 2 * v);
}

static inline float
mixf(float a, float b, float t)
{
	return a + (b - a) * t;
}

static inline vec
mixv(vec a, vec b, float t)
{
	return a + (b - a) * t;
}

static inline vec
clampv(vec v, float lo, float hi)
{
	return (vec){ clampf(v[0], lo, hi), clampf(v[1], lo, hi),
	    clampf(v[2], lo, hi), v[3] };
}

/* Of x, y and z only, as is the length in unit(). */
static inline float
dot(vec a, vec b)
{
	a *= b;
	return a[X] + a[Y] + a[Z];
}

static inline vec
unit(vec v)
{
	return v * (1 / sqrtf(dot(v, v) + 1e-20f));
}

/* Bilinear: cell (i, j) of the w by h values lies at u = i, v = j. */
static inline float
grid_at(const float *g, int w, int h, float u, float v)
{
	int	 i, j;

	u = clampf(u, 0, (float)w - 1.001f);
	v = clampf(v, 0, (float)h - 1.001f);
	i = (int)u;
	j = (int)v;
	g += j * w + i;
	return mixf(mixf(g[0], g[1], u - (float)i),
	    mixf(g[w], g[w + 1], u - (float)i), v - (float)j);
}

#endif
