/* graphql_select - prints, of all that is known, what was asked */
#include "config.h"

#include "core/service.h"
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

	if (after != NULL)
		JSON_EACH(e, list) {
			i++;
			if (str_eq(json_text(json_get(e, "cursor")), after))
				c.from = i;
		}
	first = json_int_or(json_get(f->args, "first"), c.all);
	c.to = first >= 0 && c.from + first < c.all ? c.from + first : c.all;
	return c;
}

static void
members(struct json *js, const struct gql_field *f, const struct cJSON *all)
{
	for (; f != NULL; f = f->next)
		if (f->name != NULL)
			gql_show(js, f, json_get(all, f->name));
		else if (f->on == NULL || str_eq(f->on,
		    json_text(json_get(all, "__typename"))))
			members(js, f->child, all);
}

static void
object(struct json *js, const char *key, const struct gql_field *selection,
    const struct cJSON *all)
{
	if (!json_is_obj(all)) {
		json_null(js, key);
		return;
	}
	json_obj(js, key);
	members(js, selection, all);
	json_end(js);
}

static void
show_list(struct json *js, const struct gql_field *f,
    const struct cJSON *list, const struct cut *c, const char *within)
{
	int64_t i = 0;

	json_list(js, f->alias);
	JSON_EACH(m, list) {
		if (i >= c->from && i < c->to)
			object(js, NULL, f->child, within != NULL ?
			    json_get(m, within) : m);
		i++;
	}
	json_end(js);
}

/* Where its list was cut, a connection says so. */
static void
page_info(struct json *js, const struct gql_field *f,
    const struct cJSON *edges, const struct cut *c)
{
	const char *from = NULL, *to = NULL, *cursor;
	int64_t i = 0;

	JSON_EACH(e, edges) {
		cursor = json_text(json_get(e, "cursor"));
		if (i == c->from && c->to > c->from)
			from = cursor;
		if (++i == c->to)
			to = cursor;
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
		else if (f->name != NULL)
			gql_show(js, f, json_get(all, f->name));
	json_end(js);
}

void
gql_show(struct json *js, const struct gql_field *f, const struct cJSON *all)
{
	struct cut c;

	if (f->child == NULL)
		json_tree(js, f->alias, all);
	else if (json_is_list(all)) {
		c = cut_of(f, all);
		show_list(js, f, all, &c, NULL);
	} else if (json_get(all, "edges") != NULL)
		connection(js, f, all);
	else
		object(js, f->alias, f->child, all);
}
