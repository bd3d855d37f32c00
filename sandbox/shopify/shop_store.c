/* shop_store - the shop's files, ids and packs */
#include "config.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/record.h"
#include "core/service.h"
#include "core/storage.h"
#include "shopify/shop_data.h"

#define FILE_MAX	(4 << 20)
#define ID_BASE		INT64_C(820980000000000000)

static int64_t	 last_id;

static const char *
path_of(struct cx *cx, const char *kind, int64_t id)
{
	return cx_fmt(cx, "%s/shop/%s/%lld.json", conf_str(C_SANDBOX_DIR),
	    kind, (long long)id);
}

enum err
store_put_more(struct cx *cx, const char *kind, int64_t id,
    const struct record_field *fields, const void *rec,
    void (*more)(struct json *, const void *))
{
	struct buf *b = buf_new(cx, FILE_MAX);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	record_write(&js, fields, rec);
	if (more != NULL)
		more(&js, rec);
	json_end(&js);
	/* A few kilobytes into the page cache: no work for a thread. */
	if (!json_ok(&js) || !file_write(path_of(cx, kind, id), 0644, b->data,
	    b->len, false))
		return err_set(cx, E_STORAGE, "shop: %s cannot be written",
		    kind);
	return E_OK;
}

enum err
store_put(struct cx *cx, const char *kind, int64_t id,
    const struct record_field *fields, const void *rec)
{
	return store_put_more(cx, kind, id, fields, rec, NULL);
}

void
store_drop(struct cx *cx, const char *kind, int64_t id)
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
store_each(const char *kind, void (*fn)(struct cx *, const struct cJSON *))
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
store_known(struct cx *cx, const char *kind)
{
	struct stat st;

	return stat(cx_fmt(cx, "%s/shop/%s", conf_str(C_SANDBOX_DIR), kind),
	    &st) == 0;
}

/* --- ids, moments, packs, money */

int64_t
shop_id(void)
{
	int64_t id = ID_BASE + clock_now();

	return last_id = id > last_id ? id : last_id + 1;
}

void
shop_id_seen(int64_t id)
{
	if (id > last_id)
		last_id = id;
}

int64_t
shop_now(void)
{
	return clock_now() / 1000 * 1000;
}

const struct shop_pack shop_packs[SHOP_PACKS] = {
	{ "MINA-50", "50 matcha", 50, 4900,
	    53689413796171, 14887237878091 },
	{ "MINA-100", "100 matcha", 100, 8900,
	    53689413828939, 14887237910859 },
	{ "MINA-250", "250 matcha", 250, 19900,
	    53689413861707, 14887237943627 },
	{ "MINA-500", "500 matcha", 500, 34900,
	    53689413894475, 14887237976395 },
};

const struct shop_pack *
shop_pack_sku(const char *sku)
{
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (str_eq(shop_packs[i].sku, sku))
			return &shop_packs[i];
	return NULL;
}

const struct shop_pack *
shop_pack_variant(int64_t id)
{
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (shop_packs[i].variant == id)
			return &shop_packs[i];
	return NULL;
}

const char *
shop_money(struct cx *cx, int64_t cents)
{
	return cx_fmt(cx, "%s%lld.%02lld", cents < 0 ? "-" : "",
	    llabs((long long)cents) / 100, llabs((long long)cents) % 100);
}
