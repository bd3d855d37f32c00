/*
 * s3error - see s3error.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "s3/xml_error.h"

enum err
s3_error(struct cx *cx, struct resp *rs, int status,
    const char *code, const char *message)
{
	const char *xml = cx_fmt(cx, "<?xml version=\"1.0\" "
	    "encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s"
	    "</Message></Error>", code, message);

	return resp_raw(rs, status, "application/xml", xml, strlen(xml));
}

enum err
s3_status(struct cx *cx, struct req *rq, struct resp *rs, int status)
{
	(void)rq;
	switch (status) {
	case 403:
		return s3_error(cx, rs, status, "AccessDenied",
		    "Access Denied");
	case 404:
		return s3_error(cx, rs, status, "NoSuchKey",
		    "The specified key does not exist.");
	case 429:
		return s3_error(cx, rs, status, "TooManyRequests",
		    "Reduce your rate of simultaneous requests on the same "
		    "object.");
	case 503:
		return s3_error(cx, rs, status, "ServiceUnavailable",
		    "Reduce your request rate.");
	default:
		return s3_error(cx, rs, status, "InternalError",
		    "We encountered an internal error. Please try again.");
	}
}
