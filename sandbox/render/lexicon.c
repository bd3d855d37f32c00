/*
 * lexicon - the words the renderer understands
 */
#include "config.h"

#include <stddef.h>

#include "render/lexicon.h"
#include "render/words.h"

#define STUFF(w, s, tone)	{ w, LEX_STUFF, s, { tone, 0, 0, 0, 0 } }
#define THING(w, s)		{ w, LEX_THING, s, { 0, 0, 0, 0, 0 } }
#define LIGHT(w, s, c, d, e, h)	{ w, LEX_LIGHT, 0, { s, c, d, e, h } }
#define GOBO(w, g, s, h)	{ w, LEX_GOBO, g, { s, 0, 0, 0, h } }
#define FLAG(w, f, x)		{ w, LEX_FLAG, f, { x, 0, 0, 0, 0 } }

const struct lex_entry lexicon[] = {
	STUFF("marble", STUFF_MARBLE, 0), STUFF("carrara", STUFF_MARBLE, 0),
	STUFF("marbled", STUFF_MARBLE, 0), STUFF("onyx", STUFF_MARBLE, -1),
	STUFF("wood", STUFF_WOOD, 0), STUFF("wooden", STUFF_WOOD, 0),
	STUFF("oak", STUFF_WOOD, 0.4f), STUFF("walnut", STUFF_WOOD, -0.8f),
	STUFF("timber", STUFF_WOOD, 0), STUFF("birch", STUFF_WOOD, 1),
	STUFF("mahogany", STUFF_WOOD, -1), STUFF("bamboo", STUFF_WOOD, 0.6f),
	STUFF("linen", STUFF_LINEN, 0), STUFF("fabric", STUFF_LINEN, 0),
	STUFF("cloth", STUFF_LINEN, 0), STUFF("cotton", STUFF_LINEN, 0.3f),
	STUFF("muslin", STUFF_LINEN, 0), STUFF("canvas", STUFF_LINEN, 0),
	STUFF("textile", STUFF_LINEN, 0), STUFF("wool", STUFF_LINEN, 0),
	STUFF("velvet", STUFF_VELVET, 0), STUFF("suede", STUFF_VELVET, 0),
	STUFF("silk", STUFF_SILK, 0), STUFF("satin", STUFF_SILK, 0),
	STUFF("concrete", STUFF_CONCRETE, 0),
	STUFF("cement", STUFF_CONCRETE, 0),
	STUFF("stone", STUFF_CONCRETE, 0.3f),
	STUFF("slate", STUFF_CONCRETE, -1),
	STUFF("rock", STUFF_CONCRETE, -0.3f),
	STUFF("plaster", STUFF_CONCRETE, 0.8f),
	STUFF("limestone", STUFF_CONCRETE, 0.7f),
	STUFF("travertine", STUFF_CONCRETE, 0.8f),
	STUFF("terrazzo", STUFF_TERRAZZO, 0),
	STUFF("sand", STUFF_SAND, 0), STUFF("sandy", STUFF_SAND, 0),
	STUFF("desert", STUFF_SAND, 0), STUFF("dune", STUFF_SAND, 0),
	STUFF("beach", STUFF_SAND, 0), STUFF("snow", STUFF_SAND, 1),
	STUFF("water", STUFF_WATER, 0), STUFF("ripple", STUFF_WATER, 0),
	STUFF("ocean", STUFF_WATER, 0), STUFF("sea", STUFF_WATER, 0),
	STUFF("pool", STUFF_WATER, 0), STUFF("lake", STUFF_WATER, 0),
	STUFF("acrylic", STUFF_GLASS, 0), STUFF("mirror", STUFF_GLASS, 0),
	STUFF("glossy", STUFF_GLASS, 0), STUFF("lacquer", STUFF_GLASS, -0.5f),
	STUFF("paper", STUFF_PAPER, 0), STUFF("seamless", STUFF_PAPER, 0),
	STUFF("studio", STUFF_PAPER, 0), STUFF("cyclorama", STUFF_PAPER, 0),

	GOBO("window", GOBO_WINDOW, -0.05f, 0.1f),
	GOBO("sunlight", GOBO_WINDOW, -0.3f, 0.2f),
	GOBO("sunlit", GOBO_WINDOW, -0.3f, 0.2f),
	GOBO("sunny", GOBO_WINDOW, -0.3f, 0.2f),
	GOBO("leaf", GOBO_LEAF, -0.1f, 0), GOBO("leaves", GOBO_LEAF, -0.1f, 0),
	GOBO("palm", GOBO_LEAF, -0.1f, 0), GOBO("foliage", GOBO_LEAF, 0, 0),
	GOBO("botanical", GOBO_LEAF, 0, 0),
	GOBO("tropical", GOBO_LEAF, -0.1f, 0.1f),
	GOBO("dappled", GOBO_LEAF, 0, 0.1f),
	GOBO("blinds", GOBO_BLIND, -0.3f, 0.1f),
	GOBO("slat", GOBO_BLIND, -0.3f, 0.1f),
	GOBO("shutter", GOBO_BLIND, -0.3f, 0.1f),

	THING("bottle", THING_BOTTLE), THING("perfume", THING_BOTTLE),
	THING("fragrance", THING_BOTTLE), THING("cologne", THING_BOTTLE),
	THING("serum", THING_BOTTLE), THING("flacon", THING_BOTTLE),
	THING("wine", THING_BOTTLE), THING("oil", THING_BOTTLE),
	THING("jar", THING_JAR), THING("cream", THING_JAR),
	THING("balm", THING_JAR), THING("honey", THING_JAR),
	THING("moisturizer", THING_JAR), THING("moisturiser", THING_JAR),
	THING("box", THING_BOX), THING("package", THING_BOX),
	THING("packaging", THING_BOX), THING("carton", THING_BOX),
	THING("book", THING_BOX), THING("soap", THING_BOX),
	THING("candle", THING_CANDLE), THING("cup", THING_CUP),
	THING("mug", THING_CUP), THING("coffee", THING_CUP),
	THING("tea", THING_CUP), THING("bowl", THING_CUP),
	THING("sphere", THING_SPHERE), THING("ball", THING_SPHERE),
	THING("orb", THING_SPHERE), THING("pearl", THING_SPHERE),
	THING("tube", THING_TUBE), THING("lipstick", THING_TUBE),
	THING("can", THING_TUBE), THING("vase", THING_VASE),
	THING("ceramic", THING_VASE), THING("pottery", THING_VASE),

	LIGHT("soft", 0.30f, -0.16f, -0.16f, 0.02f, 0),
	LIGHT("softer", 0.45f, -0.36f, -0.34f, 0.06f, 0),
	LIGHT("softly", 0.25f, -0.12f, -0.12f, 0, 0),
	LIGHT("soften", 0.42f, -0.32f, -0.32f, 0.04f, 0),
	LIGHT("gentle", 0.25f, -0.12f, -0.15f, 0, 0),
	LIGHT("gentler", 0.40f, -0.30f, -0.25f, 0.04f, 0),
	LIGHT("diffused", 0.35f, -0.18f, -0.22f, 0, 0),
	LIGHT("diffuse", 0.35f, -0.18f, -0.22f, 0, 0),
	LIGHT("subtle", 0.10f, -0.06f, -0.06f, 0, 0),
	LIGHT("natural", 0.15f, -0.12f, -0.10f, 0.05f, 0.06f),
	LIGHT("daylight", 0.10f, -0.06f, -0.06f, 0.08f, -0.05f),
	LIGHT("overcast", 0.45f, -0.25f, -0.30f, 0, -0.15f),
	LIGHT("airy", 0.20f, -0.15f, -0.15f, 0.22f, 0),
	LIGHT("bright", 0.05f, -0.05f, -0.05f, 0.26f, 0),
	LIGHT("brighter", 0.05f, -0.08f, -0.10f, 0.38f, 0),
	LIGHT("brighten", 0.05f, -0.08f, -0.10f, 0.38f, 0),
	LIGHT("clean", 0.05f, 0, 0, 0.10f, 0),
	LIGHT("minimal", 0, 0, 0, 0.04f, 0),
	LIGHT("dramatic", -0.45f, 0.42f, 0.24f, -0.22f, 0),
	LIGHT("cinematic", -0.25f, 0.26f, 0.14f, -0.16f, 0.08f),
	LIGHT("contrast", -0.05f, 0.20f, 0.06f, 0, 0),
	LIGHT("contrasty", -0.15f, 0.30f, 0.10f, 0, 0),
	LIGHT("moody", -0.20f, 0.30f, 0.16f, -0.60f, 0.02f),
	LIGHT("shadowy", -0.20f, 0.25f, 0.20f, -0.35f, 0),
	LIGHT("chiaroscuro", -0.50f, 0.50f, 0.30f, -0.60f, 0.05f),
	LIGHT("noir", -0.50f, 0.50f, 0.30f, -0.80f, -0.10f),
	LIGHT("night", -0.10f, 0.20f, 0.10f, -0.70f, -0.30f),
	LIGHT("darker", 0, 0.10f, 0.08f, -0.50f, 0),
	LIGHT("darken", 0, 0.10f, 0.08f, -0.50f, 0),
	LIGHT("hard", -0.50f, 0.20f, 0.20f, 0, 0),
	LIGHT("harder", -0.50f, 0.25f, 0.22f, 0, 0),
	LIGHT("harsh", -0.60f, 0.30f, 0.25f, 0, 0),
	LIGHT("crisp", -0.35f, 0.10f, 0.10f, 0.04f, 0),
	LIGHT("golden", -0.05f, 0.05f, 0.05f, 0, 0.45f),
	LIGHT("warm", 0, 0, 0, 0, 0.30f),
	LIGHT("warmer", 0, 0, 0, 0.02f, 0.40f),
	LIGHT("cozy", 0.05f, 0, 0, -0.05f, 0.30f),
	LIGHT("cool", 0, 0, 0, 0, -0.35f), LIGHT("cooler", 0, 0, 0, 0, -0.4f),
	LIGHT("cold", 0, 0.05f, 0, 0, -0.45f),
	LIGHT("icy", 0, 0, 0, 0.10f, -0.50f),

	FLAG("backlit", FLAG_BACK, 0), FLAG("backlight", FLAG_BACK, 0),
	FLAG("backlighting", FLAG_BACK, 0), FLAG("silhouette", FLAG_BACK, 0),
	FLAG("hour", FLAG_LOW, 0), FLAG("sunset", FLAG_LOW, 0),
	FLAG("sunrise", FLAG_LOW, 0), FLAG("dusk", FLAG_LOW, 0),
	FLAG("dawn", FLAG_LOW, 0), FLAG("long", FLAG_LOW, 0),
	FLAG("shadow", FLAG_SHADOW, 0),
	FLAG("reflection", FLAG_REFLECT, 0),
	FLAG("reflective", FLAG_REFLECT, 0),
	FLAG("plinth", FLAG_PLINTH, 0), FLAG("pedestal", FLAG_PLINTH, 0),
	FLAG("podium", FLAG_PLINTH, 0), FLAG("platform", FLAG_PLINTH, 0),
	FLAG("bigger", FLAG_ZOOM, 1.16f), FLAG("larger", FLAG_ZOOM, 1.16f),
	FLAG("closer", FLAG_ZOOM, 1.16f), FLAG("closeup", FLAG_ZOOM, 1.2f),
	FLAG("macro", FLAG_ZOOM, 1.25f), FLAG("smaller", FLAG_ZOOM, 0.84f),
	FLAG("further", FLAG_ZOOM, 0.84f), FLAG("distant", FLAG_ZOOM, 0.84f),
	FLAG("spacious", FLAG_ZOOM, 0.88f),
	{ "dark", LEX_FLAG, FLAG_DARKTONE, { -0.05f, .12f, .08f, -.55f, 0 } },
	{ "deep", LEX_FLAG, FLAG_DARKTONE, { 0, 0, 0, 0, 0 } },
	{ "black", LEX_FLAG, FLAG_DARKTONE, { 0, 0, 0, 0, 0 } },
	{ "light", LEX_FLAG, FLAG_LIGHTTONE, { 0, 0, 0, 0, 0 } },
	{ "pale", LEX_FLAG, FLAG_LIGHTTONE, { 0, 0, 0, 0.1f, 0 } },
	{ "left", LEX_SIDE, -1, { 0, 0, 0, 0, 0 } },
	{ "right", LEX_SIDE, 1, { 0, 0, 0, 0, 0 } },
	{ NULL, LEX_LIGHT, 0, { 0, 0, 0, 0, 0 } }
};

