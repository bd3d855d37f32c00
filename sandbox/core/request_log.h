/*
 * request_log - counts and records what the sandbox was asked, by endpoint
 *
 * Counters since the start or the last reset, by endpoint and status; how
 * many predictions were accepted, and for how many different inputs, which
 * is how tests see that nothing was bought twice; the last requests of each
 * endpoint, without their secrets.
 */
#ifndef SANDBOX_REQUEST_LOG_H
#define SANDBOX_REQUEST_LOG_H

#include <stdint.h>

#include "core/emulator.h"

struct http_call;

/* Records a request; returns a number to give its status with later. */
uint64_t request_log_received(enum endpoint, struct req *);
/* The same of a webhook, before it is sent. */
uint64_t request_log_sent(enum endpoint, const struct http_call *);
void	 request_log_status(enum endpoint, uint64_t number, int status);
/* Counts an accepted prediction by the SHA-256 of its input. */
void	 request_log_accepted(const char *sha);
void	 request_log_rendered(int64_t us);
void	 request_log_reset(void);

/* The members of GET /_sandbox/stats, and GET /_sandbox/requests?target= */
void	 request_log_stats(struct json *);
enum err request_log_get(struct cx *, struct req *, struct resp *);

#endif
