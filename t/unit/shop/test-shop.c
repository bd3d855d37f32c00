/*
 * test-shop - signatures, orders from GraphQL in the shape of REST, points of
 * the Admin API, outbox_pause()
 *
 * The signature's vector was
 * verified with other implementations.
 */
#include "config.h"

#include "../unit.h"
#include "base/json.h"
#include "base/str.h"
#include "queue/outbox.h"
#include "shop/admin_api.h"
#include "shop/rest_shape.h"
#include "shop/shop.h"

static const char small[] =
    "{\"id\":820982911946154508,\"note\":\"caf\xc3\xa9\"}";
#define SMALL_MAC	"XEYCPSbGtdhP6PZ+r0hjL3ujEHWaBLaDBADxMdhcFMM="
/* The same bytes, under an empty key. */
#define EMPTY_MAC	"EkgOlzXuq0h8F/6OmE/+i1VVp6i1/P01MTqGGgqIBZY="

static void
secrets(const char *now, const char *old)
{
	setenv("MINA_SHOPIFY_SECRET", now, 1);
	setenv("MINA_SHOPIFY_SECRET_OLD", old, 1);
}

static enum err
check(const char *mac)
{
	return shop_signed(cx, mac, small, sizeof small - 1);
}

START_TEST(signatures)
{
	static const char *const wrong[] = { NULL, "", "=", "XEYC",
	    "XEYCPSbGtdhP6PZ+r0hjL3ujEHWaBLaDBADxMdhcFMM",
	    " " SMALL_MAC, SMALL_MAC "\n", SMALL_MAC SMALL_MAC,
	    "XEYCPSbGtdhP6PZ-r0hjL3ujEHWaBLaDBADxMdhcFMM=",
	    "xeycpsbgtdhp6pz+r0hjl3ujehwabladbadxmdhcfmm=",
	    "5c46023d26c6b5d84fe8f67eaf48632f7ba310759a04b6830400f131d85c14c3",
	};

	secrets("hush", "");
	ck_assert_int_eq(check(SMALL_MAC), E_OK);
	for (size_t i = 0; i < N_OF(wrong); i++)
		ck_assert_msg(check(wrong[i]) == E_SIGNATURE, "%s", wrong[i]);
	secrets("another", "hush");
	ck_assert_int_eq(check(SMALL_MAC), E_OK);
	secrets("another", "and another");
	ck_assert_int_eq(check(SMALL_MAC), E_SIGNATURE);
}
END_TEST

/* Without a secret no signature is valid. */
START_TEST(no_secret)
{
	secrets("", "");
	ck_assert_int_eq(check(EMPTY_MAC), E_SIGNATURE);
	secrets("hush", "");
	ck_assert_int_eq(check(EMPTY_MAC), E_SIGNATURE);
}
END_TEST

START_TEST(every_byte_counts)
{
	char body[sizeof small];

	secrets("hush", "older");
	for (size_t i = 0; i < sizeof small - 1; i++) {
		memcpy(body, small, sizeof small);
		body[i] ^= 1;
		ck_assert_msg(shop_signed(cx, SMALL_MAC, body,
		    sizeof small - 1) == E_SIGNATURE, "byte %zu", i);
		ck_assert(shop_signed(cx, SMALL_MAC, small, i) ==
		    E_SIGNATURE);
	}
}
END_TEST

START_TEST(shops)
{
	const char *names[SHOP_MAX];

	setenv("MINA_SHOPIFY_SHOP", "", 1);
	ck_assert_uint_eq(shop_names(cx, names), 0);
	ck_assert(!shop_known(""));
	ck_assert(!shop_webhooks_enabled() && !shop_admin_enabled());
	setenv("MINA_SHOPIFY_SHOP", "a.myshopify.com, b.myshopify.com,", 1);
	ck_assert_uint_eq(shop_names(cx, names), 2);
	ck_assert_str_eq(names[0], "a.myshopify.com");
	ck_assert_str_eq(names[1], "b.myshopify.com");
	ck_assert(shop_known("b.myshopify.com"));
	ck_assert(!shop_known("b.myshopify.co"));
	ck_assert(!shop_known("evil.a.myshopify.com"));
	ck_assert(!shop_known(""));
	/* Webhooks work without credentials for the Admin API. */
	secrets("hush", "");
	ck_assert(shop_webhooks_enabled() && !shop_admin_enabled());
	setenv("MINA_SHOPIFY_TOKEN", "shpat_1", 1);
	ck_assert(shop_admin_enabled());
}
END_TEST

