/*
 * inbox - the mails that were sent: GET /inbox for people, GET /inbox.json
 */
#ifndef SANDBOX_INBOX_H
#define SANDBOX_INBOX_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err inbox_page(struct cx *, struct req *, struct resp *);
enum err inbox_json(struct cx *, struct req *, struct resp *);

#endif
