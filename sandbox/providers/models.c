/*
 * models - what models the emulated providers have, and what they take
 *
 * Fields and limits: the models' own pages at Replicate and fal; Volcengine's
 * SDK and BytePlus' page on the interface; Kling's page on image to video,
 * and what that says about single models.
 */
#include "config.h"

#include "core/service.h"
#include "providers/model.h"
#include "render/render.h"

#define LONG_TEXT	100000
#define IMAGES_IN_ALL	15		/* inputs and outputs of Seedream */

#define TEXT(n, m)	{ .name = n, .kind = FIELD_TEXT, .max = m }
#define ENUM(n, v)	{ .name = n, .kind = FIELD_ENUM, .values = v }
#define CHOICE(n, v)	{ .name = n, .kind = FIELD_CHOICE, .values = v }
#define INT(n, lo, hi)	{ .name = n, .kind = FIELD_INT, .min = lo, .max = hi }
#define NUMBER(n, m)	{ .name = n, .kind = FIELD_NUMBER, .max = m }
#define BOOL(n)		{ .name = n, .kind = FIELD_BOOL }
#define URI(n)		{ .name = n, .kind = FIELD_URI }
#define URIS(n, m)	{ .name = n, .kind = FIELD_URIS, .max = m }
#define ANY(n)		{ .name = n, .kind = FIELD_ANY }
#define TEXT_WANTED(n, m) \
	{ .name = n, .kind = FIELD_TEXT, .max = m, .required = true }
#define URI_WANTED(n)	{ .name = n, .kind = FIELD_URI, .required = true }
#define URIS_WANTED(n, m) \
	{ .name = n, .kind = FIELD_URIS, .max = m, .required = true }
#define FIELDS(...)	(const struct field[]){ __VA_ARGS__, { 0 } }

#define PROMPT		TEXT_WANTED("prompt", LONG_TEXT)
#define NEGATIVE(m)	TEXT("negative_prompt", m)
#define CFG_SCALE	NUMBER("cfg_scale", 100)
#define SEQUENTIAL	ENUM("sequential_image_generation", "disabled auto")

/* --- Replicate */

static void
seedream_at_replicate(struct input_check *c, const struct cJSON *input)
{
	int64_t max = json_int_or(json_get(input, "max_images"), 1);
	size_t n = json_count(json_get(input, "image_input"));

	if (str_eq(text_of(input, "sequential_image_generation"), "auto") &&
	    (int64_t)n + max > IMAGES_IN_ALL)
		model_wrong(c, "max_images", "The number of input images plus "
		    "max_images must not exceed 15");
}

static void
end_is_pro(struct input_check *c, const struct cJSON *input)
{
	if (json_get(input, "end_image") != NULL &&
	    !str_eq(text_of(input, "mode"), "pro"))
		model_wrong(c, "end_image", "end_image is only supported in "
		    "pro mode");
}

static void
some_frame(struct input_check *c, const struct cJSON *input)
{
	if (json_get(input, "start_image") == NULL &&
	    json_get(input, "end_image") == NULL)
		model_missing(c, "start_image or end_image is required");
}

#define REPLICATE	.provider = &replicate_provider
#define STILL_AT_REPLICATE						\
	ENUM("aspect_ratio",						\
	    "match_input_image 1:1 4:3 3:4 16:9 9:16 3:2 2:3 21:9"),	\
	INT("width", 1024, 4096), INT("height", 1024, 4096), SEQUENTIAL, \
	INT("max_images", 1, 15)
#define DURATION	CHOICE("duration", "5 10")
#define FRAME		ENUM("aspect_ratio", "16:9 9:16 1:1")

const struct model replicate_models[] = {
	{ "bytedance/seedream-4", REPLICATE, .list = true,
	    .also = seedream_at_replicate, .field = FIELDS(PROMPT,
	    URIS("image_input", 10), ENUM("size", "1K 2K 4K custom"),
	    STILL_AT_REPLICATE, BOOL("enhance_prompt")) },
	{ "bytedance/seedream-4.5", REPLICATE, .list = true,
	    .also = seedream_at_replicate,
	    .field = FIELDS(TEXT_WANTED("prompt", 4000),
	    URIS("image_input", 14), ENUM("size", "2K 4K custom"),
	    STILL_AT_REPLICATE, BOOL("disable_safety_checker")) },
	{ "kwaivgi/kling-v2.1", REPLICATE, .film = true, .also = end_is_pro,
	    .field = FIELDS(PROMPT, URI_WANTED("start_image"),
	    URI("end_image"), ENUM("mode", "standard pro"), DURATION,
	    NEGATIVE(LONG_TEXT)) },
	{ "kwaivgi/kling-v2.5-turbo-pro", REPLICATE, .film = true,
	    .side = 1920, .field = FIELDS(PROMPT, URI("start_image"),
	    URI("image"), URI("end_image"), FRAME, DURATION,
	    NEGATIVE(LONG_TEXT)) },
	{ "kwaivgi/kling-v1.6-pro", REPLICATE, .film = true, .side = 1920,
	    .also = some_frame, .field = FIELDS(PROMPT, NEGATIVE(LONG_TEXT),
	    FRAME, URI("start_image"), URI("end_image"),
	    URIS("reference_images", 4), CFG_SCALE, DURATION) },
	{ "kwaivgi/kling-v2.0", REPLICATE, .film = true, .side = 1280,
	    .field = FIELDS(PROMPT, NEGATIVE(LONG_TEXT), FRAME,
	    URI("start_image"), CFG_SCALE, DURATION) },
	{ 0 },
};