/* --- from GraphQL to REST */

static struct cJSON *
tree(const char *text)
{
	struct cJSON *js;

	ck_assert_int_eq(json_parse(cx, text, strlen(text), &js), E_OK);
	return js;
}

static const char *
gid(const char *quoted, const char *type)
{
	return shop_gid(cx, tree(quoted), type);
}

START_TEST(global_ids)
{
	ck_assert_str_eq(gid("\"gid://shopify/Order/820982911946154508\"",
	    "Order"), "820982911946154508");
	ck_assert_str_eq(gid("\"gid://shopify/Order/18446744073709551615\"",
	    "Order"), "18446744073709551615");
	ck_assert_str_eq(gid("\"gid://shopify/Order/1?key=a\"", "Order"),
	    "1");
	ck_assert_ptr_null(gid("\"gid://shopify/Order/1\"", "Customer"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/0\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/01\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/-1\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/1,2\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/1e3\"", "Order"));
	ck_assert_ptr_null(gid("\"gid://shopify/Order/184467440737095516150\"",
	    "Order"));
	ck_assert_ptr_null(gid("\"1\"", "Order"));
	ck_assert_ptr_null(gid("1", "Order"));
	ck_assert_ptr_null(gid("null", "Order"));
	ck_assert_ptr_null(shop_gid(cx, NULL, "Order"));
}
END_TEST

static const char node[] =
    "{\"id\":\"gid://shopify/Order/820982911946154508\",\"name\":\"#1042\","
    "\"email\":\"b@example.com\",\"test\":false,"
    "\"createdAt\":\"2026-11-22T10:00:00Z\","
    "\"updatedAt\":\"2026-11-22T10:30:00Z\","
    "\"cancelledAt\":\"2026-11-22T10:29:00Z\","
    "\"totalPriceSet\":{\"shopMoney\":{\"amount\":\"196.0\"}},"
    "\"displayFinancialStatus\":\"PARTIALLY_REFUNDED\","
    "\"customer\":{\"id\":\"gid://shopify/Customer/115310627314723954\"},"
    "\"customAttributes\":[{\"key\":\"mina_pass\",\"value\":\"a\\\"b\"},"
    "{\"key\":\"gift\",\"value\":null}],"
    "\"lineItems\":{\"nodes\":[{\"id\":\"gid://shopify/LineItem/"
    "466157049\",\"sku\":\"MINA-50\",\"quantity\":4,"
    "\"currentQuantity\":3},"
    "{\"id\":\"gid://shopify/LineItem/487817672276298554\",\"sku\":null,"
    "\"quantity\":1}],\"pageInfo\":{\"hasNextPage\":false}},"
    "\"refunds\":[{\"id\":\"gid://shopify/Refund/890088186047892319\","
    "\"totalRefundedSet\":{\"shopMoney\":{\"amount\":\"49.0\"}},"
    "\"refundLineItems\":{\"nodes\":[{\"quantity\":1,\"lineItem\":"
    "{\"id\":\"gid://shopify/LineItem/466157049\"}}],"
    "\"pageInfo\":{\"hasNextPage\":false}}}]}";

