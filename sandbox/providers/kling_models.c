/*
 * klingmodel - what Kling has itself
 *
 * Fields: its page on image to video, and what that says about single models.
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/model.h"

/* 10 MB in base64. */
#define IMAGE_MAX	(14 << 20)

static const char *const modes[] = { "std", "pro", NULL };
static const char *const seconds[] = { "5", "10", NULL };
static const char *const seconds3[] = { "3", "4", "5", "6", "7", "8", "9",
	"10", "11", "12", "13", "14", "15", NULL };
static const char *const sounds[] = { "on", "off", NULL };

static void
image(struct checking *c, const struct cJSON *input, const char *name)
{
	const char *s = json_text(json_get(input, name));

	if (s == NULL || str_starts(s, "https://"))
		return;
	if (strchr(s, ':') != NULL)
		model_blame(c, name, "must be an https URL, or base64 without "
		    "any prefix");
}

/* What else cannot be had together with an end frame, or with each other. */
static void
extras(struct checking *c, const struct cJSON *input)
{
	bool tail = json_get(input, "image_tail") != NULL;
	bool mask = json_get(input, "static_mask") != NULL ||
	    json_get(input, "dynamic_masks") != NULL;
	bool camera = json_get(input, "camera_control") != NULL;

	if (tail + mask + camera > 1)
		model_blame(c, "image_tail", "image_tail, masks and "
		    "camera_control exclude each other");
}

static void
any(struct checking *c, const struct cJSON *input)
{
	const char *call = json_text(json_get(input, "callback_url"));

	if (json_get(input, "image") == NULL &&
	    json_get(input, "image_tail") == NULL)
		model_miss(c, "image or image_tail is required");
	image(c, input, "image");
	image(c, input, "image_tail");
	if (call != NULL && !str_starts(call, "https://"))
		model_blame(c, "callback_url", "must be an https URL");
	extras(c, input);
}

static void
silent(struct checking *c, const struct cJSON *input)
{
	any(c, input);
	if (json_get(input, "sound") != NULL)
		model_blame(c, "sound", "is not supported by this model");
}

static void
v2(struct checking *c, const struct cJSON *input)
{
	silent(c, input);
	if (json_get(input, "cfg_scale") != NULL)
		model_blame(c, "cfg_scale", "is not supported by v2 models");
}

static void
v26(struct checking *c, const struct cJSON *input)
{
	any(c, input);
	if (json_get(input, "cfg_scale") != NULL)
		model_blame(c, "cfg_scale", "is not supported by v2 models");
}

#define KLING(NAME, ALSO, SECONDS)	{				\
	.face = FACE_KLING,						\
	.name = NAME,							\
	.make = film_make,						\
	.outline = film_outline,					\
	.also = ALSO,							\
	.field = {							\
		{ "model_name", FIELD_TEXT, false, 0, 64, NULL },	\
		{ "image", FIELD_TEXT, false, 0, IMAGE_MAX, NULL },	\
		{ "image_tail", FIELD_TEXT, false, 0, IMAGE_MAX, NULL }, \
		{ "prompt", FIELD_TEXT, false, 0, 2500, NULL },		\
		{ "negative_prompt", FIELD_TEXT, false, 0, 2500, NULL }, \
		{ "duration", FIELD_ENUM, false, 0, 0, SECONDS },	\
		{ "mode", FIELD_ENUM, false, 0, 0, modes },		\
		{ "cfg_scale", FIELD_NUMBER, false, 0, 100, NULL },	\
		{ "sound", FIELD_ENUM, false, 0, 0, sounds },		\
		{ "static_mask", FIELD_ANY, false, 0, 0, NULL },	\
		{ "dynamic_masks", FIELD_ANY, false, 0, 0, NULL },	\
		{ "camera_control", FIELD_ANY, false, 0, 0, NULL },	\
		{ "callback_url", FIELD_TEXT, false, 0, 2048, NULL },	\
		{ "external_task_id", FIELD_TEXT, false, 0, 256, NULL }, \
		{ "watermark_info", FIELD_ANY, false, 0, 0, NULL },	\
	},								\
}

const struct model kling_models[] = {
	KLING("kling-v1", silent, seconds),
	KLING("kling-v1-5", silent, seconds),
	KLING("kling-v1-6", silent, seconds),
	KLING("kling-v2-master", v2, seconds),
	KLING("kling-v2-1", v2, seconds),
	KLING("kling-v2-1-master", v2, seconds),
	KLING("kling-v2-5-turbo", v2, seconds),
	KLING("kling-v2-6", v26, seconds),
	KLING("kling-v3", any, seconds3),
	{ .name = NULL },
};
