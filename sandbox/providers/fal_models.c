/*
 * falmodel - what fal has: Seedream and Kling
 *
 * Fields: the models' own pages.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"
#include "render/render.h"

static const char *const sizes[] = { "square_hd", "square", "portrait_4_3",
	"portrait_16_9", "landscape_4_3", "landscape_16_9", "auto_2K",
	"auto_4K", "auto", NULL };
static const char *const seconds[] = { "5", "10", NULL };
static const char *const enhance[] = { "standard", "fast", NULL };

static bool
side(const struct cJSON *js)
{
	int64_t n = json_int_or(js, 0);

	return n >= 256 && n <= RENDER_SIDE;
}

static void
seedream(struct checking *c, const struct cJSON *input)
{
	const struct cJSON *size = json_get(input, "image_size");

	if (size == NULL || (json_text(size) != NULL &&
	    str_in(json_text(size), sizes)))
		return;
	if (!json_is_obj(size) || !side(json_get(size, "width")) ||
	    !side(json_get(size, "height")))
		model_blame(c, "image_size", "value is not a valid "
		    "enumeration member, nor a width and a height");
}

#define STILL		.face = FACE_FAL, .make = still_make,		\
			.outline = still_outline, .also = seedream
#define FILM		.face = FACE_FAL, .make = film_make,		\
			.outline = film_outline

#define STILL_FIELDS							\
	{ "prompt", FIELD_TEXT, true, 0, 100000, NULL },		\
	{ "image_size", FIELD_ANY, false, 0, 0, NULL },			\
	{ "num_images", FIELD_INT, false, 1, 6, NULL },			\
	{ "max_images", FIELD_INT, false, 1, 6, NULL },			\
	{ "seed", FIELD_INT, false, 0, INT64_MAX, NULL },		\
	{ "sync_mode", FIELD_BOOL, false, 0, 0, NULL },			\
	{ "enable_safety_checker", FIELD_BOOL, false, 0, 0, NULL },	\
	{ "enhance_prompt_mode", FIELD_ENUM, false, 0, 0, enhance }

#define FILM_FIELDS							\
	{ "prompt", FIELD_TEXT, true, 0, 2500, NULL },			\
	{ "image_url", FIELD_URI, true, 0, 0, NULL },			\
	{ "duration", FIELD_ENUM, false, 0, 0, seconds },		\
	{ "negative_prompt", FIELD_TEXT, false, 0, 2500, NULL },	\
	{ "cfg_scale", FIELD_NUMBER, false, 0, 100, NULL },		\
	{ "tail_image_url", FIELD_URI, false, 0, 0, NULL }

#define IMAGE_URLS							\
	{ "image_urls", FIELD_URIS, true, 0, 10, NULL }

const struct model fal_models[] = {
	{
		STILL,
		.name = "fal-ai/bytedance/seedream/v4/text-to-image",
		.field = { STILL_FIELDS },
	},
	{
		STILL,
		.name = "fal-ai/bytedance/seedream/v4/edit",
		.field = { STILL_FIELDS, IMAGE_URLS },
	},
	{
		STILL,
		.name = "fal-ai/bytedance/seedream/v4.5/text-to-image",
		.field = { STILL_FIELDS },
	},
	{
		STILL,
		.name = "fal-ai/bytedance/seedream/v4.5/edit",
		.field = { STILL_FIELDS, IMAGE_URLS },
	},
	{
		FILM,
		.name = "fal-ai/kling-video/v2.1/standard/image-to-video",
		.side = 1280,
		.field = { FILM_FIELDS },
	},
	{
		FILM,
		.name = "fal-ai/kling-video/v2.1/pro/image-to-video",
		.side = 1920,
		.field = { FILM_FIELDS },
	},
	{
		FILM,
		.name = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
		.side = 1920,
		.field = { FILM_FIELDS },
	},
	{ .name = NULL },
};
