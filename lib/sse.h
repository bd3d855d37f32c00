/*
 * sse - server-sent events (WHATWG HTML, 9.2)
 *
 * Unlike other answers a stream goes out as it is written.  After sse_open()
 * nothing can become an error page any more; every call gives E_HUP when the
 * client has left.  nginx is told not to buffer.
 */
#ifndef MINA_SSE_H
#define MINA_SSE_H

#include "err.h"

struct cx;
struct req;
struct resp;

#define SSE_HEARTBEAT_MS	15000

enum err sse_open(struct cx *, struct req *, struct resp *) MUSTCHECK;
/* data is one line (JSON); id may be NULL. */
enum err sse_event(struct cx *, struct req *, const char *id,
    const char *event, const char *data) MUSTCHECK;
/* A comment: keeps the connection, and notices that nobody is there. */
enum err sse_beat(struct req *) MUSTCHECK;

#endif
