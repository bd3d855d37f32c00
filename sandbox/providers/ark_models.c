/*
 * arkmodel - what Ark has: Seedream, and what it takes
 *
 * Fields: Volcengine's SDK; limits: BytePlus' page on the interface.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"
#include "render/render.h"

#define IMAGES_IN_ALL	15

static const char *const sequential[] = { "disabled", "auto", NULL };
static const char *const formats[] = { "url", NULL };

struct limits {
	int64_t		 images;	/* that may be sent */
	bool		 small;		/* "1K" is a size */
	double		 least;		/* pixels of an output */
};

static bool
size_fits(const char *s, const struct limits *l)
{
	static const double most = 16777216;
	double w, h, ratio;
	char *end;

	if (s == NULL || str_eq(s, "2K") || str_eq(s, "4K"))
		return true;
	if (str_eq(s, "1K"))
		return l->small;
	w = (double)strtol(s, &end, 10);
	if (*end != 'x')
		return false;
	h = (double)strtol(end + 1, &end, 10);
	if (*end != '\0' || w < 1 || h < 1)
		return false;
	ratio = w / h;
	return w * h >= l->least && w * h <= most && ratio >= 1.0 / 16 &&
	    ratio <= 16 && w <= RENDER_SIDE && h <= RENDER_SIDE;
}

/* "data:image/png;base64," with the format in lower case, or https. */
static bool
image_fits(const char *s)
{
	if (s == NULL)
		return false;
	if (str_starts(s, "https://"))
		return true;
	return str_starts(s, "data:image/") && s[11] >= 'a' && s[11] <= 'z' &&
	    strstr(s, ";base64,") != NULL;
}

/* How many there are; -1 when one is none. */
static int64_t
images(const struct cJSON *js)
{
	int64_t n = 0;

	if (js == NULL)
		return 0;
	if (!json_is_list(js))
		return image_fits(json_text(js)) ? 1 : -1;
	for (js = json_first(js); js != NULL; js = json_next(js), n++)
		if (!image_fits(json_text(js)))
			return -1;
	return n;
}

static void
look(struct checking *c, const struct cJSON *input, const struct limits *l)
{
	const struct cJSON *size = json_get(input, "size");
	int64_t n = images(json_get(input, "image")), max = json_int_or(
	    json_get(json_get(input, "sequential_image_generation_options"),
	    "max_images"), 1);

	if (n < 0)
		model_blame(c, "image", "must be https URLs or data URLs of "
		    "images in base64");
	if (n > l->images)
		model_blame(c, "image", "too many reference images");
	if (size != NULL && (json_text(size) == NULL ||
	    !size_fits(json_text(size), l)))
		model_blame(c, "size", "must be one of its sizes, or WxH "
		    "within its limits");
	if (max < 1 || max + n > IMAGES_IN_ALL)
		model_blame(c, "sequential_image_generation_options",
		    "reference images and max_images are 15 at most");
	if (json_true(json_get(input, "stream")))
		model_blame(c, "stream", "streaming is not emulated");
}

static void
seedream40(struct checking *c, const struct cJSON *input)
{
	static const struct limits l = { 10, true, 1280 * 720 };

	look(c, input, &l);
}

static void
seedream45(struct checking *c, const struct cJSON *input)
{
	static const struct limits l = { 14, false, 2560 * 1440 };

	look(c, input, &l);
}

#define FIELDS	{							\
	{ "model", FIELD_TEXT, true, 0, 100, NULL },			\
	{ "prompt", FIELD_TEXT, true, 0, 100000, NULL },		\
	{ "image", FIELD_ANY, false, 0, 0, NULL },			\
	{ "size", FIELD_ANY, false, 0, 0, NULL },			\
	{ "sequential_image_generation", FIELD_ENUM, false, 0, 0,	\
	    sequential },						\
	{ "sequential_image_generation_options", FIELD_ANY, false, 0,	\
	    0, NULL },							\
	{ "optimize_prompt_options", FIELD_ANY, false, 0, 0, NULL },	\
	{ "response_format", FIELD_ENUM, false, 0, 0, formats },	\
	{ "watermark", FIELD_BOOL, false, 0, 0, NULL },			\
	{ "stream", FIELD_BOOL, false, 0, 0, NULL },			\
}

const struct model ark_models[] = {
	{
		.face = FACE_ARK,
		.name = "seedream-4-0-250828",
		.make = still_make,
		.outline = still_outline,
		.also = seedream40,
		.field = FIELDS,
	},
	{
		.face = FACE_ARK,
		.name = "seedream-4-5-251128",
		.make = still_make,
		.outline = still_outline,
		.also = seedream45,
		.field = FIELDS,
	},
	{ .name = NULL },
};
