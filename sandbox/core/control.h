/*
 * control - the knobs and dials under /_sandbox
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err control_settings(struct cx *, struct req *, struct resp *);
enum err control_set(struct cx *, struct req *, struct resp *);
enum err control_stats(struct cx *, struct req *, struct resp *);
enum err control_reset(struct cx *, struct req *, struct resp *);
/* Takes anything: somewhere to send callbacks to. */
enum err control_sink(struct cx *, struct req *, struct resp *);

#endif
