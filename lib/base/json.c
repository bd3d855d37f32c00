/*
 * json - the JSON writer
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

void
json_init(struct json *js, struct buf *out)
{
	memset(js, 0, sizeof *js);
	js->out = out;
}

void
json_quote(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *from = s;

	buf_putc(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_put(b, from, (size_t)(s - from));
		from = s + 1;
		buf_putc(b, '\\');
		switch (c) {
		case '"':
		case '\\':
			buf_putc(b, (char)c);
			break;
		case '\n':
			buf_putc(b, 'n');
			break;
		case '\r':
			buf_putc(b, 'r');
			break;
		case '\t':
			buf_putc(b, 't');
			break;
		default:
			buf_puts(b, "u00");
			buf_putc(b, hex[c >> 4]);
			buf_putc(b, hex[c & 15]);
		}
	}
	buf_put(b, from, (size_t)(s - from));
	buf_putc(b, '"');
}

static void
start(struct json *js, const char *key)
{
	if (js->comma[js->depth])
		buf_putc(js->out, ',');
	js->comma[js->depth] = true;
	if (key != NULL) {
		json_quote(js->out, key);
		buf_putc(js->out, ':');
	}
}

static void
enter(struct json *js, const char *key, char open, char close)
{
	start(js, key);
	buf_putc(js->out, open);
	if (js->depth + 1 >= JSON_DEPTH) {
		js->failed = true;
		return;
	}
	js->close[js->depth++] = close;
	js->comma[js->depth] = false;
}

void
json_obj(struct json *js, const char *key)
{
	enter(js, key, '{', '}');
}

void
json_list(struct json *js, const char *key)
{
	enter(js, key, '[', ']');
}

void
json_end(struct json *js)
{
	if (js->depth == 0) {
		js->failed = true;
		return;
	}
	buf_putc(js->out, js->close[--js->depth]);
}

void
json_str(struct json *js, const char *key, const char *s)
{
	start(js, key);
	if (s == NULL)
		buf_puts(js->out, "null");
	else
		json_quote(js->out, s);
}

void
json_int(struct json *js, const char *key, int64_t v)
{
	start(js, key);
	buf_fmt(js->out, "%" PRId64, v);
}

void
json_num(struct json *js, const char *key, double v)
{
	start(js, key);
	if (isfinite(v))
		buf_fmt(js->out, "%.3f", v);
	else
		buf_puts(js->out, "null");
}

void
json_bool(struct json *js, const char *key, bool v)
{
	start(js, key);
	buf_puts(js->out, v ? "true" : "false");
}

void
json_null(struct json *js, const char *key)
{
	json_raw(js, key, NULL);
}

void
json_time(struct json *js, const char *key, int64_t ms)
{
	char t[CLOCK_LEN];

	if (ms != 0)
		clock_rfc3339(ms, t);
	json_str(js, key, ms != 0 ? t : NULL);
}

void
json_raw(struct json *js, const char *key, const char *text)
{
	start(js, key);
	buf_puts(js->out, text != NULL ? text : "null");
}

bool
json_ok(const struct json *js)
{
	return !js->failed && buf_ok(js->out);
}