const char *const lex_not[] = {
	"no", "not", "without", "avoid", "avoiding", "remove", "removing",
	"exclude", "excluding", "never", "dont", "minus", "drop", "lose",
	"instead", NULL
};
const char *const lex_resume[] = {
	"but", "with", "make", "use", "keep", "add", "just", "only", "more",
	"less", "on", "in", "place", "put", "change", NULL
};
const char *const lex_more[] = { "more", "very", "stronger", "extra", NULL };
const char *const lex_less[] = {
	"less", "fewer", "reduce", "reduced", "lower", "weaker", "lighter",
	"tone", NULL
};
const char *const lex_product[] = {
	"product", "label", "cap", "logo", "liquid", "glass", "lid", "text",
	"wax", "packaging", "ribbon", "object", "details", "accents", NULL
};
const char *const lex_ground[] = {
	"backdrop", "background", "wall", "surface", "tones", "palette",
	"scene", "set", "table", "tabletop", "floor", "hues", "environment",
	"gradient", "setting", NULL
};
const char *const lex_lightnoun[] = {
	"light", "lighting", "lit", "sun", "sunlight", "sunbeam", "window",
	"hour", "glow", "rays", "highlight", "highlights", "illumination",
	"key", "lamp", NULL
};
const char *const lex_move[] = {
	"move", "shift", "placed", "position", "positioned", "offset",
	"centre", "center", "place", NULL
};
const char *const lex_logo[] = {
	"logo", "brand", "branding", "monogram", "wordmark", "emblem", NULL
};
const char *const lex_onlabel[] = {
	"bottle", "product", "label", "jar", "box", "cap", "packaging",
	"candle", "cup", "mug", "glass", "front", "engraved", "printed",
	"embossed", NULL
};
const char *const lex_quiet[] = {
	"lighting", "lights", "mood", "with", "make", "made", "more", "less",
	"remove", "without", "keep", "same", "image", "scene", "please",
	"change", "from", "very", "that", "this", "slightly", "little",
	"feel", "look", "shot", "photo", "photograph", "tweak", "feedback",
	"stronger", "lighter", "weaker", "lower", "instead", "only", "just",
	"extra", "reduce", "avoid", NULL
};
