/*
 * mutations - what Mina changes in a shop
 *
 * The tag on a customer who bought, and our webhook subscriptions.  See shop.h
 * for what their errors mean.
 */
#include "config.h"

#include "base/buf.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "shop/admin_api.h"
#include "shop/shop.h"

#define MUTATION_COST	10

/* --- the customer's tag */

coroutine_fn enum err
shop_tag(struct cx *cx, const char *shop, const char *customer,
    const char *tag, int64_t *retry_ms)
{
	struct shop_call call = {
		.query = "mutation($id:ID!,$tags:[String!]!){"
		    "tagsAdd(id:$id,tags:$tags){node{id}"
		    "userErrors{field message}}}",
		.cost = MUTATION_COST,
	};
	struct buf *b = buf_new(cx, 4096);
	struct json js;
	enum err er;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "id", cx_fmt(cx, "gid://shopify/Customer/%s",
	    customer));
	json_list(&js, "tags");
	json_str(&js, NULL, tag);
	json_end(&js);
	json_end(&js);
	call.variables = b->data;
	er = shop_mutation(cx, shop, &call, "tagsAdd");
	*retry_ms = call.retry_ms;
	return er;
}

/* --- subscriptions */

/* Not every shop has disputes, and they need a scope of their own. */
#define DISPUTES	"DISPUTES_"

static const char *const topics[] = { "ORDERS_PAID", "ORDERS_CREATE",
    "ORDERS_UPDATED", "ORDERS_CANCELLED", "REFUNDS_CREATE",
    DISPUTES "CREATE", DISPUTES "UPDATE", NULL };

static bool
subscribed(const struct cJSON *nodes, const char *topic, const char *uri)
{
	for (nodes = json_first(nodes); nodes != NULL;
	    nodes = json_next(nodes))
		if (str_eq(json_text(json_get(nodes, "topic")), topic) &&
		    str_eq(json_text(json_get(nodes, "uri")), uri))
			return true;
	return false;
}

static coroutine_fn enum err
subscribe(struct cx *cx, const char *shop, const char *topic, const char *uri)
{
	struct shop_call call = {
		.query = "mutation($topic:WebhookSubscriptionTopic!,"
		    "$hook:WebhookSubscriptionInput!){"
		    "webhookSubscriptionCreate(topic:$topic,"
		    "webhookSubscription:$hook){webhookSubscription{id}"
		    "userErrors{field message}}}",
		.cost = MUTATION_COST,
	};
	struct buf *b = buf_new(cx, 4096);
	struct json js;
	enum err er;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "topic", topic);
	json_obj(&js, "hook");
	json_str(&js, "uri", uri);
	json_str(&js, "format", "JSON");
	json_end(&js);
	json_end(&js);
	call.variables = b->data;
	if ((er = shop_mutation(cx, shop, &call,
	    "webhookSubscriptionCreate")) != E_OK)
		return er;
	if (!json_is_obj(json_get(call.data, "webhookSubscription")))
		return err_set(cx, E_UPSTREAM, "%s: no subscription to %s in "
		    "the reply", shop, topic);
	log_warn(cx, "shop %s: subscribed to %s again", shop, topic);
	return E_OK;
}

coroutine_fn enum err
shop_subscribe(struct cx *cx, const char *shop, size_t *made)
{
	const char *uri = cx_fmt(cx, "%s" SHOP_HOOK_PATH,
	    conf_str(C_PUBLIC_URL));
	struct shop_call call = {
		.query = "query{webhookSubscriptions(first:100,topics:"
		    "[ORDERS_PAID,ORDERS_CREATE,ORDERS_UPDATED,"
		    "ORDERS_CANCELLED,REFUNDS_CREATE,DISPUTES_CREATE,"
		    "DISPUTES_UPDATE]){nodes{id topic uri}}}",
		.variables = "{}",
		.cost = 102,
	};
	const struct cJSON *nodes;
	enum err er;

	*made = 0;
	if ((er = shop_call(cx, shop, &call)) != E_OK)
		return er;
	nodes = json_pointer(call.data, "/webhookSubscriptions/nodes");
	if (!json_is_list(nodes))
		return err_set(cx, E_UPSTREAM, "%s: no list of subscriptions",
		    shop);
	for (size_t i = 0; topics[i] != NULL; i++) {
		if (subscribed(nodes, topics[i], uri))
			continue;
		er = subscribe(cx, shop, topics[i], uri);
		if (er == E_OK)
			(*made)++;
		else if ((er == E_CONFLICT || er == E_REJECTED) &&
		    str_starts(topics[i], DISPUTES))
			log_info(cx, "shop %s: no subscription to %s: %s",
			    shop, topics[i], cx->err.detail);
		else
			return er;
	}
	return E_OK;
}