static const char rest[] =
    "{\"id\":820982911946154508,\"admin_graphql_api_id\":"
    "\"gid://shopify/Order/820982911946154508\",\"name\":\"#1042\","
    "\"test\":false,\"financial_status\":\"partially_refunded\","
    "\"created_at\":\"2026-11-22T10:00:00Z\","
    "\"updated_at\":\"2026-11-22T10:30:00Z\","
    "\"cancelled_at\":\"2026-11-22T10:29:00Z\",\"total_price\":\"196.0\","
    "\"email\":\"b@example.com\",\"customer\":{\"id\":115310627314723954},"
    "\"note_attributes\":[{\"name\":\"mina_pass\",\"value\":\"a\\\"b\"},"
    "{\"name\":\"gift\",\"value\":null}],"
    "\"line_items\":[{\"id\":466157049,\"sku\":\"MINA-50\",\"quantity\":4,"
    "\"current_quantity\":3},"
    "{\"id\":487817672276298554,\"sku\":null,\"quantity\":1}],"
    "\"refunds\":[{\"id\":890088186047892319,"
    "\"order_id\":820982911946154508,\"refund_line_items\":["
    "{\"line_item_id\":466157049,\"quantity\":1}],\"transactions\":["
    "{\"kind\":\"refund\",\"status\":\"success\",\"amount\":\"49.0\"}]}]}";

START_TEST(an_order)
{
	struct shop_node n = { .order = tree(node) };
	const char *text;

	ck_assert(shop_node_paid(n.order));
	ck_assert_int_eq(shop_node_rest(cx, &n, &text), E_OK);
	/* Compared as text: a parser would read the ids as doubles. */
	ck_assert_str_eq(text, rest);
}
END_TEST

START_TEST(more_pages)
{
	struct shop_node n = { .order = tree(node), .nmore = 1 };
	const char *text;

	n.more[0] = tree("[{\"id\":\"gid://shopify/LineItem/7\","
	    "\"sku\":\"MINA-100\",\"quantity\":2}]");
	/* The second is not complete: left to its webhook. */
	n.refunds = tree("[{\"id\":\"gid://shopify/Refund/8\","
	    "\"refundLineItems\":{\"nodes\":[]}},"
	    "{\"id\":\"gid://shopify/Refund/9\",\"refundLineItems\":"
	    "{\"nodes\":[],\"pageInfo\":{\"hasNextPage\":true}}}]");
	ck_assert_int_eq(shop_node_rest(cx, &n, &text), E_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"quantity\":1},{\"id\":7,"
	    "\"sku\":\"MINA-100\",\"quantity\":2}],\"refunds\":[{\"id\":8,"
	    "\"order_id\":820982911946154508,\"refund_line_items\":[],"
	    "\"transactions\":[]}]}"));
}
END_TEST

START_TEST(a_guest)
{
	struct shop_node n = { .order = tree("{\"id\":"
	    "\"gid://shopify/Order/1\",\"customer\":null,\"email\":null,"
	    "\"test\":true,\"displayFinancialStatus\":\"PAID\"}") };
	const char *text;

	ck_assert_int_eq(shop_node_rest(cx, &n, &text), E_OK);
	ck_assert_ptr_nonnull(strstr(text, "\"customer\":null"));
	ck_assert_ptr_nonnull(strstr(text, "\"email\":null"));
	ck_assert_ptr_nonnull(strstr(text, "\"test\":true"));
	ck_assert_ptr_nonnull(strstr(text, "\"line_items\":[],"
	    "\"refunds\":[]"));
}
END_TEST