/* --- Ark */

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

	if (s == NULL)
		return false;
	if (str_eq(s, "2K") || str_eq(s, "4K"))
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

/* How many there are; -1 when one of them is none. */
static int64_t
count_images(const struct cJSON *js)
{
	if (js == NULL)
		return 0;
	if (!json_is_list(js))
		return image_fits(json_text(js)) ? 1 : -1;
	JSON_EACH(m, js)
		if (!image_fits(json_text(m)))
			return -1;
	return (int64_t)json_count(js);
}

static void
seedream_at_ark(struct input_check *c, const struct cJSON *input,
    const struct limits *l)
{
	const struct cJSON *size = json_get(input, "size");
	int64_t n = count_images(json_get(input, "image")), max = json_int_or(
	    json_get(json_get(input, "sequential_image_generation_options"),
	    "max_images"), 1);

	if (n < 0)
		model_wrong(c, "image", "must be https URLs or data URLs of "
		    "images in base64");
	if (n > l->images)
		model_wrong(c, "image", "too many reference images");
	if (size != NULL && !size_fits(json_text(size), l))
		model_wrong(c, "size", "must be one of its sizes, or WxH "
		    "within its limits");
	if (max < 1 || max + n > IMAGES_IN_ALL)
		model_wrong(c, "sequential_image_generation_options",
		    "reference images and max_images are 15 at most");
	if (json_true(json_get(input, "stream")))
		model_wrong(c, "stream", "streaming is not emulated");
}

static void
seedream40(struct input_check *c, const struct cJSON *input)
{
	seedream_at_ark(c, input, &(struct limits){ 10, true, 1280 * 720 });
}

static void
seedream45(struct input_check *c, const struct cJSON *input)
{
	seedream_at_ark(c, input, &(struct limits){ 14, false, 2560 * 1440 });
}

static const struct field ark_fields[] = {
	TEXT_WANTED("model", 100), PROMPT, ANY("image"), ANY("size"),
	SEQUENTIAL, ANY("sequential_image_generation_options"),
	ANY("optimize_prompt_options"), ENUM("response_format", "url"),
	BOOL("watermark"), BOOL("stream"), { 0 }
};

const struct model ark_models[] = {
	{ "seedream-4-0-250828", &ark_provider, .field = ark_fields,
	    .also = seedream40 },
	{ "seedream-4-5-251128", &ark_provider, .field = ark_fields,
	    .also = seedream45 },
	{ 0 },
};

/* --- Kling */

static void
plain_base64(struct input_check *c, const struct cJSON *input,
    const char *name)
{
	const char *s = text_of(input, name);

	if (!str_starts(s, "https://") && strchr(s, ':') != NULL)
		model_wrong(c, name, "must be an https URL, or base64 without "
		    "any prefix");
}

static void
kling_v3(struct input_check *c, const struct cJSON *input)
{
	const char *call = json_text(json_get(input, "callback_url"));
	bool tail = json_get(input, "image_tail") != NULL;
	bool mask = json_get(input, "static_mask") != NULL ||
	    json_get(input, "dynamic_masks") != NULL;
	bool camera = json_get(input, "camera_control") != NULL;

	if (json_get(input, "image") == NULL && !tail)
		model_missing(c, "image or image_tail is required");
	plain_base64(c, input, "image");
	plain_base64(c, input, "image_tail");
	if (call != NULL && !str_starts(call, "https://"))
		model_wrong(c, "callback_url", "must be an https URL");
	if (tail + mask + camera > 1)
		model_wrong(c, "image_tail", "image_tail, masks and "
		    "camera_control exclude each other");
}

static void
kling_v1(struct input_check *c, const struct cJSON *input)
{
	kling_v3(c, input);
	if (json_get(input, "sound") != NULL)
		model_wrong(c, "sound", "is not supported by this model");
}

