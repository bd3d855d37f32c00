/* s3/listing - walks the folder of a bucket */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "s3/listing.h"

static void
add(struct listing *l, const char *key, const struct stat *st)
{
	if (l->n == l->room) {
		l->room = l->room * 2 + 64;
		XXXAN(l->item = realloc(l->item, l->room * sizeof *l->item));
	}
	XXXAN(l->item[l->n].key = strdup(key));
	l->item[l->n].size = st->st_size;
	l->item[l->n++].modified = (int64_t)st->st_mtim.tv_sec * 1000;
}

/* Could keys below this folder, "a/b/", begin with prefix? */
static bool
leads_to(const char *folder, const char *prefix)
{
	size_t a = strlen(folder), b = strlen(prefix);

	return strncmp(folder, prefix, a < b ? a : b) == 0;
}

static void
walk(struct listing *l, const char *dir, const char *folder,
    const char *prefix, const char *after)
{
	char *path, *key;
	struct dirent *e;
	struct stat st;
	DIR *d;

	XXXAN(asprintf(&path, "%s/%s", dir, folder) >= 0);
	d = opendir(path);
	free(path);
	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		/* Files that are being written begin with a dot. */
		if (e->d_name[0] == '.' ||
		    fstatat(dirfd(d), e->d_name, &st, 0) == -1)
			continue;
		XXXAN(asprintf(&key, "%s%s%s", folder, e->d_name,
		    S_ISDIR(st.st_mode) ? "/" : "") >= 0);
		if (S_ISDIR(st.st_mode)) {
			if (leads_to(key, prefix))
				walk(l, dir, key, prefix, after);
		} else if (strncmp(key, prefix, strlen(prefix)) == 0 &&
		    strcmp(key, after) > 0)
			add(l, key, &st);
		free(key);
	}
	closedir(d);
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->key,
	    ((const struct listed *)b)->key);
}

void
listing_read(struct listing *l, const char *dir, const char *prefix,
    const char *after)
{
	memset(l, 0, sizeof *l);
	walk(l, dir, "", prefix, after);
	if (l->n > 0)
		qsort(l->item, l->n, sizeof *l->item, by_key);
}

void
listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->item[i].key);
	free(l->item);
}
