/*
 * log - see log.h
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cx.h"
#include "base/log.h"

#define LINE_MAX_BYTES	2048

static const char *const names[LOG__MAX] = {
	[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn",
	[LOG_ERR] = "err",
};

static enum log_level least = LOG_INFO;
static char pending[32768];
static size_t npending;

void
log_level(const char *name)
{
	least = LOG_INFO;
	for (int i = 0; i < LOG__MAX; i++)
		if (name != NULL && strcmp(name, names[i]) == 0)
			least = (enum log_level)i;
}

void
log_flush(void)
{
	size_t off = 0;
	ssize_t n;

	while (off < npending) {
		n = write(STDERR_FILENO, pending + off, npending - off);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;		/* nowhere left to complain to */
		off += (size_t)n;
	}
	npending = 0;
}

static void
add(const char *line, size_t n)
{
	if (npending + n > sizeof pending)
		log_flush();
	memcpy(pending + npending, line, n);
	npending += n;
}

/* Quote: control characters, quotes and backslashes are escaped. */
static size_t
quote(char *out, size_t size, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	out[n++] = '"';
	for (; *s != '\0' && n + 6 < size; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			out[n++] = '\\';
			out[n++] = (char)c;
		} else if (c == '\n') {
			out[n++] = '\\';
			out[n++] = 'n';
		} else if (c < 0x20 || c == 0x7f) {
			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = hex[c >> 4];
			out[n++] = hex[c & 15];
		} else
			out[n++] = (char)c;
	}
	out[n++] = '"';
	return n;
}

void
log_msg(enum log_level level, const struct cx *cx, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], msg[1024];
	va_list ap;
	size_t n;

	if (level < least)
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	n = (size_t)snprintf(line, 200, "level=%s prog=%.32s%s%.40s msg=",
	    names[level], cx != NULL && cx->prog != NULL ? cx->prog : "mina",
	    cx != NULL && cx->reqid[0] != '\0' ? " req=" : "",
	    cx != NULL ? cx->reqid : "");
	n += quote(line + n, sizeof line - n - 1, msg);
	line[n++] = '\n';
	add(line, n);
	if (level >= LOG_WARN)
		log_flush();
}

void
log_access(const struct cx *cx, const char *method, const char *route,
    int status, int64_t us, size_t bytes, const char *er)
{
	char line[512];
	int n;

	if (least > LOG_INFO)
		return;
	n = snprintf(line, sizeof line, "level=info prog=%.32s req=%.40s "
	    "method=%.8s route=%.100s status=%d us=%" PRId64 " db_us=%" PRId64
	    " bytes=%zu%s%.24s\n", cx->prog, cx->reqid, method, route, status,
	    us, cx->db_us, bytes, er != NULL ? " er=" : "",
	    er != NULL ? er : "");
	if (n > 0 && (size_t)n < sizeof line)
		add(line, (size_t)n);
}

const char *
log_url(const char *url, char *out, size_t n)
{
	size_t len = strcspn(url, "?#"), scheme = 0;
	const char *host = memmem(url, len, "://", 3), *end;

	/* What is in the query is no scheme. */
	if (host == NULL) {
		snprintf(out, n, "%.*s", (int)len, url);
		return out;
	}
	host += 3;
	scheme = (size_t)(host - url);
	/* The last @ before the path: a password may hold others. */
	for (end = host + strcspn(host, "/?#"); end > host && end[-1] != '@';
	    end--)
		;
	snprintf(out, n, "%.*s%.*s", (int)scheme, url,
	    (int)(url + len - end), end);
	return out;
}
