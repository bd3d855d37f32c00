/* members - writes lists of members with base/json */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/members.h"

static void
put_const(struct json *js, const char *s)
{
	char key[80], value[160];
	const char *colon;
	size_t n;

	for (; *s != '\0'; s += n + strspn(s + n, " ")) {
		n = strcspn(s, " ");
		AN(colon = memchr(s, ':', n));
		snprintf(key, sizeof key, "%.*s", (int)(colon - s), s);
		snprintf(value, sizeof value, "%.*s",
		    (int)(s + n - colon - 1), colon + 1);
		for (char *p = value; *p != '\0'; p++)
			*p = *p == '\'' ? '"' : *p;
		json_raw(js, key, value);
	}
}

static void
put_id(struct json *js, const char *key, int64_t id)
{
	char s[24];

	snprintf(s, sizeof s, "%lld", (long long)id);
	json_str(js, key, id != 0 ? s : NULL);
}

static void
put(struct json *js, const struct member *m)
{
	switch (m->type) {
	case M_STR:
		json_str(js, m->key, m->s);
		break;
	case M_INT:
		json_int(js, m->key, m->i);
		break;
	case M_ID:
		put_id(js, m->key, m->i);
		break;
	case M_NUM:
		json_num(js, m->key, m->d);
		break;
	case M_BOOL:
		json_bool(js, m->key, m->i != 0);
		break;
	case M_TIME:
		json_time(js, m->key, m->i);
		break;
	case M_RAW:
		json_raw(js, m->key, m->s);
		break;
	case M_TREE:
		json_tree(js, m->key, m->tree);
		break;
	case M_OBJ:
		json_obj(js, m->key);
		break;
	case M_LIST:
		json_list(js, m->key);
		break;
	case M_END:
		json_end(js);
		break;
	case M_CONST:
		put_const(js, m->s);
		break;
	case M_CALL:
		m->fn(js, m->key, m->i);
		break;
	}
}

void
members_put(struct json *js, const struct member *m, size_t n)
{
	for (; n > 0; m++, n--)
		put(js, m);
}

enum err
members_reply(struct resp *rs, int status, const struct member *m, size_t n)
{
	members_put(resp_json(rs, status), m, n);
	return resp_done(rs);
}
