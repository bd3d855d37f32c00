/* pictures - takes the user's texts apart, and finds them by name */
#include "config.h"

#include <ctype.h>
#include <strings.h>

#include "core/service.h"
#include "openai/chat.h"

#define TEXT_MAX	(256 << 10)

static const char *const roles[] = {
	"product", "logo", "inspiration", "output", "still", NULL
};

const char *
role_in(const char *s)
{
	const char *best = NULL, *at, *first = NULL;

	for (const char *const *r = roles; s != NULL && *r != NULL; r++) {
		at = strcasestr(s, *r);
		if (at != NULL && (first == NULL || at < first)) {
			first = at;
			best = *r;
		}
	}
	return best;
}

/* The last part of a path that is not the number of a list's entry. */
static const char *
key_of(struct cx *cx, const char *path)
{
	size_t n = strlen(path), m;

	for (;;) {
		for (m = n; m > 0 && path[m - 1] != '.'; m--)
			;
		if (m == 0 || strspn(path + m, "0123456789") < n - m)
			return cx_dupn(cx, path + m, n - m);
		n = m - 1;
	}
}

static char *
plain(struct cx *cx, const char *s, size_t n)
{
	char *out = cx_dupn(cx, s, n), *q = out;

	for (const char *p = out; *p != '\0'; p++)
		if (isalnum((unsigned char)*p))
			*q++ = (char)tolower((unsigned char)*p);
	*q = '\0';
	return out;
}

static void
add(struct cx *cx, struct material *a, const char *path, const char *text)
{
	struct named_text *t;

	text += strspn(text, " \t\r\n");
	if (a->ntext == MATERIAL_TEXTS || *text == '\0')
		return;
	t = &a->text[a->ntext++];
	t->path = path;
	t->key = key_of(cx, path);
	t->text = text;
}

/* Depth is bounded by json_parse(). */
static void
flatten(struct cx *cx, struct material *a, const char *path,
    const struct cJSON *js)
{
	const char *sub;
	int i = 0;

	if (json_text(js) != NULL) {
		add(cx, a, path, json_text(js));
		return;
	}
	JSON_EACH(m, js) {
		sub = json_is_list(js) ? cx_fmt(cx, "%d", i++) :
		    plain(cx, json_key(m), strlen(json_key(m)));
		flatten(cx, a, *path == '\0' ? sub :
		    cx_fmt(cx, "%s.%s", path, sub), m);
	}
	/* {"style.minimal": 1.8}: the name is the text. */
	if (!json_is_obj(js) && !json_is_list(js) && !json_is_null(js))
		add(cx, a, path, json_print(cx, js));
}

static char *
unescape(struct cx *cx, const char *s, size_t n)
{
	static const struct { const char *from; char to; } e[] = {
		{ "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' },
		{ "&quot;", '"' }, { "&#39;", '\'' },
	};
	char *out = cx_dupn(cx, s, n), *q = out, *p = out;

	while (*p != '\0') {
		size_t i;

		for (i = 0; i < sizeof e / sizeof *e; i++)
			if (str_starts(p, e[i].from))
				break;
		if (i < sizeof e / sizeof *e) {
			*q++ = e[i].to;
			p += strlen(e[i].from);
		} else
			*q++ = *p++;
	}
	while (q > out && isspace((unsigned char)q[-1]))
		q--;
	*q = '\0';
	return out;
}

/* <data name="brief">, or "Brief: <data>", or nothing says. */
static const char *
name_of(struct cx *cx, const char *start, const char *tag, const char *end)
{
	const char *q = memchr(tag, '"', (size_t)(end - tag)), *e;

	if (q != NULL &&
	    (e = memchr(q + 1, '"', (size_t)(end - q - 1))) != NULL)
		return plain(cx, q + 1, (size_t)(e - q - 1));
	while (tag > start && isspace((unsigned char)tag[-1]))
		tag--;
	if (tag == start || tag[-1] != ':')
		return "data";
	for (q = tag - 1; q > start && strchr(".\n>", q[-1]) == NULL; q--)
		;
	return plain(cx, q, (size_t)(tag - 1 - q));
}

static void
read_data(struct cx *cx, struct material *a, const char *name, const char *s,
    size_t n)
{
	char *text = unescape(cx, s, n);
	struct cJSON *js;

	s = text + strspn(text, " \t\r\n");
	if ((*s == '{' || *s == '[') &&
	    json_parse(cx, s, strlen(s), &js) == E_OK)
		flatten(cx, a, str_eq(name, "data") ? "" : name, js);
	else
		add(cx, a, name, s);
}

static void
read_text(struct cx *cx, struct material *a, struct buf *words, const char *s)
{
	const char *from = s, *tag, *body, *end;

	while ((tag = strstr(s, "<data")) != NULL &&
	    (body = strchr(tag, '>')) != NULL &&
	    (end = strstr(body, "</data>")) != NULL) {
		buf_put(words, s, (size_t)(tag - s));
		buf_putc(words, ' ');
		read_data(cx, a, name_of(cx, from, tag, body), body + 1,
		    (size_t)(end - body - 1));
		s = end + strlen("</data>");
	}
	buf_puts(words, s);
	buf_putc(words, '\n');
}

const char *
material_each(const struct material *a, const char *keys, size_t *i)
{
	/* Taste tells of other pictures, which had briefs of their own. */
	for (; *i < a->ntext; (*i)++)
		if (word_in(keys, a->text[*i].key) &&
		    !str_starts(a->text[*i].path, "taste."))
			return a->text[(*i)++].text;
	return NULL;
}

const char *
material_find(const struct material *a, const char *keys)
{
	const char *s = NULL;
	char key[64];
	size_t n, i;

	/* The first key that is there, not the first text. */
	for (; s == NULL && *keys != '\0'; keys += n + (keys[n] == ' ')) {
		n = strcspn(keys, " ");
		snprintf(key, sizeof key, "%.*s", (int)n, keys);
		i = 0;
		s = material_each(a, key, &i);
	}
	return s;
}

static const char *
role_of(const struct material *a)
{
	const char *role = role_in(a->words);
	const char *s;

	if (role == NULL && (s = material_find(a,
	    "role picture kind image asset type which")) != NULL)
		role = role_in(s);
	for (size_t i = 0; role == NULL && i < a->ntext; i++)
		role = role_in(a->text[i].path);
	return role;
}

struct material *
material_read(struct cx *cx, const struct cJSON *messages)
{
	struct material *a = cx_alloc(cx, sizeof *a);
	struct buf *words = buf_new(cx, TEXT_MAX);
	const struct cJSON *c;
	const char *s;

	XXXAN(a);
	JSON_EACH(m, messages) {
		/* What the others say is instruction, not material. */
		if (!str_eq(json_text(json_get(m, "role")), "user"))
			continue;
		c = json_get(m, "content");
		if ((s = json_text(c)) != NULL)
			read_text(cx, a, words, s);
		for (c = json_first(c); c != NULL; c = json_next(c))
			if ((s = json_text(json_get(c, "text"))) != NULL)
				read_text(cx, a, words, s);
	}
	a->words = words->data;
	if (a->ntext == 0)
		add(cx, a, "text", words->data);
	a->role = role_of(a);
	return a;
}
