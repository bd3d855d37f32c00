/*
 * shopdisk - see shopdisk.h
 */
#include "config.h"

#include <dirent.h>
#include <unistd.h>

#include <sys/stat.h>

#include "core/sandbox.h"
#include "core/storage.h"
#include "shopify/shop_files.h"

#define FILE_MAX	(4 << 20)

static const char *
path_of(struct cx *cx, const char *kind, int64_t id)
{
	return cx_fmt(cx, "%s/shop/%s/%lld.json", conf_str(C_SANDBOX_DIR),
	    kind, (long long)id);
}

enum err
shopdisk_put(struct cx *cx, const char *kind, int64_t id, const struct buf *b)
{
	/* A few kilobytes into the page cache: no work for a thread. */
	if (!buf_ok(b) || !file_write(path_of(cx, kind, id), 0644, b->data,
	    b->len, false))
		return err_set(cx, E_STORAGE, "shop: %s cannot be written",
		    kind);
	return E_OK;
}

void
shopdisk_drop(struct cx *cx, const char *kind, int64_t id)
{
	unlink(path_of(cx, kind, id));
}

static bool
read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "re");
	char chunk[8192];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
	return buf_ok(b);
}

static void
load(const char *path, void (*fn)(struct cx *, const struct cJSON *))
{
	struct cJSON *js = NULL;
	struct buf *b;
	struct cx cx;

	app_cx(&cx, FILE_MAX * 4);
	b = buf_new(&cx, FILE_MAX);
	if (read_file(path, b) &&
	    json_parse(&cx, b->data, b->len, &js) == E_OK)
		fn(&cx, js);
	else
		log_warn(&cx, "shop: %s cannot be read", path);
	cx_release(&cx);
}

void
shopdisk_each(const char *kind, void (*fn)(struct cx *, const struct cJSON *))
{
	char dir[4096], path[8192];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof dir, "%s/shop/%s", conf_str(C_SANDBOX_DIR), kind);
	if ((d = opendir(dir)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || !str_ends(e->d_name, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		load(path, fn);
	}
	closedir(d);
}

bool
shopdisk_known(struct cx *cx, const char *kind)
{
	struct stat st;

	return stat(cx_fmt(cx, "%s/shop/%s", conf_str(C_SANDBOX_DIR), kind),
	    &st) == 0;
}
