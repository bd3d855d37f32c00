/*
 * err - the table of err.def, and filling in cx->err
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "base/err.h"
#include "base/log.h"

struct err_row {
	int		 http;
	bool		 retry;
	const char	*slug, *name, *title, *message;
};

static const struct err_row rows[E__MAX] = {
#define ERR(c, h, s, r, t, m) \
	[c] = { .http = h, .retry = r, .slug = s, .name = #c, .title = t, \
	    .message = m },
#include "base/err.def"
#undef ERR
};

static const struct err_row *
row(enum err er)
{
	if ((unsigned)er >= E__MAX)
		BUG("no such error");
	return &rows[er];
}

int		 err_http(enum err er) { return row(er)->http; }
bool		 err_retry(enum err er) { return row(er)->retry; }
const char	*err_slug(enum err er) { return row(er)->slug; }
const char	*err_name(enum err er) { return row(er)->name; }
const char	*err_title(enum err er) { return row(er)->title; }
const char	*err_message(enum err er) { return row(er)->message; }

enum err
err_from_slug(const char *slug)
{
	for (int i = E_OK + 1; i < E__MAX; i++)
		if (rows[i].http != 0 && strcmp(rows[i].slug, slug) == 0)
			return (enum err)i;
	return E_BUG;
}

static void __attribute__((format(printf, 3, 0)))
fill(struct cx *cx, enum err er, const char *fmt, va_list ap)
{
	memset(&cx->err, 0, sizeof cx->err);
	cx->err.code = er;
	vsnprintf(cx->err.detail, sizeof cx->err.detail, fmt, ap);
}

enum err
err_set(struct cx *cx, enum err er, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(cx, er, fmt, ap);
	va_end(ap);
	return er;
}

enum err
err_say(struct cx *cx, enum err er, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(cx, er, fmt, ap);
	va_end(ap);
	snprintf(cx->err.say, sizeof cx->err.say, "%.239s", cx->err.detail);
	return er;
}

enum err
err_field(struct cx *cx, const char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(cx, E_FIELD, fmt, ap);
	va_end(ap);
	snprintf(cx->err.say, sizeof cx->err.say, "%.64s: %.160s", path,
	    cx->err.detail);
	snprintf(cx->err.field, sizeof cx->err.field, "%s", path);
	return E_FIELD;
}

enum err
err_reason(struct cx *cx, const char *reason, enum err er)
{
	cx->err.reason = reason;
	return er;
}

void
bug_fail(const char *file, int line, const char *func, const char *what)
{
	log_bug(file, line, func, what);
	abort();
}
