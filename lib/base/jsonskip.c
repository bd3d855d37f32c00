/*
 * jsonskip - a scanner of JSON that drops the values of some members
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/jsonskip.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Inside of a string, or at its last quote. */
static void
in_string(struct jsonskip *s, char c)
{
	if (s->escaped)
		s->escaped = false;
	else if (c == '\\')
		s->escaped = true;
	else if (c == '"') {
		s->in_string = false;
		return;
	}
	if (s->state == JSONSKIP_KEEP && s->lastlen < JSONSKIP_NAME)
		s->last[s->lastlen++] = c;
}

static bool
last_is_named(const struct jsonskip *s)
{
	for (const char *const *n = s->names; *n != NULL; n++)
		if (strlen(*n) == s->lastlen &&
		    memcmp(*n, s->last, s->lastlen) == 0)
			return true;
	return false;
}

static void
keep(struct jsonskip *s, char c)
{
	if (s->in_string)
		in_string(s, c);
	else if (c == '"') {
		s->in_string = true;
		s->lastlen = 0;
	} else if (c == ':' && last_is_named(s)) {
		s->state = JSONSKIP_BEFORE;
		s->depth = 0;
		s->nested = false;
	} else if (!is_blank(c))
		s->lastlen = JSONSKIP_NAME;	/* no name is before it */
}

/* False: c belongs to what comes after the value. */
static bool
skip(struct jsonskip *s, char c)
{
	if (s->in_string) {
		in_string(s, c);
		if (!s->in_string && !s->nested)
			s->state = JSONSKIP_KEEP;
		return true;
	}
	if (s->state == JSONSKIP_BEFORE && is_blank(c))
		return true;
	s->state = JSONSKIP_INSIDE;
	if (c == '"')
		s->in_string = true;
	else if (c == '{' || c == '[') {
		s->nested = true;
		s->depth++;
	} else if (s->nested) {
		if ((c == '}' || c == ']') && --s->depth == 0)
			s->state = JSONSKIP_KEEP;
	} else if (c == ',' || c == '}' || c == ']') {
		s->state = JSONSKIP_KEEP;
		return false;
	}
	return true;
}

bool
jsonskip_put(struct jsonskip *s, struct buf *b, const char *p, size_t n)
{
	size_t from = 0;	/* p[from..i) is kept and not yet appended */

	for (size_t i = 0; i < n; i++) {
		if (s->state != JSONSKIP_KEEP) {
			from = i + 1;
			if (skip(s, p[i]))
				continue;
			from = i;
		}
		keep(s, p[i]);
		if (s->state == JSONSKIP_KEEP)
			continue;
		/* The colon has just been read. */
		buf_put(b, p + from, i + 1 - from);
		buf_puts(b, "null");
		from = i + 1;
	}
	if (s->state == JSONSKIP_KEEP && from < n)
		buf_put(b, p + from, n - from);
	return buf_ok(b);
}
