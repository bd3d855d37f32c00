/*
 * strmap - pointers found by a string
 *
 * The key belongs to the value, which outlives its entry.  Zeroed memory is
 * an empty map.
 */
#ifndef SANDBOX_STRMAP_H
#define SANDBOX_STRMAP_H

#define STRMAP_BUCKETS	16384

struct strmap_entry;

struct strmap {
	struct strmap_entry	*bucket[STRMAP_BUCKETS];
};

void	*strmap_get(const struct strmap *, const char *key);	/* or NULL */
/* The key must not be there yet. */
void	 strmap_put(struct strmap *, const char *key, void *value);
void	 strmap_drop(struct strmap *, const char *key);

#endif
