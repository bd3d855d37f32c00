/*
 * noise.h - repeatable randomness over the plane
 *
 * Gradient noise after Perlin (Improving Noise, 2002) with eight gradients
 * from an integer hash. Values lie in about -1 .. 1, features are about one
 * unit wide, and the same coordinates and seed give the same value on every
 * machine.
 */
#ifndef SANDBOX_NOISE_H
#define SANDBOX_NOISE_H

#include <stdint.h>

static inline uint32_t
noise_hash(int32_t x, int32_t y, uint32_t seed)
{
	uint32_t	 h = seed;

	h ^= (uint32_t)x * 0x85ebca6bu;
	h = (h ^ h >> 15) * 0x9e3779b1u;
	h ^= (uint32_t)y * 0xc2b2ae35u;
	h = (h ^ h >> 13) * 0x85ebca6bu;
	return h ^ h >> 16;
}

/* Uniform in 0 .. 1. */
static inline float
noise_white(int32_t x, int32_t y, uint32_t seed)
{
	return (float)(noise_hash(x, y, seed) >> 8) * (1.0f / 16777216);
}

static inline float
noise_grad(uint32_t h, float x, float y)
{
	float	 u = h & 1 ? x : -x;
	float	 v = h & 2 ? y : -y;

	return h & 4 ? u + 0.6f * v : 0.6f * u + v;
}

static inline int32_t
noise_floor(float x)
{
	int32_t	 i = (int32_t)x;

	return i - (x < (float)i);
}

static inline float
noise2(float x, float y, uint32_t seed)
{
	int32_t	 ix = noise_floor(x), iy = noise_floor(y);
	float	 fx = x - (float)ix, fy = y - (float)iy;
	float	 sx = fx * fx * fx * (fx * (fx * 6 - 15) + 10);
	float	 sy = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
	float	 a, b, c, d;

	a = noise_grad(noise_hash(ix, iy, seed), fx, fy);
	b = noise_grad(noise_hash(ix + 1, iy, seed), fx - 1, fy);
	c = noise_grad(noise_hash(ix, iy + 1, seed), fx, fy - 1);
	d = noise_grad(noise_hash(ix + 1, iy + 1, seed), fx - 1, fy - 1);
	a += sx * (b - a);
	c += sx * (d - c);
	return 1.15f * (a + sy * (c - a));
}

static inline float
noise_fbm(float x, float y, int octaves, uint32_t seed)
{
	float	 sum = 0, amp = 0.5f;

	for (; octaves > 0; octaves--) {
		sum += amp * noise2(x, y, seed++);
		x = x * 2.03f + 17.1f;
		y = y * 2.03f - 9.7f;
		amp *= 0.5f;
	}
	return sum;
}

#endif
