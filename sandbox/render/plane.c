/*
 * plane - a value that changes evenly over a picture
 */
#include "config.h"

#include <math.h>

#include "render/plane.h"

/* The normal equations are 3x3: Cramer's rule will do. */
bool
plane_fit(const struct picture *pic, const int *at, int n, const uint8_t *keep,
    int k, struct plane *out)
{
	double	 s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
	double	 t = 0, tx = 0, ty = 0, x, y, v, det;
	int	 i;

	for (i = 0; i < n; i++) {
		if (!keep[i])
			continue;
		x = at[i] % pic->w;
		y = at[i] / pic->w;
		v = pic->px[(size_t)at[i] * 4 + k];
		s += 1; sx += x; sy += y;
		sxx += x * x; sxy += x * y; syy += y * y;
		t += v; tx += v * x; ty += v * y;
	}
	det = s * (sxx * syy - sxy * sxy) - sx * (sx * syy - sxy * sy) +
	    sy * (sx * sxy - sxx * sy);
	if (s < 8 || fabs(det) < 1e-6)
		return false;
	out->a = (t * (sxx * syy - sxy * sxy) - sx * (tx * syy - sxy * ty) +
	    sy * (tx * sxy - sxx * ty)) / det;
	out->b = (s * (tx * syy - sxy * ty) - t * (sx * syy - sxy * sy) +
	    sy * (sx * ty - tx * sy)) / det;
	out->c = (s * (sxx * ty - tx * sxy) - sx * (sx * ty - tx * sy) +
	    t * (sx * sxy - sxx * sy)) / det;
	return true;
}
