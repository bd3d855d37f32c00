/*
 * dress - colours and materials of table and wall
 */
#include "config.h"

#include <string.h>

#include "render/dress.h"
#include "render/noise.h"

static void
to_linear(const uint8_t rgb[3], float out[3])
{
	float	 lum = 0.3f * layer_linear[rgb[0]] +
		    0.59f * layer_linear[rgb[1]] +
		    0.11f * layer_linear[rgb[2]];
	int	 i;

	/* No paint is as pure as a colour on a screen. */
	for (i = 0; i < 3; i++)
		out[i] = clampf(mixf(layer_linear[rgb[i]], lum, 0.10f),
		    0.022f, 0.82f);
}

static bool
is_sheet(enum stuff s)
{
	return s == STUFF_PAPER || s == STUFF_LINEN || s == STUFF_VELVET ||
	    s == STUFF_SILK;
}

/* The wall that suits a table when the brief names no colour for it. */
static void
suit_wall(const struct brief *b, const struct stuff_look *table, float out[3])
{
	static const float	 warm[3] = { 0.60f, 0.545f, 0.475f };
	static const float	 sky[3] = { 0.52f, 0.60f, 0.63f };
	static const float	 dusk[3] = { 0.115f, 0.105f, 0.10f };
	static const float	 dune[3] = { 0.70f, 0.56f, 0.42f };
	static const float	 snow[3] = { 0.62f, 0.68f, 0.74f };
	static const float	 sunset[3] = { 0.78f, 0.47f, 0.30f };
	const float		*own = warm;
	int			 i;

	if (b->stuff == STUFF_WATER)
		own = b->warm > 0.25f || b->low ? sunset : sky;
	else if (b->stuff == STUFF_SAND)
		own = b->tone > 0.5f ? snow : dune;
	for (i = 0; i < 3; i++) {
		out[i] = mixf(own[i], table->base[i], 0.22f);
		if (b->tone < -0.3f)
			out[i] = mixf(dusk[i], table->base[i], 0.25f);
		/* A bright picture wants a bright wall, a moody one not. */
		out[i] *= clampf(1 + 0.45f * b->expose, 0.4f, 1.2f);
	}
}

void
dress(struct shot *sh, struct brief *b, const struct cast *ca)
{
	float	 wall[3], stuff[3];
	bool	 has_wall = b->hue_said, has_stuff = b->stuff_hue_said;
	int	 i;

	layer_tables();
	if (b->hue_said)
		to_linear(b->hue, wall);
	if (b->stuff_hue_said)
		to_linear(b->stuff_hue, stuff);
	if (!has_wall && !has_stuff && ca->inspired) {
		to_linear(ca->hue, wall);
		has_wall = true;
		/* What was seen was in its own shade; paint is lighter. */
		for (i = 0; i < 3; i++)
			wall[i] = minf(1.35f * wall[i], 0.8f);
		if (ca->light < 40 && b->expose > -0.2f) {
			b->expose -= 0.012f * (40 - ca->light);
			b->contrast += 0.12f;
		}
	}
	if (is_sheet(b->stuff) && has_wall && !has_stuff) {
		memcpy(stuff, wall, sizeof stuff);
		has_stuff = true;
	}
	if (is_sheet(b->stuff) && has_stuff && !has_wall) {
		memcpy(wall, stuff, sizeof wall);
		has_wall = true;
	}
	stuff_init(&sh->table, b->stuff, b, has_stuff ? stuff : NULL);
	if (!has_wall && !is_sheet(b->stuff))
		suit_wall(b, &sh->table, wall);
	else if (!has_wall)
		memcpy(wall, sh->table.base, sizeof wall);
	stuff_init(&sh->wall, is_sheet(b->stuff) ? b->stuff :
	    b->stuff == STUFF_WATER || b->stuff == STUFF_SAND ||
	    b->stuff == STUFF_GLASS ? STUFF_PAPER : STUFF_CONCRETE, b, wall);
	memcpy(sh->wall.base, wall, sizeof wall);
	/* Plaster, not raw concrete, unless that was the wish. */
	sh->wall.quick = b->stuff != STUFF_CONCRETE;
	if (sh->quick)
		sh->wall.quick = sh->table.quick = true;
}
