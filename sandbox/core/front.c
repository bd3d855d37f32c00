/*
 * front - see front.h
 */
#include "config.h"

#include <string.h>

#include "auth/routes.h"
#include "base/buf.h"
#include "base/cx.h"
#include "core/callcount.h"
#include "core/faults.h"
#include "core/front.h"
#include "io/loop.h"
#include "openai/openai.h"
#include "providers/ark.h"
#include "providers/fal.h"
#include "providers/kling.h"
#include "providers/replicate.h"
#include "s3/xml_error.h"
#include "shopify/admin_graphql.h"
#include "web/req.h"
#include "web/resp.h"

/* nginx closes the connection without an answer. */
static enum err
drop(struct resp *rs)
{
	/* nginx follows the first of two redirects. */
	buf_clear(rs->headers);
	resp_header(rs, "X-Accel-Redirect", "/_drop");
	return resp_raw(rs, 200, "text/plain", "", 0);
}

/* An error in the shape of the house where it happens. */
static enum err
complain(struct cx *cx, struct req *rq, struct resp *rs, enum place p,
    int status)
{
	switch (place_house(p)) {
	case HOUSE_OPENAI:
		return openai_status(cx, rs, status);
	case HOUSE_REPLICATE:
		return replicate_status(cx, rs, status);
	case HOUSE_ARK:
		return ark_status(cx, rs, status);
	case HOUSE_KLING:
		return kling_status(cx, rs, status);
	case HOUSE_FAL:
		return fal_status(cx, rs, status);
	case HOUSE_S3:
		return s3_status(cx, rs, status);
	case HOUSE_AUTH:
		return auth_status(cx, rq, rs, status);
	case HOUSE_SHOP:
		return shopadmin_status(cx, rs, status);
	case HOUSE_SANDBOX:
		break;
	}
	return resp_raw(rs, status, "text/html", "", 0);
}

static enum err
ordered_status(struct cx *cx, struct req *rq, struct resp *rs, enum place p,
    const struct fault *f)
{
	enum err er = complain(cx, rq, rs, p, f->status);

	if (f->retry_after != NULL)
		resp_header(rs, "Retry-After", f->retry_after);
	if (er != E_OK || f->body == NULL)
		return er;
	return resp_raw(rs, f->status, f->body[0] == '<' ? "text/html" :
	    "application/json", f->body, strlen(f->body));
}

/* Half of the answer, as from a proxy that gave up in the middle. */
static enum err
mangle(struct resp *rs, const struct fault *f)
{
	int status = rs->status;

	if (f->body != NULL)
		return resp_raw(rs, status, f->body[0] == '<' ? "text/html" :
		    rs->type, f->body, strlen(f->body));
	if (rs->body->len == 0)
		return resp_raw(rs, status, "text/html", "<html><head>", 12);
	rs->body->len /= 2;
	rs->body->data[rs->body->len] = '\0';
	return E_OK;
}

static enum err
stall(struct req *rq, struct resp *rs, int64_t ms)
{
	struct wait w = WAIT_INIT(W_SANDBOX_STALL);
	enum err er;

	req_on_hup(rq, &w);
	er = wait_for(&w, loop_now() + ms);
	req_on_hup(rq, NULL);
	return er == E_HUP ? E_HUP : drop(rs);
}

static enum err
strike(struct cx *cx, struct req *rq, struct resp *rs, enum place p,
    emulate *fn, const struct fault *f)
{
	enum err er;

	switch (f->kind) {
	case FAULT_STALL:
		return stall(rq, rs, f->ms);
	case FAULT_STATUS:
		if (f->after && (er = fn(cx, rq, rs, f)) != E_OK)
			return er;
		return ordered_status(cx, rq, rs, p, f);
	case FAULT_LOST:
		er = fn(cx, rq, rs, f);
		return er == E_OK ? drop(rs) : er;
	case FAULT_MALFORMED:
		er = fn(cx, rq, rs, f);
		return er == E_OK ? mangle(rs, f) : er;
	case FAULT_DELAY:
		if ((er = loop_sleep(cx, f->ms)) != E_OK)
			return er;
		return fn(cx, rq, rs, f);
	default:
		return fn(cx, rq, rs, f);
	}
}

enum err
front(struct cx *cx, struct req *rq, struct resp *rs, enum place p,
    emulate *fn)
{
	uint64_t number = tally_request(p, rq);
	struct fault f;
	enum err er;

	faults_take(cx, p, &f);
	er = strike(cx, rq, rs, p, fn, &f);
	/* 499 as nginx has it: nobody was there any more. */
	tally_status(p, number, er == E_HUP || f.kind == FAULT_LOST ? 499 :
	    er == E_OK ? rs->status : err_http(er));
	return er;
}