START_TEST(not_orders)
{
	static const char *const bad[] = {
		"{}",
		"{\"id\":820982911946154508}",
		"{\"id\":\"gid://shopify/DraftOrder/1\"}",
		"{\"id\":\"gid://shopify/Order/1\",\"lineItems\":{\"nodes\":"
		    "[{\"id\":1,\"quantity\":1}]}}",
		"{\"id\":\"gid://shopify/Order/1\",\"lineItems\":{\"nodes\":"
		    "[{\"id\":\"gid://shopify/LineItem/1\"}]}}",
		"{\"id\":\"gid://shopify/Order/1\",\"lineItems\":{\"nodes\":"
		    "[{\"id\":\"gid://shopify/LineItem/1\","
		    "\"quantity\":1.5}]}}",
		"{\"id\":\"gid://shopify/Order/1\",\"lineItems\":{\"nodes\":"
		    "[{\"id\":\"gid://shopify/LineItem/1\","
		    "\"quantity\":-1}]}}",
		"{\"id\":\"gid://shopify/Order/1\",\"refunds\":[{}]}",
		"{\"id\":\"gid://shopify/Order/1\",\"refunds\":[{\"id\":"
		    "\"gid://shopify/Refund/1\",\"refundLineItems\":"
		    "{\"nodes\":[{\"quantity\":1}]}}]}",
	};
	const char *text = NULL;

	for (size_t i = 0; i < N_OF(bad); i++) {
		struct shop_node n = { .order = tree(bad[i]) };

		ck_assert_msg(shop_node_rest(cx, &n, &text) == E_FIELD, "%s",
		    bad[i]);
		ck_assert_ptr_null(text);
	}
}
END_TEST

START_TEST(paid_or_not)
{
	static const struct {
		const char	*status;
		bool		 paid;
	} rows[] = {
		{ "\"PAID\"", true }, { "\"PARTIALLY_REFUNDED\"", true },
		{ "\"REFUNDED\"", true }, { "\"PARTIALLY_PAID\"", false },
		{ "\"PENDING\"", false }, { "\"AUTHORIZED\"", false },
		{ "\"VOIDED\"", false }, { "\"EXPIRED\"", false },
		{ "\"paid\"", false }, { "\"NEW_ONE\"", false },
		{ "null", false }, { "1", false },
	};

	for (size_t i = 0; i < N_OF(rows); i++)
		ck_assert_msg(shop_node_paid(tree(cx_fmt(cx,
		    "{\"displayFinancialStatus\":%s}", rows[i].status))) ==
		    rows[i].paid, "%s", rows[i].status);
	ck_assert(!shop_node_paid(tree("{}")));
}
END_TEST

/* --- points */

static const char throttled[] =
    "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":"
    "{\"code\":\"THROTTLED\"}}],\"extensions\":{\"cost\":"
    "{\"requestedQueryCost\":502,\"actualQueryCost\":null,"
    "\"throttleStatus\":{\"maximumAvailable\":2000.0,"
    "\"currentlyAvailable\":252,\"restoreRate\":100.0}}}}";

START_TEST(points)
{
	struct shop_bucket b = { 0 };
	const struct cJSON *js = tree(throttled);

	/* No balance known: no wait. */
	ck_assert_int_eq(shop_bucket_wait(&b, 500, 1000), 0);
	shop_bucket_take(&b, 500, 1000);
	ck_assert_int_eq(shop_bucket_wait(&b, 500, 1000), 0);

	shop_bucket_learn(&b, js, 1000);
	ck_assert_int_eq((int)shop_reply_cost(js, 10), 502);
	/* (requested - available) / restoreRate */
	ck_assert_int_eq(shop_bucket_wait(&b, 502, 1000), 2500);
	ck_assert_int_eq(shop_bucket_wait(&b, 502, 2000), 1500);
	ck_assert_int_eq(shop_bucket_wait(&b, 502, 3500), 0);
	ck_assert_int_eq(shop_bucket_wait(&b, 252, 1000), 0);
	ck_assert_int_eq(shop_bucket_wait(&b, 252.5, 1000), 5);
	/* The balance does not grow beyond its maximum. */
	ck_assert_int_eq(shop_bucket_wait(&b, 2000, 1000000), 0);
	/* More than the maximum: wait until it is full. */
	ck_assert_int_eq(shop_bucket_wait(&b, 9999, 1000), 17480);
	ck_assert_int_eq(shop_bucket_wait(&b, 9999, 1000000), 0);
	/* Calls that were sent count. */
	shop_bucket_take(&b, 250, 1000);
	ck_assert_int_eq(shop_bucket_wait(&b, 10, 1000), 80);
	shop_bucket_take(&b, 10, 1000);
	ck_assert_int_eq(shop_bucket_wait(&b, 10, 1000), 180);
}
END_TEST

