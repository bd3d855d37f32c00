/*
 * make_still - what the emulated Seedream makes, for every provider
 *
 * The pictures are fetched as the real one does it; which of them is the
 * product is read in the prompt ("Image 1 is the product"), because its
 * input has no other place to say so.
 */
#include "config.h"

#include <math.h>
#include <strings.h>

#include "core/service.h"
#include "core/vision.h"
#include "io/loop.h"
#include "providers/model.h"
#include "render/render.h"

#define PICTURES	14
#define PICTURE_MAX	(12 << 20)

/* The words after "Image 2 is", up to the end of that sentence. */
static enum render_role
role_of(const char *prompt, int n)
{
	static const struct { const char *word; enum render_role role; } w[] = {
		{ "product", RENDER_PRODUCT },
		{ "logo", RENDER_LOGO },
		{ "inspiration", RENDER_INSPIRATION },
		{ "mood", RENDER_INSPIRATION },
		{ "style", RENDER_INSPIRATION },
		{ "reference", RENDER_INSPIRATION },
	};
	enum render_role role = RENDER_UNKNOWN;
	const char *at, *hit, *first = NULL;
	char name[24];
	size_t len;

	snprintf(name, sizeof name, "image %d ", n);
	if ((at = strcasestr(prompt, name)) == NULL)
		return RENDER_UNKNOWN;
	at += strlen(name);
	len = strcspn(at, ".;,\n");
	for (size_t i = 0; i < COUNT_OF(w); i++) {
		hit = strcasestr(at, w[i].word);
		if (hit != NULL && hit < at + len &&
		    (first == NULL || hit < first)) {
			first = hit;
			role = w[i].role;
		}
	}
	return role;
}

/* What fal calls sizes. */
static const struct { const char *name, *ratio, *size; } fal_sizes[] = {
	{ "square", "1:1", "1K" },
	{ "square_hd", "1:1", "2K" },
	{ "portrait_4_3", "3:4", "2K" },
	{ "portrait_16_9", "9:16", "2K" },
	{ "landscape_4_3", "4:3", "2K" },
	{ "landscape_16_9", "16:9", "2K" },
	{ "auto_2K", NULL, "2K" },
	{ "auto_4K", NULL, "4K" },
	{ "auto", NULL, "2K" },
};

/* What is asked for, in the words of any of the models. */
struct still_size {
	const char	*size;		/* "2K" */
	const char	*ratio;		/* NULL: that of the first picture */
	int		 w, h;		/* 0: see above */
	const struct cJSON *images;
	const char	*field;		/* what those are called */
};

/* "2048x1536", as Ark has it. */
static bool
exact(const char *s, struct still_size *w)
{
	char *end;
	long a = strtol(s, &end, 10), b;

	if (a <= 0 || a > RENDER_SIDE || *end != 'x')
		return false;
	b = strtol(end + 1, &end, 10);
	if (b <= 0 || b > RENDER_SIDE || *end != '\0')
		return false;
	w->w = (int)a;
	w->h = (int)b;
	return true;
}

static void
fal_size(const struct cJSON *js, struct still_size *w)
{
	const char *name = json_text(js);

	if (json_is_obj(js)) {
		w->w = (int)json_int_or(json_get(js, "width"), 2048);
		w->h = (int)json_int_or(json_get(js, "height"), 2048);
	}
	for (size_t i = 0; i < COUNT_OF(fal_sizes); i++)
		if (str_eq(name, fal_sizes[i].name)) {
			w->ratio = fal_sizes[i].ratio;
			w->size = fal_sizes[i].size;
		}
}

static void
read_size(const struct cJSON *input, struct still_size *w)
{
	static const char *const fields[] = { "image_input", "image_urls",
		"image", NULL };
	const char *ratio = json_text(json_get(input, "aspect_ratio"));

	*w = (struct still_size){ .size = json_text(json_get(input, "size")) };
	if (w->size == NULL)
		w->size = "2K";
	for (const char *const *f = fields; *f != NULL; f++)
		if (json_get(input, *f) != NULL) {
			w->field = *f;
			w->images = json_get(input, *f);
		}
	if (ratio != NULL && !str_eq(ratio, "match_input_image"))
		w->ratio = ratio;
	if (json_get(input, "image_size") != NULL)
		fal_size(json_get(input, "image_size"), w);
	else if (str_eq(w->size, "custom")) {
		w->w = (int)json_int_or(json_get(input, "width"), 2048);
		w->h = (int)json_int_or(json_get(input, "height"), 2048);
	} else if (exact(w->size, w))
		w->size = "2K";
}

