/*
 * table - pointers found by a string
 *
 * The key belongs to the value, which outlives its entry.  Zeroed memory is
 * an empty table.
 */
#ifndef SANDBOX_STRMAP_H
#define SANDBOX_STRMAP_H

#define TABLE_BUCKETS	8192

struct table_entry;

struct table {
	struct table_entry	*bucket[TABLE_BUCKETS];
};

void	*table_get(const struct table *, const char *key);
/* The key is not there yet. */
void	 table_put(struct table *, const char *key, void *value);
void	 table_drop(struct table *, const char *key);

#endif
