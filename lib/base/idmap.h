/*
 * idmap - finds things by an id, in time that does not grow with their number
 *
 * The node is a member of the thing.  The id is the caller's, lives as long as
 * the node is in the map, and may have several nodes.  A map of zeros is empty,
 * and needs no freeing.
 */
#ifndef MINA_IDMAP_H
#define MINA_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#define IDMAP_SLOTS	8192

struct idmap_node {
	struct idmap_node *next, **prev;
	const char	*id;
};

struct idmap {
	struct idmap_node *slot[IDMAP_SLOTS];
	uint64_t	 compared;	/* ids, by all searches so far */
};

void	 idmap_add(struct idmap *, struct idmap_node *, const char *id);
void	 idmap_remove(struct idmap_node *);
/* The node added last under this id, or NULL. */
struct idmap_node *idmap_find(struct idmap *, const char *id);
/* The one added before it under the same id. */
struct idmap_node *idmap_more(struct idmap *, struct idmap_node *);

#endif
