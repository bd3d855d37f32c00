/* delivery - writes outputs, hands them out, and deletes them */
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/service.h"
#include "core/storage.h"
#include "io/loop.h"
#include "providers/delivery.h"
#include "render/render.h"

#define STORED_MAX	64
#define FILM_STORED	192		/* pixels of a stored film's side */

struct stored {
	struct outline	 of;
	const char	*ext;		/* "png", "jpg" or "mp4" */
	char		 dir[48];
	struct delivered d;		/* type NULL while it is drawn */
};

static struct stored	 stored[STORED_MAX];
static int		 nstored;
static struct gate	 drawing;

struct writing {
	const char	*path;
	const struct made *made;
	bool		 ok;
};

static void
write_work(void *arg)
{
	struct writing *w = arg;

	w->ok = file_write(w->path, 0644, w->made->data, w->made->len, false);
}

static const char *
url_of(struct cx *cx, const char *dir, const char *ext)
{
	const char *url = cx_fmt(cx, "%s%s/delivery/%s/out.%s",
	    conf_str(C_SANDBOX_URL), faults_pending(EP_DELIVERY) ?
	    "/_sandbox" : "", dir, ext);

	return settings.output_rate > 0 ? cx_fmt(cx, "%s?rate=%lld", url,
	    (long long)settings.output_rate) : url;
}

static const char *
type_of(const char *name)
{
	return str_ends(name, "png") ? "image/png" : str_ends(name, "mp4") ?
	    "video/mp4" : "image/jpeg";
}

static const char *
put(struct cx *cx, const char *dir, const struct made *m, bool gone,
    struct delivered *d)
{
	struct writing w = { .path = cx_fmt(cx, "%s/delivery/%s/out.%s",
	    conf_str(C_SANDBOX_DIR), dir, m->ext), .made = m, .ok = gone };

	if (!gone)
		loop_work(write_work, &w);
	*d = (struct delivered){ url_of(cx, dir, m->ext), type_of(m->ext),
	    m->len, m->w, m->h };
	return w.ok ? NULL : "The output could not be uploaded";
}

const char *
delivery_put(struct cx *cx, const struct made *m, bool gone,
    struct delivered *d)
{
	unsigned char r[12];
	char dir[2 * sizeof r + 1];

	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, dir);
	return put(cx, dir, m, gone, d);
}

/* --- stored outputs */

struct drawing {
	struct still_request order;
	int		 seconds;
	struct made	 made;
	int		 rc;
	char		 err[200];
};

static void
draw_film(struct drawing *d)
{
	struct film_request order = { .prompt = "still camera",
	    .start = d->made.data, .startlen = d->made.len,
	    .seconds = d->seconds, .side = FILM_STORED };
	struct film film;

	d->rc = render_film(&order, &film, d->err, sizeof d->err);
	render_free(d->made.data);
	d->made = (struct made){ film.data, film.len, "mp4", free, film.w,
	    film.h, 0 };
}

static void
draw_work(void *arg)
{
	struct drawing *d = arg;

	d->made.ext = d->order.format;
	d->made.release = render_free;
	d->made.w = d->order.width;
	d->made.h = d->order.height;
	d->rc = render_still(&d->order, &d->made.data, &d->made.len, d->err,
	    sizeof d->err);
	if (d->rc == 0 && d->seconds > 0)
		draw_film(d);
}

static const char *
make_stored(struct cx *cx, struct stored *s)
{
	bool film = s->of.seconds > 0;
	struct drawing d = { .order = { .prompt = "a jar on marble",
	    .width = s->of.w, .height = s->of.h,
	    .format = film ? "jpg" : s->ext, .fast = true },
	    .seconds = s->of.seconds };
	struct delivered done;
	const char *bad;

	loop_work(draw_work, &d);
	if (d.rc == -1)
		return cx_fmt(cx, "%s", d.err);
	if ((bad = put(cx, s->dir, &d.made, false, &done)) == NULL)
		s->d = done;
	d.made.release(d.made.data);
	return bad;
}

/* As large as a stored one of that ratio. */
static struct outline
small(struct outline o)
{
	if (o.seconds > 0)
		film_size(o.w, o.h, FILM_STORED, &o.w, &o.h);
	return o;
}

