/*
 * repmodel - what Replicate has: fields as the models' own pages have them
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"

#define TEXT_MAX	100000

static const char *const sizes4[] = { "1K", "2K", "4K", "custom", NULL };
static const char *const sizes45[] = { "2K", "4K", "custom", NULL };
static const char *const ratios[] = { "match_input_image", "1:1", "4:3",
	"3:4", "16:9", "9:16", "3:2", "2:3", "21:9", NULL };
static const char *const sequential[] = { "disabled", "auto", NULL };
static const char *const modes[] = { "standard", "pro", NULL };
static const char *const seconds[] = { "5", "10", NULL };
static const char *const frames[] = { "16:9", "9:16", "1:1", NULL };

/* Inputs and outputs of one prediction are 15 at most. */
static void
seedream_also(struct checking *c, const struct cJSON *input)
{
	int64_t max = json_int_or(json_get(input, "max_images"), 1);
	size_t n = json_count(json_get(input, "image_input"));

	if (str_eq(json_text(json_get(input, "sequential_image_generation")),
	    "auto") && (int64_t)n + max > 15)
		model_blame(c, "max_images", "The number of input images plus "
		    "max_images must not exceed 15");
}

static void
kling21_also(struct checking *c, const struct cJSON *input)
{
	if (json_get(input, "end_image") != NULL &&
	    !str_eq(json_text(json_get(input, "mode")), "pro"))
		model_blame(c, "end_image", "end_image is only supported in "
		    "pro mode");
}

static void
kling16_also(struct checking *c, const struct cJSON *input)
{
	if (json_get(input, "start_image") == NULL &&
	    json_get(input, "end_image") == NULL)
		model_miss(c, "start_image or end_image is required");
}

#define REPLICATE_STILL	.face = FACE_REPLICATE, .list = true,		\
			.make = still_make, .outline = still_outline,	\
			.also = seedream_also
#define REPLICATE_FILM	.face = FACE_REPLICATE, .make = film_make,	\
			.outline = film_outline

#define PROMPT		{ "prompt", FIELD_TEXT, true, 0, TEXT_MAX, NULL }
#define NEGATIVE	{ "negative_prompt", FIELD_TEXT, false, 0,	\
			    TEXT_MAX, NULL }
#define START		{ "start_image", FIELD_URI, false, 0, 0, NULL }
#define END		{ "end_image", FIELD_URI, false, 0, 0, NULL }
#define DURATION	{ "duration", FIELD_CHOICE, false, 0, 0, seconds }
#define FRAME		{ "aspect_ratio", FIELD_ENUM, false, 0, 0, frames }
#define CFG		{ "cfg_scale", FIELD_NUMBER, false, 0, 100, NULL }

const struct model replicate_models[] = {
	{
		REPLICATE_STILL,
		.name = "bytedance/seedream-4",
		.field = {
			PROMPT,
			{ "image_input", FIELD_URIS, false, 0, 10, NULL },
			{ "size", FIELD_ENUM, false, 0, 0, sizes4 },
			{ "aspect_ratio", FIELD_ENUM, false, 0, 0, ratios },
			{ "width", FIELD_INT, false, 1024, 4096, NULL },
			{ "height", FIELD_INT, false, 1024, 4096, NULL },
			{ "sequential_image_generation", FIELD_ENUM, false,
			    0, 0, sequential },
			{ "max_images", FIELD_INT, false, 1, 15, NULL },
			{ "enhance_prompt", FIELD_BOOL, false, 0, 0, NULL },
		},
	},
	{
		REPLICATE_STILL,
		.name = "bytedance/seedream-4.5",
		.field = {
			{ "prompt", FIELD_TEXT, true, 0, 4000, NULL },
			{ "image_input", FIELD_URIS, false, 0, 14, NULL },
			{ "size", FIELD_ENUM, false, 0, 0, sizes45 },
			{ "aspect_ratio", FIELD_ENUM, false, 0, 0, ratios },
			{ "width", FIELD_INT, false, 1024, 4096, NULL },
			{ "height", FIELD_INT, false, 1024, 4096, NULL },
			{ "sequential_image_generation", FIELD_ENUM, false,
			    0, 0, sequential },
			{ "max_images", FIELD_INT, false, 1, 15, NULL },
			{ "disable_safety_checker", FIELD_BOOL, false, 0, 0,
			    NULL },
		},
	},
	{
		REPLICATE_FILM,
		.name = "kwaivgi/kling-v2.1",
		.also = kling21_also,
		.field = {
			PROMPT,
			{ "start_image", FIELD_URI, true, 0, 0, NULL },
			END,
			{ "mode", FIELD_ENUM, false, 0, 0, modes },
			DURATION,
			NEGATIVE,
		},
	},
	{
		REPLICATE_FILM,
		.name = "kwaivgi/kling-v2.5-turbo-pro",
		.side = 1920,
		.field = {
			PROMPT,
			START,
			{ "image", FIELD_URI, false, 0, 0, NULL },
			END,
			FRAME,
			DURATION,
			NEGATIVE,
		},
	},
	{
		REPLICATE_FILM,
		.name = "kwaivgi/kling-v1.6-pro",
		.side = 1920,
		.also = kling16_also,
		.field = {
			PROMPT,
			NEGATIVE,
			FRAME,
			START,
			END,
			{ "reference_images", FIELD_URIS, false, 0, 4, NULL },
			CFG,
			DURATION,
		},
	},
	{
		REPLICATE_FILM,
		.name = "kwaivgi/kling-v2.0",
		.side = 1280,
		.field = {
			PROMPT,
			NEGATIVE,
			FRAME,
			START,
			CFG,
			DURATION,
		},
	},
	{ .name = NULL },
};
