/*
 * fetch - follows redirects under one deadline, and checks what arrives
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "base/url.h"
#include "gen/asset.h"
#include "gen/fetch.h"
#include "io/http.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"

#define REDIRECTS	3
#define SLOWEST		(16 << 10)	/* bytes a second */

/* --- refusals */

struct refusal {
	const char	*reason;
	enum err	 er;
	const char	*message;
};

static const struct refusal refusals[] = {
	{ "SCHEME", E_IMAGE, "Only https addresses are fetched." },
	{ "URL", E_IMAGE, "The address is not one that we can read." },
	{ "USERINFO", E_IMAGE, "The address names a user, which is not "
	    "taken." },
	{ "PORT", E_IMAGE, "The address has a port that is not fetched "
	    "from." },
	{ "HOST", E_IMAGE, "The address is on a host that is not expected." },
	{ "ADDRESS_NOT_PUBLIC", E_IMAGE, "The address is not on the public "
	    "internet." },
	{ "REDIRECTS", E_IMAGE, "The address leads on and on, or nowhere." },
	{ "TOO_LARGE", E_IMAGE, "The file is larger than we take." },
	{ "ENCODING", E_IMAGE, "The file comes compressed although that was "
	    "not asked for." },
	{ "DNS", E_SOURCE, "The address is on a host that nobody knows." },
	{ "CONNECT", E_SOURCE, "The address cannot be reached." },
	{ "TLS", E_SOURCE, "The address cannot prove that it is what it "
	    "says." },
	{ "BROKEN", E_SOURCE, "The address broke off in the middle." },
	{ "TOO_SLOW", E_SOURCE, "The address takes too long to answer." },
};

/* Sets the message for the client; the detail for the log stays. */
static enum err
refuse(struct cx *cx, const char *reason)
{
	const struct refusal *r = refusals;

	while (!str_eq(r->reason, reason))
		r++;
	cx->err.code = r->er;
	snprintf(cx->err.say, sizeof cx->err.say, "%s Nothing was charged.",
	    r->message);
	return err_reason(cx, r->reason, r->er);
}

static bool
known(const char *reason)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (str_eq(refusals[i].reason, reason))
			return true;
	return false;
}

/* --- download */

static coroutine_fn enum err
get(struct cx *cx, const struct fetch *f, const char *url, int64_t deadline,
    struct http_call *call)
{
	struct url u;
	enum err er;

	if (f->host != NULL && url_parse(cx, url, &u) &&
	    !f->host(cx, u.host, f->arg)) {
		err_set(cx, E_IMAGE, "%.80s is not one of the hosts", u.host);
		return refuse(cx, "HOST");
	}
	*call = (struct http_call)HTTP_CALL("GET", url);
	call->guarded = true;
	call->maxbody = f->max;
	call->slowest = f->slowest;
	call->slow_s = f->slow_s;
	call->room = f->room;
	call->room_arg = f->room_arg;
	call->timeout_ms = deadline - loop_now();
	if (call->timeout_ms <= 0) {
		err_set(cx, E_SOURCE, "no time left for a redirect");
		return refuse(cx, "TOO_SLOW");
	}
	er = http_do(cx, call);
	return er != E_OK && known(cx->err.reason) ?
	    refuse(cx, cx->err.reason) : er;
}

static bool
is_redirect(const struct http_call *call)
{
	return call->status == 301 || call->status == 302 ||
	    call->status == 303 || call->status == 307 || call->status == 308;
}

coroutine_fn enum err
fetch_get(struct cx *cx, const struct fetch *f, struct http_call *call)
{
	int64_t deadline = loop_deadline(cx, f->ms);
	const char *url = f->url, *to;
	char host[128];
	enum err er;

	for (int hop = 0; hop <= REDIRECTS; hop++) {
		if ((er = get(cx, f, url, deadline, call)) != E_OK)
			return er;
		if (!is_redirect(call))
			return E_OK;
		if ((to = http_got(call, "location")) == NULL)
			break;
		url = url_join(cx, url, to);
	}
	err_set(cx, E_IMAGE, "%s: http %ld after the last redirect",
	    log_host(f->url, host, sizeof host), call->status);
	return refuse(cx, "REDIRECTS");
}

/* --- storing */

static enum err
check_status(struct cx *cx, const struct http_call *call)
{
	/* Errors that may pass. */
	bool later = call->status >= 500 || call->status == 408 ||
	    call->status == 425 || call->status == 429;

	if (call->status == 200)
		return E_OK;
	return err_reason(cx, "STATUS", err_say(cx, later ? E_SOURCE :
	    E_IMAGE, "The address answers %ld. Nothing was charged.",
	    call->status));
}

static coroutine_fn enum err
check_picture(struct cx *cx, const struct buf *b, struct asset *out)
{
	struct pic pic;
	enum err er;

	if ((er = pic_probe(cx, b->data, b->len, &pic)) != E_OK)
		return er;
	out->type = pic.type;
	out->width = pic.width;
	out->height = pic.height;
	return E_OK;
}

static enum err
check_film(struct cx *cx, const struct buf *b, struct asset *out)
{
	if (!str_eq(mediatype_sniff(b->data, b->len), "video/mp4"))
		return err_reason(cx, "TYPE", err_say(cx, E_IMAGE, "The file "
		    "is not an MP4 film. Nothing was charged."));
	out->type = "video/mp4";
	out->width = out->height = 0;
	return E_OK;
}

static coroutine_fn enum err
copy(struct cx *cx, const struct fetch *f, enum fetch_kind kind,
    const char *folder, const char *pass, struct asset *out)
{
	struct http_call call;
	enum err er;

	if ((er = fetch_get(cx, f, &call)) != E_OK ||
	    (er = check_status(cx, &call)) != E_OK ||
	    (er = kind == FETCH_FILM ? check_film(cx, call.answer, out) :
	    check_picture(cx, call.answer, out)) != E_OK)
		return er;
	out->bytes = (int64_t)call.answer->len;
	out->key = asset_upload_key(cx, folder, pass, kind == FETCH_FILM ?
	    "mp4" : mediatype_ext(out->type));
	return s3_put(cx, out->key, out->type, call.answer->data,
	    call.answer->len);
}

coroutine_fn enum err
fetch_store(struct cx *cx, const char *url, enum fetch_kind kind,
    const char *folder, const char *pass, int64_t queue_ms, struct asset *out)
{
	struct fetch f = { .url = url, .max = kind == FETCH_FILM ?
	    FETCH_FILM_MAX : ASSET_MAX_BYTES, .slowest = SLOWEST,
	    .ms = conf_int(C_FETCH_S) * 1000 };
	struct gate_place place = { .name = { NULL } };
	struct cx own;
	struct url u;
	enum err er;

	if (url_parse(cx, url, &u))
		place.name[1] = u.host;
	if ((er = asset_enter(cx, ROOM_REMOTE, &place, f.max,
	    queue_ms)) != E_OK)
		return er;
	/* Megabytes, released before the next file enters. */
	own = cx_fork(cx, f.max + (1 << 20));
	if ((er = copy(&own, &f, kind, folder, pass, out)) == E_OK)
		out->key = cx_dup(cx, out->key);
	else
		cx->err = own.err;
	cx_release(&own);
	asset_leave(ROOM_REMOTE, &place);
	return er;
}
