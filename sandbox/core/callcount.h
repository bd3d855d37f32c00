/*
 * tally - what was asked of the sandbox, and how often
 *
 * Counters since the start or the last reset, per place and status; how many
 * predictions were accepted, and for how many different inputs, which is how
 * tests see that nothing was bought twice; the last requests of each place,
 * without their secrets.
 */
#ifndef SANDBOX_CALLCOUNT_H
#define SANDBOX_CALLCOUNT_H

#include <stdint.h>

#include "base/err.h"
#include "core/endpoint.h"

struct cx;
struct http_call;
struct json;
struct req;
struct resp;

/* Notes a request; returns a number to say its status with later. */
uint64_t tally_request(enum place, struct req *);
void	 tally_status(enum place, uint64_t number, int status);
/* Notes a call of ours, before it is made, with its status later. */
uint64_t tally_call(enum place, const struct http_call *);
/* Counts an accepted create; how often this input came, this one included. */
unsigned tally_create(const char *sha);
void	 tally_render(int64_t us);
void	 tally_reset(void);

void	 tally_print(struct json *);
/* GET /_sandbox/requests?target= */
enum err tally_requests(struct cx *, struct req *, struct resp *);

#endif
