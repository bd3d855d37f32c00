/* strmap - a hash table with chains, of a fixed number of buckets */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/strmap.h"

struct strmap_entry {
	struct strmap_entry	*next;
	const char		*key;
	void			*value;
};

/* The link to the entry with that key, or to the NULL at the chain's end. */
static struct strmap_entry **
find(const struct strmap *m, const char *key)
{
	uint32_t h = 2166136261u;
	struct strmap_entry **p;

	/* FNV-1a */
	for (const char *s = key; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	p = (struct strmap_entry **)(uintptr_t)&m->bucket[h % STRMAP_BUCKETS];
	while (*p != NULL && strcmp((*p)->key, key) != 0)
		p = &(*p)->next;
	return p;
}

void *
strmap_get(const struct strmap *m, const char *key)
{
	const struct strmap_entry *e = *find(m, key);

	return e != NULL ? e->value : NULL;
}

void
strmap_put(struct strmap *m, const char *key, void *value)
{
	struct strmap_entry *e;

	XXXAN(e = calloc(1, sizeof *e));
	e->key = key;
	e->value = value;
	*find(m, key) = e;
}

void
strmap_drop(struct strmap *m, const char *key)
{
	struct strmap_entry **p = find(m, key), *e = *p;

	if (e == NULL)
		return;
	*p = e->next;
	free(e);
}
