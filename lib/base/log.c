/*
 * log - writes log lines, with a time or a priority in front
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"

#define LINE_MAX_BYTES	2048

static const char *const names[LOG__MAX] = {
	[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn",
	[LOG_ERR] = "err",
};

/* RFC 5424, table 2 */
static const char priority[LOG__MAX] = {
	[LOG_DEBUG] = '7', [LOG_INFO] = '6', [LOG_WARN] = '4',
	[LOG_ERR] = '3',
};
#define PRIORITY_BUG	'2'

static enum log_level least = LOG_INFO;
static const char *program;
static bool journal;
static char pending[32768];
static size_t npending;

/* systemd.exec(5): the device and inode of the stream, in decimal. */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char want[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(want, sizeof want, "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, want) == 0;
}

void
log_open(const char *prog)
{
	program = prog;
	journal = is_journal();
}

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
			break;		/* and nowhere to report it */
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

/* The text of a second is made once: only the milliseconds change. */
static size_t
put_time(char *out)
{
	static char text[CLOCK_LEN];
	static int64_t second = -1;
	int64_t now = clock_now();
	int ms = (int)(now % 1000);

	if (now / 1000 != second) {
		second = now / 1000;
		clock_rfc3339(second * 1000, text);
	}
	memcpy(out, "time=", 5);
	memcpy(out + 5, text, 24);
	out[25] = (char)('0' + ms / 100);
	out[26] = (char)('0' + ms / 10 % 10);
	out[27] = (char)('0' + ms % 10);
	out[29] = ' ';
	return 30;
}

static size_t
put_text(char *out, const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	memcpy(out, s, n);
	return n;
}

/* What every line begins with; out has HEAD_MAX bytes. */
#define HEAD_MAX	200

static size_t
put_head(char *out, const char *level, char prio, const char *reqid)
{
	size_t n;

	if (journal) {
		out[0] = '<';
		out[1] = prio;
		out[2] = '>';
		n = 3;
	} else
		n = put_time(out);
	n += put_text(out + n, "level=", 6);
	n += put_text(out + n, level, 8);
	n += put_text(out + n, " prog=", 6);
	n += put_text(out + n, program != NULL ? program :
	    program_invocation_short_name, 32);
	if (*reqid != '\0') {
		n += put_text(out + n, " req=", 5);
		n += put_text(out + n, reqid, 64);
	}
	out[n++] = ' ';
	return n;
}

__attribute__((format(printf, 3, 0)))
static void
vlog(enum log_level level, const char *reqid, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES], msg[1024];
	size_t n;

	if (level < least)
		return;
	vsnprintf(msg, sizeof msg, fmt, ap);
	n = put_head(line, names[level], priority[level], reqid);
	memcpy(line + n, "msg=", 4);
	n += 4;
	n += quote(line + n, sizeof line - n - 1, msg);
	line[n++] = '\n';
	add(line, n);
	if (level >= LOG_WARN)
		log_flush();
}

void
log_msg(enum log_level level, const struct cx *cx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(level, cx != NULL ? cx->reqid : "", fmt, ap);
	va_end(ap);
}

void
log_id(enum log_level level, const char *reqid, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog(level, reqid, fmt, ap);
	va_end(ap);
}

void
log_fields(const char *reqid, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	size_t n, room;
	va_list ap;
	int len;

	n = put_head(line, names[LOG_INFO], priority[LOG_INFO], reqid);
	room = sizeof line - n - 1;
	va_start(ap, fmt);
	len = vsnprintf(line + n, room, fmt, ap);
	va_end(ap);
	n += (size_t)len < room ? (size_t)len : room - 1;
	line[n++] = '\n';
	add(line, n);
}

void
log_bug(const char *file, int line, const char *func, const char *what)
{
	char text[LINE_MAX_BYTES];
	size_t n = put_head(text, "bug", PRIORITY_BUG, "");

	n += (size_t)snprintf(text + n, 600, "where=%.200s:%d in=%.100s "
	    "what=", file, line, func);
	n += quote(text + n, sizeof text - n - 1, what);
	text[n++] = '\n';
	add(text, n);
	log_flush();
}

void
log_access(const struct cx *cx, const char *method, const char *route,
    int status, int64_t us, size_t bytes, const char *er)
{
	char line[HEAD_MAX + 512];
	size_t head;
	int n;

	if (least > LOG_INFO)
		return;
	head = put_head(line, names[LOG_INFO], priority[LOG_INFO], cx->reqid);
	n = snprintf(line + head, sizeof line - head, "method=%.8s "
	    "route=%.100s status=%d us=%" PRId64 " db_us=%" PRId64
	    " bytes=%zu%s%.24s\n", method, route, status, us, cx->db_us,
	    bytes, er != NULL ? " er=" : "", er != NULL ? er : "");
	if (n > 0 && (size_t)n < sizeof line - head)
		add(line, head + (size_t)n);
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

const char *
log_host(const char *url, char *out, size_t n)
{
	char *path;

	log_url(url, out, n);
	path = strstr(out, "://");
	path = path != NULL ? path + 3 : out;
	path[strcspn(path, "/\\")] = '\0';
	return out;
}
