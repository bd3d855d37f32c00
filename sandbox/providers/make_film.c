/*
 * make_film - what the emulated Kling makes, for every provider
 *
 * The pictures are fetched as the real one does it, and held to its limits;
 * what it has to say about one that is outside becomes the job's error.
 * Without a picture there is a still to begin with, made from the prompt.
 */
#include "config.h"

#include "core/service.h"
#include "core/vision.h"
#include "io/loop.h"
#include "io/pic.h"
#include "providers/model.h"
#include "render/picture.h"
#include "render/render.h"
#include "web/transport.h"

#define PICTURE_MAX	(10 << 20)
#define SIDE_MIN	300		/* pixels of a picture */
#define ASPECT_MAX	2.5
#define QUICK		640		/* the longer side with `fast' */

struct shot {
	struct film_request order;
	struct film	 film;
	int		 w, h;		/* of the still, if one is made first */
	int		 rc;
	int64_t		 us;
	char		 err[200];
};

/* The first of these members that exists; the names end with NULL. */
static const char *
member(const struct cJSON *input, const char *const *names, const char **name)
{
	for (; *names != NULL; names++)
		if (json_text(json_get(input, *names)) != NULL) {
			*name = *names;
			return json_text(json_get(input, *names));
		}
	return NULL;
}

/* 5, or "5". */
static int
seconds_of(const struct cJSON *input)
{
	const struct cJSON *js = json_get(input, "duration");
	int64_t n = 5;

	if (json_text(js) != NULL)
		(void)str_int(json_text(js), 1, 15, &n);
	else
		n = json_int_or(js, 5);
	return (int)n;
}

static const char *const starts[] = { "start_image", "image", "image_url",
	"end_image", "image_tail", "tail_image_url", NULL };

/* Load tests show the same few stills: their sizes are remembered. */
static struct { char *url; struct pic pic; } known[64];

static bool
size_of(struct cx *cx, const char *url, struct pic *pic)
{
	static size_t next;
	struct buf *b;

	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (str_eq(known[i].url, url)) {
			*pic = known[i].pic;
			return true;
		}
	if (vision_fetch(cx, url, PICTURE_MAX, &b) != E_OK ||
	    pic_probe(cx, b->data, b->len, pic) != E_OK)
		return false;
	if (str_starts(url, "https://")) {
		free(known[next].url);
		known[next].url = keep(url);
		known[next].pic = *pic;
		next = (next + 1) % COUNT_OF(known);
	}
	return true;
}

void
film_outline(struct cx *cx, const struct cJSON *input, struct outline *o)
{
	struct pic pic = { .width = 1, .height = 1 };
	const char *name, *url = member(input, starts, &name);

	*o = (struct outline){ .seconds = seconds_of(input), .count = 1 };
	if (url != NULL && !size_of(cx, url, &pic))
		pic.width = pic.height = 1;
	o->w = pic.width;
	o->h = pic.height;
}

/* In a thread of the pool, as it reads a picture. */
static bool
acceptable(const void *data, size_t len, char *err, size_t errlen)
{
	struct picture pic;
	double ratio;

	if (picture_head(data, len, &pic, err, errlen) == -1)
		return false;
	ratio = (double)pic.fullw / pic.fullh;
	if (!str_eq(pic.format, "jpeg") && !str_eq(pic.format, "png"))
		snprintf(err, errlen, "Image format %s is not supported, "
		    "only jpg, jpeg and png", pic.format);
	else if (pic.fullw < SIDE_MIN || pic.fullh < SIDE_MIN)
		snprintf(err, errlen, "Image is %dx%d; width and height must "
		    "be at least %dpx", pic.fullw, pic.fullh, SIDE_MIN);
	else if (ratio > ASPECT_MAX || ratio < 1 / ASPECT_MAX)
		snprintf(err, errlen, "Image is %dx%d; the aspect ratio must "
		    "be between 1:2.5 and 2.5:1", pic.fullw, pic.fullh);
	else
		return true;
	return false;
}

static void
work(void *arg)
{
	struct shot *s = arg;
	struct still_request still = { .prompt = s->order.prompt,
	    .width = s->w, .height = s->h, .format = "jpg" };
	int64_t start = loop_us();
	void *data = NULL;

	s->rc = -1;
	if (s->order.start == NULL) {
		if (render_still(&still, &data, &s->order.startlen, s->err,
		    sizeof s->err) == -1)
			return;
		s->order.start = data;
	} else if (!acceptable(s->order.start, s->order.startlen, s->err,
	    sizeof s->err))
		return;
	if (s->order.end == NULL || acceptable(s->order.end,
	    s->order.endlen, s->err, sizeof s->err))
		s->rc = render_film(&s->order, &s->film, s->err,
		    sizeof s->err);
	render_free(data);
	s->us = loop_us() - start;
}

/* Kling itself takes base64 without "data:" as well. */
static const char *
fetch(struct cx *cx, const char *name, const char *url, const void **data,
    size_t *len)
{
	struct buf *b;

	if (!str_starts(url, "https://") && !str_starts(url, "data:"))
		url = cx_fmt(cx, "data:image/any;base64,%s", url);
	if (vision_fetch(cx, url, PICTURE_MAX, &b) != E_OK)
		return cx_fmt(cx, "Failed to download %s: %s", name,
		    cx->err.say);
	*data = b->data;
	*len = b->len;
	return NULL;
}

static void
read_frame(const struct cJSON *input, struct shot *s)
{
	const char *r = json_text(json_get(input, "aspect_ratio"));

	if (r == NULL || render_size(r, "1K", &s->w, &s->h) == -1)
		(void)render_size("16:9", "1K", &s->w, &s->h);
}

const char *
film_make(struct cx *cx, const struct model *m, const struct cJSON *input,
    struct made *out)
{
	static const char *const firsts[] = { "start_image", "image",
		"image_url", NULL };
	static const char *const ends[] = { "end_image", "image_tail",
		"tail_image_url", NULL };
	const char *start, *end, *first = NULL, *last = NULL, *bad;
	struct shot *s = cx_alloc(cx, sizeof *s);

	XXXAN(s);
	start = member(input, firsts, &first);
	end = member(input, ends, &last);
	/* An end alone: it is where the film goes, and all there is. */
	if (start == NULL && end != NULL) {
		start = end;
		first = last;
		end = NULL;
	}
	s->order.prompt = text_of(input, "prompt");
	s->order.negative = json_text(json_get(input, "negative_prompt"));
	s->order.seconds = seconds_of(input);
	s->order.stop = fcgi_stopping;
	s->order.side = settings.fast ? QUICK : m->side != 0 ? m->side :
	    str_eq(text_of(input, "mode"), "pro") ? FILM_1080 : FILM_720;
	if ((start != NULL && (bad = fetch(cx, first, start, &s->order.start,
	    &s->order.startlen)) != NULL) ||
	    (end != NULL && (bad = fetch(cx, last, end, &s->order.end,
	    &s->order.endlen)) != NULL))
		return bad;
	if (start == NULL)
		read_frame(input, s);
	loop_work(work, s);
	if (s->rc == -1)
		return cx_fmt(cx, "%s", s->err);
	*out = (struct made){ s->film.data, s->film.len, "mp4", free,
	    s->film.w, s->film.h, s->us };
	return NULL;
}
