/*
 * deliver - see deliver.h
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "cx.h"
#include "deliver.h"
#include "disk.h"
#include "faults.h"
#include "front.h"
#include "hash.h"
#include "knobs.h"
#include "loop.h"
#include "model.h"
#include "render.h"
#include "req.h"
#include "resp.h"
#include "str.h"

#define STORED_MAX	64

struct stored {
	int		 w, h;
	const char	*ext;		/* "png" or "jpg" */
	char		 url[256];	/* empty while it is drawn */
};

static struct stored	 stored[STORED_MAX];
static int		 nstored;
static struct gate	 drawing;

struct writing {
	const char	*path;
	const void	*data;
	size_t		 len;
	bool		 ok;
};

static void
work(void *arg)
{
	struct writing *w = arg;

	w->ok = disk_write(w->path, w->data, w->len, false);
}

static const char *
url_of(struct cx *cx, const char *dir, const char *ext)
{
	return cx_fmt(cx, "%s%s/delivery/%s/out.%s", conf_str(C_SANDBOX_URL),
	    faults_pending(P_DELIVERY) ? "/_sandbox" : "", dir, ext);
}

static const char *
put(struct cx *cx, const char *dir, const struct made *m)
{
	struct writing w = {
		.path = cx_fmt(cx, "%s/delivery/%s/out.%s",
		    conf_str(C_SANDBOX_DIR), dir, m->ext),
		.data = m->data, .len = m->len,
	};

	loop_work(work, &w);
	return w.ok ? NULL : "The output could not be uploaded";
}

const char *
deliver(struct cx *cx, const struct made *m, bool gone, const char **url)
{
	unsigned char r[12];
	char dir[2 * sizeof r + 1];
	const char *bad;

	hash_random(r, sizeof r);
	hash_hex(r, sizeof r, dir);
	if (!gone && (bad = put(cx, dir, m)) != NULL)
		return bad;
	*url = url_of(cx, dir, m->ext);
	return NULL;
}

/* --- stored pictures */

struct drawing {
	struct render_order order;
	void		*out;
	size_t		 len;
	int		 rc;
	char		 err[200];
};

static void
draw(void *arg)
{
	struct drawing *d = arg;

	d->rc = render_still(&d->order, &d->out, &d->len, d->err,
	    sizeof d->err);
}

static const char *
make_stored(struct cx *cx, struct stored *s)
{
	struct drawing d = { .order = { .prompt = "a jar on marble",
	    .width = s->w, .height = s->h, .format = s->ext, .fast = true } };
	struct made m = { .ext = s->ext };
	const char *dir = cx_fmt(cx, "stored-%dx%d", s->w, s->h), *bad;

	loop_work(draw, &d);
	if (d.rc == -1)
		return cx_fmt(cx, "%s", d.err);
	m.data = d.out;
	m.len = d.len;
	bad = put(cx, dir, &m);
	render_free(d.out);
	if (bad == NULL)
		snprintf(s->url, sizeof s->url, "%s/delivery/%s/out.%s",
		    conf_str(C_SANDBOX_URL), dir, s->ext);
	return bad;
}

static struct stored *
find_stored(int w, int h, const char *ext)
{
	for (int i = 0; i < nstored; i++)
		if (stored[i].w == w && stored[i].h == h &&
		    str_eq(stored[i].ext, ext))
			return &stored[i];
	if (nstored == STORED_MAX)
		return NULL;
	stored[nstored] = (struct stored){ .w = w, .h = h, .ext = ext };
	return &stored[nstored++];
}

const char *
deliver_stored(struct cx *cx, int w, int h, bool gone, const char **url)
{
	const char *ext = knobs.jpg ? "jpg" : "png", *bad = NULL;
	struct stored *s = find_stored(w, h, ext);

	if (s == NULL)
		return "too many sizes";
	if (s->url[0] == '\0') {
		if (drawing.tail == NULL)
			gate_init(&drawing, 1);
		if (gate_enter(&drawing, 0) != E_OK)
			return "no place to draw";
		if (s->url[0] == '\0')
			bad = make_stored(cx, s);
		gate_leave(&drawing);
	}
	if (bad == NULL)
		*url = gone ? url_of(cx, "gone", ext) :
		    faults_pending(P_DELIVERY) ? url_of(cx, cx_fmt(cx,
		    "stored-%dx%d", w, h), ext) : cx_dup(cx, s->url);
	return bad;
}

/* --- collected, deleted */

/* "<dir>/<file>" behind a URL of ours, NULL when it is none. */
static const char *
name_in(const char *url)
{
	const char *s = url != NULL ? strstr(url, "/delivery/") : NULL;

	return s != NULL ? s + strlen("/delivery/") : NULL;
}

void
deliver_remove(const char *url)
{
	const char *name = name_in(url);
	char path[4096];

	if (name == NULL || str_starts(name, "stored-"))
		return;
	snprintf(path, sizeof path, "%s/delivery/%s", conf_str(C_SANDBOX_DIR),
	    name);
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

static enum err
get(struct cx *cx, struct req *rq, struct resp *rs, const struct fault *f)
{
	const char *dir = rq->param[0], *file = rq->param[1];
	struct stat st;

	if (f->kind == FAULT_EXPIRED || !plain_name(dir) || !plain_name(file)
	    || stat(cx_fmt(cx, "%s/delivery/%s/%s", conf_str(C_SANDBOX_DIR),
	    dir, file), &st) == -1)
		return resp_raw(rs, 404, "text/html", "Not Found\n", 10);
	if (f->kind == FAULT_MALFORMED)
		return resp_raw(rs, 200, "image/png", "\211PNG\r\n\032\n", 8);
	resp_header(rs, "X-Accel-Redirect", cx_fmt(cx,
	    "/_file/delivery/%s/%s", dir, file));
	return resp_raw(rs, 200, str_ends(file, ".png") ? "image/png" :
	    "image/jpeg", "", 0);
}

enum err
deliver_get(struct cx *cx, struct req *rq, struct resp *rs)
{
	return front(cx, rq, rs, P_DELIVERY, get);
}
