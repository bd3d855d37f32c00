/*
 * sse - server-sent events (WHATWG HTML, 9.2) over resp_stream()
 *
 * Each call gives E_HUP when the client has left.
 */
#ifndef MINA_SSE_H
#define MINA_SSE_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

#define SSE_HEARTBEAT_MS	15000

coroutine_fn enum err sse_open(struct req *, struct resp *) MUSTCHECK;
/* data is one line (JSON); id may be NULL. */
coroutine_fn enum err sse_event(struct cx *, struct req *, const char *id,
    const char *event, const char *data) MUSTCHECK;
/* Sends a comment, to keep the connection and to notice that it is lost. */
coroutine_fn enum err sse_beat(struct req *) MUSTCHECK;

#endif