static struct stored *
find_stored(const struct outline *o)
{
	const char *ext = o->seconds > 0 ? "mp4" : settings.format;
	struct stored *s;

	for (s = stored; s < stored + nstored; s++)
		if (s->of.w == o->w && s->of.h == o->h &&
		    s->of.seconds == o->seconds && str_eq(s->ext, ext))
			return s;
	if (nstored == STORED_MAX)
		return NULL;
	*s = (struct stored){ .of = *o, .ext = ext };
	if (o->seconds > 0)
		snprintf(s->dir, sizeof s->dir, "stored-%dx%d-%ds", o->w, o->h,
		    o->seconds);
	else
		snprintf(s->dir, sizeof s->dir, "stored-%dx%d", o->w, o->h);
	nstored++;
	return s;
}

const char *
delivery_stored(struct cx *cx, const struct outline *o, bool gone,
    struct delivered *d)
{
	struct outline of = small(*o);
	struct stored *s = find_stored(&of);
	const char *bad = NULL;

	if (s == NULL)
		return "too many sizes";
	if (s->d.type == NULL) {
		if (drawing.tail == NULL)
			gate_init(&drawing, W_SANDBOX_ROOM, 1);
		if (gate_enter(&drawing, 0) != E_OK)
			return "no place to draw";
		if (s->d.type == NULL)
			bad = make_stored(cx, s);
		gate_leave(&drawing);
	}
	*d = s->d;
	/* The stored one's went with the cx that made it. */
	d->url = url_of(cx, gone ? "gone" : s->dir, s->ext);
	return bad;
}

/* --- outputs with a flaw */

struct flawing {
	const char	*flaw, *path;
	struct outline	 of;
	int		 rc;
	char		 err[200];
};

static void
flaw_work(void *arg)
{
	struct flawing *f = arg;

	f->rc = -1;
	snprintf(f->err, sizeof f->err, "%s cannot be written", f->path);
	if (file_parents(f->path))
		f->rc = render_flaw(f->flaw, f->of.w, f->of.h, f->of.seconds,
		    f->path, f->err, sizeof f->err);
}

const char *
delivery_flawed(struct cx *cx, const struct outline *o, const char *flaw,
    struct delivered *d)
{
	const char *ext = o->seconds > 0 ? "mp4" : "png";
	struct flawing f = { .flaw = flaw, .of = small(*o) };
	unsigned char r[12];
	char dir[2 * sizeof r + 1];

	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, dir);
	f.path = cx_fmt(cx, "%s/delivery/%s/out.%s", conf_str(C_SANDBOX_DIR),
	    dir, ext);
	loop_work(flaw_work, &f);
	*d = (struct delivered){ url_of(cx, dir, ext), type_of(ext), 0,
	    f.of.w, f.of.h };
	return f.rc == 0 ? NULL : cx_fmt(cx, "%s", f.err);
}

/* --- collected, deleted */

void
delivery_remove(const char *url)
{
	const char *name = strstr(url, "/delivery/");
	char path[4096];

	if (name == NULL || str_starts(name, "/delivery/stored-"))
		return;
	snprintf(path, sizeof path, "%s%.*s", conf_str(C_SANDBOX_DIR),
	    (int)strcspn(name, "?"), name);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

static bool
plain_name(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < 64 && s[0] != '.' && strspn(s,
	    "0123456789abcdefghijklmnopqrstuvwxyz-.") == n;
}

enum err
delivery_get(struct cx *cx, struct req *rq, struct resp *rs,
    const struct fault *f)
{
	const char *dir = rq->param[0], *file = rq->param[1];
	struct stat st;

	if (f->kind == FAULT_EXPIRED || !plain_name(dir) || !plain_name(file)
	    || stat(cx_fmt(cx, "%s/delivery/%s/%s", conf_str(C_SANDBOX_DIR),
	    dir, file), &st) == -1)
		return resp_raw(rs, 404, "text/html", "Not Found\n", 10);
	/* Half of this is left in the end: it looks like a film at first. */
	if (f->kind == FAULT_MALFORMED && str_ends(file, ".mp4"))
		return resp_raw(rs, 200, "video/mp4",
		    "\0\0\0\030ftypisom\0\0\2\0isomavc1", 24);
	if (f->kind == FAULT_MALFORMED)
		return resp_raw(rs, 200, "image/png", "\211PNG\r\n\032\n", 8);
	resp_header(rs, "X-Accel-Redirect", cx_fmt(cx,
	    "/_file/delivery/%s/%s", dir, file));
	return resp_raw(rs, 200, type_of(file), "", 0);
}
