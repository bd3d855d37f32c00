/*
 * front - what every emulated request goes through
 *
 * It is recorded, an ordered fault may strike before or after the work, and
 * its status is counted.  What is left to the handler is the emulation, and
 * the faults only it can act out (refused, failed, expired).
 */
#ifndef SANDBOX_FRONT_H
#define SANDBOX_FRONT_H

#include "base/err.h"
#include "core/endpoint.h"

struct cx;
struct fault;
struct req;
struct resp;

typedef enum err emulate(struct cx *, struct req *, struct resp *,
	    const struct fault *);

enum err front(struct cx *, struct req *, struct resp *, enum place,
	    emulate *) MUSTCHECK;

#endif
