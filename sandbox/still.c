/*
 * still - what the emulated Seedream makes
 *
 * The pictures are fetched as the real one does it; which of them is the
 * product is read in the prompt ("Image 1 is the product"), because its
 * input has no other place to say so.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "cx.h"
#include "json.h"
#include "knobs.h"
#include "loop.h"
#include "model.h"
#include "render.h"
#include "sight.h"
#include "str.h"

#define PICTURES	10
#define PICTURE_MAX	(12 << 20)

static const char *
text_or(const struct cJSON *input, const char *key, const char *other)
{
	const char *s = json_text(json_get(input, key));

	return s != NULL ? s : other;
}

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
	for (size_t i = 0; i < sizeof w / sizeof *w; i++) {
		hit = strcasestr(at, w[i].word);
		if (hit != NULL && hit < at + len &&
		    (first == NULL || hit < first)) {
			first = hit;
			role = w[i].role;
		}
	}
	return role;
}

/*
 * The size the input asks for.  ratio is that of the first picture, for
 * match_input_image; 0 when there is none.
 */
static void
dimensions(const struct cJSON *input, double ratio, int *w, int *h)
{
	const char *size = text_or(input, "size", "2K");
	const char *aspect = text_or(input, "aspect_ratio",
	    "match_input_image");
	double side = str_eq(size, "1K") ? 1024 : str_eq(size, "4K") ? 4096 :
	    2048;

	if (str_eq(size, "custom")) {
		*w = (int)json_int_or(json_get(input, "width"), 2048);
		*h = (int)json_int_or(json_get(input, "height"), 2048);
		return;
	}
	if (!str_eq(aspect, "match_input_image") &&
	    render_size(aspect, size, w, h) == 0)
		return;
	if (ratio <= 0)
		ratio = 1;
	ratio = fmin(fmax(ratio, 0.25), 4);
	*w = (int)fmin(fmax(side * sqrt(ratio), 512), 4096) / 16 * 16;
	*h = (int)fmin(fmax(*w / ratio, 512), 4096) / 16 * 16;
}

void
still_measure(const struct cJSON *input, int *w, int *h)
{
	dimensions(input, 1, w, h);
}

struct drawing {
	struct render_order order;
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

static const char *
fetch(struct cx *cx, const struct cJSON *list, const char *prompt,
    struct drawing *d, double *ratio)
{
	struct buf *b = NULL;
	struct look look;
	size_t n = 0;

	for (const struct cJSON *m = json_first(list); m != NULL &&
	    n < PICTURES; m = json_next(m)) {
		if (sight_fetch(cx, json_text(m), PICTURE_MAX, &b) != E_OK)
			return cx_fmt(cx, "Failed to download image_input.%zu:"
			    " %s", n, cx->err.say);
		d->pic[n].data = b->data;
		d->pic[n].len = b->len;
		d->pic[n].role = role_of(prompt, (int)n + 1);
		if (n == 0 && *ratio < 0) {
			if (sight_look(cx, b->data, b->len, &look) != E_OK)
				return cx_fmt(cx, "image_input.0 is not "
				    "usable: %s", cx->err.say);
			*ratio = (double)look.width / look.height;
		}
		n++;
	}
	/* A lone picture that nobody explains is the thing to show. */
	if (n == 1 && d->pic[0].role == RENDER_UNKNOWN)
		d->pic[0].role = RENDER_PRODUCT;
	d->order.pic = d->pic;
	d->order.npic = n;
	return NULL;
}

const char *
still_make(struct cx *cx, const struct cJSON *input, struct made *out)
{
	const char *prompt = text_or(input, "prompt", ""), *bad;
	struct drawing *d = cx_alloc(cx, sizeof *d);
	double ratio = str_eq(text_or(input, "aspect_ratio",
	    "match_input_image"), "match_input_image") ? -1 : 0;

	XXXAN(d);
	bad = fetch(cx, json_get(input, "image_input"), prompt, d, &ratio);
	if (bad != NULL)
		return bad;
	dimensions(input, ratio, &d->order.width, &d->order.height);
	d->order.prompt = prompt;
	d->order.format = knobs.jpg ? "jpg" : "png";
	d->order.fast = knobs.fast;
	loop_work(draw, d);
	if (d->rc == -1)
		return cx_fmt(cx, "%s", d->err);
	out->data = d->out;
	out->len = d->outlen;
	out->ext = d->order.format;
	out->release = render_free;
	out->us = d->us;
	return NULL;
}
