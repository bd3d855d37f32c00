/*
 * idmap - a hash table with chains
 */
#include "config.h"

#include <string.h>

#include "base/idmap.h"

static size_t
slot_of(const char *id)
{
	unsigned h = 2166136261u;		/* FNV-1a */

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h % IDMAP_SLOTS;
}

void
idmap_add(struct idmap *m, struct idmap_node *n, const char *id)
{
	struct idmap_node **head = &m->slot[slot_of(id)];

	n->id = id;
	n->prev = head;
	if ((n->next = *head) != NULL)
		n->next->prev = &n->next;
	*head = n;
}

void
idmap_remove(struct idmap_node *n)
{
	if ((*n->prev = n->next) != NULL)
		n->next->prev = n->prev;
}

static struct idmap_node *
first_of(struct idmap *m, struct idmap_node *n, const char *id)
{
	for (; n != NULL; n = n->next) {
		m->compared++;
		if (strcmp(n->id, id) == 0)
			return n;
	}
	return NULL;
}

struct idmap_node *
idmap_find(struct idmap *m, const char *id)
{
	return first_of(m, m->slot[slot_of(id)], id);
}

struct idmap_node *
idmap_more(struct idmap *m, struct idmap_node *n)
{
	return first_of(m, n->next, n->id);
}