static void
no_cfg_scale(struct input_check *c, const struct cJSON *input)
{
	if (json_get(input, "cfg_scale") != NULL)
		model_wrong(c, "cfg_scale", "is not supported by v2 models");
}

static void
kling_v2(struct input_check *c, const struct cJSON *input)
{
	kling_v1(c, input);
	no_cfg_scale(c, input);
}

static void
kling_v26(struct input_check *c, const struct cJSON *input)
{
	kling_v3(c, input);
	no_cfg_scale(c, input);
}

#define KLING_FIELDS(seconds)						\
	TEXT("model_name", 64), TEXT("image", DATA_URL_10MB),		\
	TEXT("image_tail", DATA_URL_10MB), TEXT("prompt", 2500),	\
	NEGATIVE(2500), ENUM("duration", seconds), ENUM("mode", "std pro"), \
	CFG_SCALE, ENUM("sound", "on off"), ANY("static_mask"),		\
	ANY("dynamic_masks"), ANY("camera_control"),			\
	TEXT("callback_url", 2048), TEXT("external_task_id", 256),	\
	ANY("watermark_info"), { 0 }

static const struct field kling_fields[] = { KLING_FIELDS("5 10") };
static const struct field kling3_fields[] = {
	KLING_FIELDS("3 4 5 6 7 8 9 10 11 12 13 14 15")
};

#define KLING(n, fields, also_)						\
	{ n, &kling_provider, .film = true, .field = fields, .also = also_ }

const struct model kling_models[] = {
	KLING("kling-v1", kling_fields, kling_v1),
	KLING("kling-v1-5", kling_fields, kling_v1),
	KLING("kling-v1-6", kling_fields, kling_v1),
	KLING("kling-v2-master", kling_fields, kling_v2),
	KLING("kling-v2-1", kling_fields, kling_v2),
	KLING("kling-v2-1-master", kling_fields, kling_v2),
	KLING("kling-v2-5-turbo", kling_fields, kling_v2),
	KLING("kling-v2-6", kling_fields, kling_v26),
	KLING("kling-v3", kling3_fields, kling_v3),
	{ 0 },
};

/* --- fal */

static bool
side_fits(const struct cJSON *js)
{
	int64_t n = json_int_or(js, 0);

	return n >= 256 && n <= RENDER_SIDE;
}

static void
seedream_at_fal(struct input_check *c, const struct cJSON *input)
{
	const struct cJSON *size = json_get(input, "image_size");

	if (size == NULL || (json_text(size) != NULL && word_in("square_hd "
	    "square portrait_4_3 portrait_16_9 landscape_4_3 landscape_16_9 "
	    "auto_2K auto_4K auto", json_text(size))))
		return;
	if (!json_is_obj(size) || !side_fits(json_get(size, "width")) ||
	    !side_fits(json_get(size, "height")))
		model_wrong(c, "image_size", "value is not a valid "
		    "enumeration member, nor a width and a height");
}

#define STILL_AT_FAL							\
	PROMPT, ANY("image_size"), INT("num_images", 1, 6),		\
	INT("max_images", 1, 6), INT("seed", 0, INT64_MAX),		\
	BOOL("sync_mode"), BOOL("enable_safety_checker"),		\
	ENUM("enhance_prompt_mode", "standard fast")

static const struct field fal_still[] = { STILL_AT_FAL, { 0 } };
static const struct field fal_edit[] = {
	STILL_AT_FAL, URIS_WANTED("image_urls", 10), { 0 }
};
static const struct field fal_film[] = {
	TEXT_WANTED("prompt", 2500), URI_WANTED("image_url"),
	ENUM("duration", "5 10"), NEGATIVE(2500), CFG_SCALE,
	URI("tail_image_url"), { 0 }
};

#define SEEDREAM(n, fields)						\
	{ "fal-ai/bytedance/seedream/" n, &fal_provider, .field = fields, \
	    .also = seedream_at_fal }
#define KLING_AT_FAL(n, side_)						\
	{ "fal-ai/kling-video/" n "/image-to-video", &fal_provider,	\
	    .film = true, .side = side_, .field = fal_film }

const struct model fal_models[] = {
	SEEDREAM("v4/text-to-image", fal_still),
	SEEDREAM("v4/edit", fal_edit),
	SEEDREAM("v4.5/text-to-image", fal_still),
	SEEDREAM("v4.5/edit", fal_edit),
	KLING_AT_FAL("v2.1/standard", 1280),
	KLING_AT_FAL("v2.1/pro", 1920),
	KLING_AT_FAL("v2.5-turbo/pro", 1920),
	{ 0 },
};
