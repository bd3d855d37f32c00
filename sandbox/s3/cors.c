/*
 * s3cors - see s3cors.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "s3/cors.h"
#include "s3/s3.h"
#include "s3/xml_error.h"

/* The origins of MINA_CORS_ORIGINS have been answered by the frame. */
void
s3cors_allow(struct req *rq, struct resp *rs)
{
	const char *origin = req_header(rq, "Origin");

	if (origin == NULL || conf_lists(C_CORS_ORIGINS, origin))
		return;
	resp_header(rs, "Access-Control-Allow-Origin", "*");
	resp_header(rs, "Access-Control-Expose-Headers", "ETag");
}

/*
 * As a bucket's CORS policy would answer that allows every origin, the
 * methods below, and of headers content-type alone.
 */
enum err
s3_options(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const char *const methods[] = { "GET", "PUT", "HEAD", NULL };
	const char *m = req_header(rq, "Access-Control-Request-Method");
	const char *h = req_header(rq, "Access-Control-Request-Headers");

	if (m == NULL || !str_in(m, methods) ||
	    (h != NULL && *h != '\0' && !str_ieq(h, "content-type")))
		return s3_error(cx, rs, 403, "AccessDenied",
		    "This CORS request is not allowed.");
	s3cors_allow(rq, rs);
	resp_header(rs, "Access-Control-Allow-Methods", "GET, PUT, HEAD");
	resp_header(rs, "Access-Control-Allow-Headers", "content-type");
	resp_header(rs, "Access-Control-Max-Age", "600");
	return resp_raw(rs, 204, "text/plain", "", 0);
}
