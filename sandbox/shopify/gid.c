/*
 * shopgid - global ids and cursors of the emulated Admin API
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/graphql_types.h"

const char *
shop_gid(struct cx *cx, const char *type, int64_t id)
{
	return cx_fmt(cx, "gid://shopify/%s/%lld", type, (long long)id);
}

int64_t
shop_gid_id(const char *gid, const char *type)
{
	static const char head[] = "gid://shopify/";
	size_t n = strlen(type);
	int64_t id;

	if (!str_starts(gid, head))
		return 0;
	gid += strlen(head);
	if (strncmp(gid, type, n) != 0 || gid[n] != '/' ||
	    !str_int(gid + n + 1, 1, INT64_MAX, &id))
		return 0;
	return id;
}

#define LAST_ID		"{\"last_id\":"
#define LAST_VALUE	",\"last_value\":"

const char *
shop_cursor(struct cx *cx, int64_t id, int64_t v)
{
	const char *s = cx_fmt(cx, LAST_ID "%lld" LAST_VALUE "%lld}",
	    (long long)id, (long long)v);

	return encode_base64(cx, s, strlen(s));
}

/* What follows name in *s, as a number; *s goes behind it. */
static bool
number(struct cx *cx, const char **s, const char *name, int64_t *out)
{
	const char *digits;

	if (!str_starts(*s, name))
		return false;
	*s += strlen(name);
	digits = cx_dupn(cx, *s, strspn(*s, "0123456789"));
	*s += strlen(digits);
	return str_int(digits, 0, INT64_MAX, out);
}

/* Not with a parser of JSON, which would round it. */
bool
shop_cursor_read(struct cx *cx, const char *cursor, int64_t *id, int64_t *v)
{
	size_t n;
	const char *s = (const char *)decode_base64(cx, cursor, &n);

	if (s == NULL)
		return false;
	s = cx_dupn(cx, s, n);
	return number(cx, &s, LAST_ID, id) && number(cx, &s, LAST_VALUE, v) &&
	    str_eq(s, "}");
}