/* ratio: of the first picture, when that decides; 0 when there is none. */
static void
dimensions(const struct still_size *want, double ratio, int *w, int *h)
{
	double side = str_eq(want->size, "1K") ? 1024 :
	    str_eq(want->size, "4K") ? 4096 : 2048;

	if (want->w != 0) {
		*w = want->w;
		*h = want->h;
		return;
	}
	if (want->ratio != NULL &&
	    render_size(want->ratio, want->size, w, h) == 0)
		return;
	if (ratio <= 0)
		ratio = 1;
	ratio = fmin(fmax(ratio, 0.25), 4);
	*w = (int)fmin(fmax(side * sqrt(ratio), 512), 4096) / 16 * 16;
	*h = (int)fmin(fmax(*w / ratio, 512), 4096) / 16 * 16;
}

void
still_outline(const struct cJSON *input, struct outline *o)
{
	const struct cJSON *more = json_get(input,
	    "sequential_image_generation_options");
	struct still_size want;

	read_size(input, &want);
	*o = (struct outline){ .count = 1 };
	dimensions(&want, 1, &o->w, &o->h);
	if (str_eq(json_text(json_get(input, "sequential_image_generation")),
	    "auto"))
		o->count = (int)json_int_or(json_get(more != NULL ? more :
		    input, "max_images"), 1);
	if (json_get(input, "num_images") != NULL)
		o->count = (int)json_int_or(json_get(input, "num_images"), 1);
}

struct drawing {
	struct still_request order;
	struct render_picture pic[PICTURES];
	void		*out;
	size_t		 outlen;
	int		 rc;
	int64_t		 us;
	char		 err[200];
};

static void
draw(void *arg)
{
	struct drawing *d = arg;
	int64_t start = loop_us();

	d->rc = render_still(&d->order, &d->out, &d->outlen, d->err,
	    sizeof d->err);
	d->us = loop_us() - start;
}

/* The nth of them; a lone one need not be in a list. */
static const char *
picture_url(const struct cJSON *images, size_t nth)
{
	if (!json_is_list(images))
		return nth == 0 ? json_text(images) : NULL;
	for (images = json_first(images); images != NULL && nth > 0; nth--)
		images = json_next(images);
	return json_text(images);
}

static const char *
fetch(struct cx *cx, const struct still_size *want, const char *prompt,
    struct drawing *d, double *ratio)
{
	bool decides = want->w == 0 && want->ratio == NULL;
	const char *url;
	struct buf *b = NULL;
	struct image_analysis look;
	size_t n = 0;

	while (n < PICTURES && (url = picture_url(want->images, n)) != NULL) {
		if (vision_fetch(cx, url, PICTURE_MAX, &b) != E_OK)
			return cx_fmt(cx, "Failed to download %s.%zu: %s",
			    want->field, n, cx->err.say);
		d->pic[n].data = b->data;
		d->pic[n].len = b->len;
		d->pic[n].role = role_of(prompt, (int)n + 1);
		if (n == 0 && decides) {
			if (vision_look(cx, b->data, b->len, &look) != E_OK)
				return cx_fmt(cx, "%s.0 is not usable: %s",
				    want->field, cx->err.say);
			*ratio = (double)look.width / look.height;
		}
		n++;
	}
	/* A lone picture without a role is the thing to show. */
	if (n == 1 && d->pic[0].role == RENDER_UNKNOWN)
		d->pic[0].role = RENDER_PRODUCT;
	d->order.pic = d->pic;
	d->order.npic = n;
	return NULL;
}

const char *
still_make(struct cx *cx, const struct cJSON *input, int nth,
    struct made *out)
{
	const char *prompt = text_of(input, "prompt"), *bad;
	struct drawing *d = cx_alloc(cx, sizeof *d);
	struct still_size want;
	double ratio = 0;

	XXXAN(d);
	read_size(input, &want);
	if ((bad = fetch(cx, &want, prompt, d, &ratio)) != NULL)
		return bad;
	dimensions(&want, ratio, &d->order.width, &d->order.height);
	/* Other words, another arrangement. */
	d->order.prompt = nth == 0 ? prompt : cx_fmt(cx, "%s (variation %d)",
	    prompt, nth + 1);
	d->order.format = settings.format;
	d->order.fast = settings.fast;
	loop_work(draw, d);
	if (d->rc == -1)
		return cx_fmt(cx, "%s", d->err);
	*out = (struct made){ d->out, d->outlen, d->order.format, render_free,
	    d->order.width, d->order.height, d->us };
	return NULL;
}