START_TEST(malformed_points)
{
	static const char *const odd[] = { "{}", "[]", "{\"extensions\":1}",
	    "{\"extensions\":{\"cost\":{\"throttleStatus\":{}}}}",
	    "{\"extensions\":{\"cost\":{\"throttleStatus\":"
	    "{\"maximumAvailable\":1000,\"currentlyAvailable\":0,"
	    "\"restoreRate\":0}}}}",
	    "{\"extensions\":{\"cost\":{\"throttleStatus\":"
	    "{\"maximumAvailable\":1000,\"currentlyAvailable\":0,"
	    "\"restoreRate\":-5}}}}",
	    "{\"extensions\":{\"cost\":{\"requestedQueryCost\":\"9\"}}}",
	};
	struct shop_bucket b = { 0 };

	for (size_t i = 0; i < N_OF(odd); i++) {
		shop_bucket_learn(&b, tree(odd[i]), 1000);
		ck_assert_int_eq(shop_bucket_wait(&b, 10, 1000), 0);
		ck_assert_int_eq((int)shop_reply_cost(tree(odd[i]), 7), 7);
	}
	/* A wait is a minute at most. */
	shop_bucket_learn(&b, tree("{\"extensions\":{\"cost\":"
	    "{\"throttleStatus\":{\"maximumAvailable\":1000,"
	    "\"currentlyAvailable\":0,\"restoreRate\":1e-9}}}}"), 1000);
	ck_assert_int_eq(shop_bucket_wait(&b, 10, 1000), 60000);
}
END_TEST

START_TEST(user_errors)
{
	ck_assert_ptr_null(shop_user_error(tree("{\"userErrors\":[]}")));
	ck_assert_ptr_null(shop_user_error(NULL));
	ck_assert_str_eq(shop_user_error(tree("{\"userErrors\":[{\"field\":"
	    "[\"id\"],\"message\":\"Customer does not exist\"}]}")),
	    "Customer does not exist");
	ck_assert_ptr_nonnull(shop_user_error(tree(
	    "{\"userErrors\":[{}]}")));
}
END_TEST

START_TEST(pauses)
{
	int64_t full = 2000, ms, low = INT64_MAX, high = 0;

	for (int n = 1; n <= 30; n++) {
		for (int i = 0; i < 50; i++) {
			ms = outbox_pause(n, 0);
			ck_assert_int_le(ms, full);
			ck_assert_int_ge(ms, full - full / 4);
		}
		full = full * 2 > 3600000 ? 3600000 : full * 2;
	}
	for (int i = 0; i < 500; i++) {
		ms = outbox_pause(5, 0);
		low = ms < low ? ms : low;
		high = ms > high ? ms : high;
	}
	ck_assert_int_lt(low, high);		/* random */
	ck_assert_int_eq(outbox_pause(1, 90000), 90000);
	ck_assert_int_ge(outbox_pause(INT64_MAX, 0), 2700000);
	ck_assert_int_le(outbox_pause(0, 0), 2000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("shop");
	TCase *tc = unit_case(s, "webhooks");

	tcase_add_test(tc, signatures);
	tcase_add_test(tc, no_secret);
	tcase_add_test(tc, every_byte_counts);
	tcase_add_test(tc, shops);
	tc = unit_case(s, "shape");
	tcase_add_test(tc, global_ids);
	tcase_add_test(tc, an_order);
	tcase_add_test(tc, more_pages);
	tcase_add_test(tc, a_guest);
	tcase_add_test(tc, not_orders);
	tcase_add_test(tc, paid_or_not);
	tc = unit_case(s, "calls");
	tcase_add_test(tc, points);
	tcase_add_test(tc, malformed_points);
	tcase_add_test(tc, user_errors);
	tcase_add_test(tc, pauses);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
