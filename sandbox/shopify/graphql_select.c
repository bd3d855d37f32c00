/*
 * gqlselect - of all that is known, what was asked; see gql.h
 */
#include "config.h"

#include "core/sandbox.h"
#include "shopify/graphql.h"

/* What of a list is shown: [from, to). */
struct cut {
	int64_t		 from, to, all;
};

static struct cut
cut_of(const struct gql_field *f, const struct cJSON *list)
{
	const char *after = json_text(json_get(f->args, "after"));
	struct cut c = { .all = (int64_t)json_count(list) };
	int64_t first, i = 0;

	for (const struct cJSON *e = json_first(list); e != NULL &&
	    after != NULL; e = json_next(e)) {
		i++;
		if (str_eq(json_text(json_get(e, "cursor")), after))
			c.from = i;
	}
	first = json_int_or(json_get(f->args, "first"), c.all);
	c.to = first >= 0 && c.from + first < c.all ? c.from + first : c.all;
	return c;
}

static void
show_list(struct json *js, const struct gql_field *f,
    const struct cJSON *list, const struct cut *c, const char *within)
{
	int64_t i = 0;

	json_list(js, f->alias);
	for (const struct cJSON *m = json_first(list); m != NULL;
	    m = json_next(m), i++)
		if (i >= c->from && i < c->to)
			gql_select(js, NULL, f->child, within != NULL ?
			    json_get(m, within) : m);
	json_end(js);
}

/* Where its list was cut, a connection says so. */
static void
page_info(struct json *js, const struct gql_field *f,
    const struct cJSON *edges, const struct cut *c)
{
	const char *from = NULL, *to = NULL;
	int64_t i = 0;

	for (const struct cJSON *e = json_first(edges); e != NULL;
	    e = json_next(e), i++) {
		if (i == c->from && c->to > c->from)
			from = json_text(json_get(e, "cursor"));
		if (i == c->to - 1)
			to = json_text(json_get(e, "cursor"));
	}
	json_obj(js, f->alias);
	for (f = f->child; f != NULL; f = f->next)
		if (str_eq(f->name, "hasNextPage"))
			json_bool(js, f->alias, c->to < c->all);
		else if (str_eq(f->name, "hasPreviousPage"))
			json_bool(js, f->alias, c->from > 0);
		else if (str_eq(f->name, "startCursor"))
			json_str(js, f->alias, from);
		else if (str_eq(f->name, "endCursor"))
			json_str(js, f->alias, to);
		else if (f->name != NULL)
			json_str(js, f->alias, "PageInfo");
	json_end(js);
}

/*
 * One within an object is all there and cut here; one that was cut already
 * has its own pageInfo.
 */
static void
connection(struct json *js, const struct gql_field *f,
    const struct cJSON *all)
{
	const struct cJSON *edges = json_get(all, "edges");
	const struct cJSON *info = json_get(all, "pageInfo");
	struct cut c = { .to = (int64_t)json_count(edges) };

	if (info == NULL)
		c = cut_of(f, edges);
	json_obj(js, f->alias);
	for (f = f->child; f != NULL; f = f->next)
		if (str_eq(f->name, "nodes"))
			show_list(js, f, edges, &c, "node");
		else if (str_eq(f->name, "edges"))
			show_list(js, f, edges, &c, NULL);
		else if (str_eq(f->name, "pageInfo") && info == NULL)
			page_info(js, f, edges, &c);
		else if (str_eq(f->name, "pageInfo"))
			gql_select(js, f->alias, f->child, info);
		else if (f->name != NULL)
			json_tree(js, f->alias, json_get(all, f->name));
	json_end(js);
}

static void
member(struct json *js, const struct gql_field *f, const struct cJSON *v)
{
	struct cut c;

	if (f->child == NULL)
		json_tree(js, f->alias, v);
	else if (json_is_list(v)) {
		c = cut_of(f, v);
		show_list(js, f, v, &c, NULL);
	} else if (json_get(v, "edges") != NULL)
		connection(js, f, v);
	else
		gql_select(js, f->alias, f->child, v);
}

static void
members(struct json *js, const struct gql_field *f, const struct cJSON *all)
{
	const char *is = json_text(json_get(all, "__typename"));

	for (; f != NULL; f = f->next)
		if (f->name != NULL)
			member(js, f, json_get(all, f->name));
		else if (f->on == NULL || str_eq(f->on, is))
			members(js, f->child, all);
}

void
gql_select(struct json *js, const char *key,
    const struct gql_field *selection, const struct cJSON *all)
{
	if (!json_is_obj(all)) {
		json_null(js, key);
		return;
	}
	json_obj(js, key);
	members(js, selection, all);
	json_end(js);
}

void
gql_show(struct json *js, const struct gql_field *f, const struct cJSON *all)
{
	member(js, f, all);
}
