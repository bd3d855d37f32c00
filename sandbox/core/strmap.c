/*
 * table - see table.h
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/strmap.h"

struct table_entry {
	struct table_entry	*next;
	const char		*key;
	void			*value;
};

static size_t
place_of(const char *key)
{
	uint32_t h = 2166136261u;

	/* FNV-1a */
	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h % TABLE_BUCKETS;
}

void *
table_get(const struct table *t, const char *key)
{
	for (const struct table_entry *e = t->bucket[place_of(key)];
	    e != NULL; e = e->next)
		if (strcmp(e->key, key) == 0)
			return e->value;
	return NULL;
}

void
table_put(struct table *t, const char *key, void *value)
{
	struct table_entry **head = &t->bucket[place_of(key)], *e;

	XXXAN(e = malloc(sizeof *e));
	e->key = key;
	e->value = value;
	e->next = *head;
	*head = e;
}

void
table_drop(struct table *t, const char *key)
{
	struct table_entry **p = &t->bucket[place_of(key)], *e;

	for (; (e = *p) != NULL; p = &e->next)
		if (strcmp(e->key, key) == 0) {
			*p = e->next;
			free(e);
			return;
		}
}
