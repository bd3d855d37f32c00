/*
 * shopbuyer - see shopbuyer.h
 */
#include "config.h"

#include <ctype.h>

#include "core/sandbox.h"
#include "shopify/customer.h"
#include "shopify/shop_files.h"

#define BUYER_BYTES	(128 << 10)
#define ID_BASE		INT64_C(115000000000000000)

static struct shop_buyer **buyers;
static size_t	 nbuyer, room;

static void
insert(struct shop_buyer *u)
{
	if (nbuyer == room) {
		room = room > 0 ? 2 * room : 64;
		XXXAN(buyers = realloc(buyers, room * sizeof *buyers));
	}
	buyers[nbuyer++] = u;
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	const char *id = json_text(json_get(js, "id"));
	const char *email = json_text(json_get(js, "email"));
	struct shop_buyer *u;
	int64_t n;

	(void)cx;
	if (id == NULL || email == NULL || !str_int(id, 1, INT64_MAX, &n))
		return;
	XXXAN(u = calloc(1, sizeof *u));
	u->id = n;
	u->email = keep(email);
	u->created = json_int_or(json_get(js, "created"), 0);
	u->updated = json_int_or(json_get(js, "updated"), 0);
	for (const struct cJSON *m = json_first(json_get(js, "tags"));
	    m != NULL && u->ntag < SHOP_TAGS; m = json_next(m))
		if (json_text(m) != NULL)
			u->tag[u->ntag++] = keep(json_text(m));
	insert(u);
}

void
shop_buyer_load(void)
{
	shopdisk_each("customers", loaded);
}

static enum err
save(struct cx *cx, const struct shop_buyer *u)
{
	struct buf *b = buf_new(cx, BUYER_BYTES);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "id", cx_fmt(cx, "%lld", (long long)u->id));
	json_str(&js, "email", u->email);
	json_int(&js, "created", u->created);
	json_int(&js, "updated", u->updated);
	json_list(&js, "tags");
	for (size_t i = 0; i < u->ntag; i++)
		json_str(&js, NULL, u->tag[i]);
	json_end(&js);
	json_end(&js);
	return shopdisk_put(cx, "customers", u->id, b);
}

static int64_t
id_of(const char *email)
{
	unsigned char md[SHA256_LEN];
	int64_t id = 0;

	crypto_sha256(email, strlen(email), md);
	for (int i = 0; i < 6; i++)
		id = id << 8 | md[i];
	return ID_BASE + id;
}

struct shop_buyer *
shop_buyer_find(int64_t id)
{
	for (size_t i = nbuyer; i > 0; i--)
		if (buyers[i - 1]->id == id)
			return buyers[i - 1];
	return NULL;
}

enum err
shop_buyer_of(struct cx *cx, const char *email, int64_t *id)
{
	char *low = cx_dup(cx, email);
	struct shop_buyer *u;
	enum err er;

	for (char *p = low; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	*id = id_of(low);
	if (shop_buyer_find(*id) != NULL)
		return E_OK;
	XXXAN(u = calloc(1, sizeof *u));
	u->id = *id;
	u->email = keep(low);
	u->created = u->updated = clock_now() / 1000 * 1000;
	if ((er = save(cx, u)) != E_OK) {
		free(u->email);
		free(u);
		return er;
	}
	insert(u);
	return E_OK;
}

enum err
shop_buyer_tag(struct cx *cx, struct shop_buyer *u, const char *tag)
{
	enum err er;

	for (size_t i = 0; i < u->ntag; i++)
		if (str_ieq(u->tag[i], tag))
			return E_OK;
	if (u->ntag == SHOP_TAGS)
		return E_OK;
	u->tag[u->ntag++] = keep(tag);
	u->updated = clock_now() / 1000 * 1000;
	if ((er = save(cx, u)) != E_OK)
		free(u->tag[--u->ntag]);
	return er;
}

size_t
shop_buyer_count(void)
{
	return nbuyer;
}

struct shop_buyer *
shop_buyer_at(size_t i)
{
	return buyers[i];
}
