/* customer - the shop's customers and their tags */
#include "config.h"

#include <ctype.h>

#include "core/record.h"
#include "core/service.h"
#include "shopify/shop_data.h"

#define ID_BASE		INT64_C(115000000000000000)

static struct shop_customer **customers;
static size_t	 ncustomer, room;

#define CUSTOMER(key, type, member)					\
	FIELD(key, type, struct shop_customer, member)

static const struct record_field fields[] = {
	CUSTOMER("id", REC_ID, id),
	CUSTOMER("email", REC_STR, email),
	CUSTOMER("created", REC_INT, created),
	CUSTOMER("updated", REC_INT, updated),
	{ 0 }
};

static void
insert(struct shop_customer *u)
{
	if (ncustomer == room) {
		room = room > 0 ? 2 * room : 64;
		XXXAN(customers = realloc(customers,
		    room * sizeof *customers));
	}
	customers[ncustomer++] = u;
}

static void
loaded(struct cx *cx, const struct cJSON *js)
{
	struct shop_customer *u;

	XXXAN(u = calloc(1, sizeof *u));
	record_read(cx, js, fields, u);
	if (u->id == 0 || u->email == NULL) {
		record_free(fields, u);
		free(u);
		return;
	}
	JSON_EACH(m, json_get(js, "tags"))
		if (u->ntag < SHOP_TAGS && json_text(m) != NULL)
			u->tag[u->ntag++] = keep(json_text(m));
	insert(u);
}

void
shop_customer_load(void)
{
	store_each("customers", loaded);
}

static void
write_tags(struct json *js, const void *rec)
{
	const struct shop_customer *u = rec;

	json_list(js, "tags");
	for (size_t i = 0; i < u->ntag; i++)
		json_str(js, NULL, u->tag[i]);
	json_end(js);
}

static enum err
save(struct cx *cx, const struct shop_customer *u)
{
	return store_put_more(cx, "customers", u->id, fields, u, write_tags);
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

struct shop_customer *
shop_customer_find(int64_t id)
{
	for (size_t i = ncustomer; i > 0; i--)
		if (customers[i - 1]->id == id)
			return customers[i - 1];
	return NULL;
}

enum err
shop_customer_of(struct cx *cx, const char *email, int64_t *id)
{
	struct shop_customer *u;
	enum err er;

	XXXAN(u = calloc(1, sizeof *u));
	u->email = keep(email);
	for (char *p = u->email; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	*id = u->id = id_of(u->email);
	u->created = u->updated = shop_now();
	er = E_OK;
	if (shop_customer_find(*id) == NULL &&
	    (er = save(cx, u)) == E_OK)
		insert(u);
	else {
		free(u->email);
		free(u);
	}
	return er;
}

enum err
shop_customer_tag(struct cx *cx, struct shop_customer *u, const char *tag)
{
	enum err er;

	for (size_t i = 0; i < u->ntag; i++)
		if (str_ieq(u->tag[i], tag))
			return E_OK;
	if (u->ntag == SHOP_TAGS)
		return E_OK;
	u->tag[u->ntag++] = keep(tag);
	u->updated = shop_now();
	if ((er = save(cx, u)) != E_OK)
		free(u->tag[--u->ntag]);
	return er;
}

size_t
shop_customer_count(void)
{
	return ncustomer;
}

struct shop_customer *
shop_customer_at(size_t i)
{
	return customers[i];
}
