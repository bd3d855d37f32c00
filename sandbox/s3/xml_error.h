/*
 * s3error - errors as the object store says them, in XML
 */
#ifndef SANDBOX_XML_ERROR_H
#define SANDBOX_XML_ERROR_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err s3_error(struct cx *, struct resp *, int status, const char *code,
	    const char *message) MUSTCHECK;
/* The error R2 gives with that status. */
enum err s3_status(struct cx *, struct req *, struct resp *, int status)
	    MUSTCHECK;

#endif
