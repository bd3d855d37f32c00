/*
 * s3server - the emulated object store, path style under /mina-media
 */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err s3server_put(struct cx *, struct req *, struct resp *);
enum err s3server_get(struct cx *, struct req *, struct resp *);
enum err s3server_delete(struct cx *, struct req *, struct resp *);
enum err s3server_options(struct cx *, struct req *, struct resp *);

#endif
