/*
 * sandbox - the outside world, emulated
 *
 * OpenAI's chat completions, Replicate's predictions, Ark, Kling and fal, an
 * S3 store, Supabase Auth and a shop at Shopify, spoken over the real wire
 * protocols, so that Mina runs and is tested without an account anywhere.
 * What it makes is marked as made here.  It is never part of production: it
 * does not start unless it is told where its files are and that people reach
 * it on this machine's loopback.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "auth/inbox.h"
#include "auth/routes.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/str.h"
#include "base/url.h"
#include "core/callcount.h"
#include "core/control.h"
#include "core/faults.h"
#include "core/files.h"
#include "io/loop.h"
#include "openai/openai.h"
#include "providers/ark.h"
#include "providers/delivery.h"
#include "providers/fal.h"
#include "providers/kling.h"
#include "providers/prediction.h"
#include "providers/prediction_log.h"
#include "providers/replicate.h"
#include "s3/server.h"
#include "shopify/admin_graphql.h"
#include "shopify/client_credentials.h"
#include "shopify/customer.h"
#include "shopify/order.h"
#include "shopify/shop_control.h"
#include "shopify/storefront.h"
#include "shopify/subscription.h"
#include "shopify/webhook_queue.h"
#include "web/transport.h"

#define EX_CONFIG	78
#define BODY_MAX	(26 << 20)
#define SWEEP_MS	60000

static struct loop_timer *sweeper;

static bool
loopback(const char *host)
{
	return str_eq(host, "localhost") || str_eq(host, "::1") ||
	    (str_starts(host, "127.") &&
	    strspn(host, "0123456789.") == strlen(host));
}

static void
sweep(void *arg)
{
	(void)arg;
	predict_sweep();
	loop_timer_set(sweeper, SWEEP_MS);
}

static void
refuse(const char *why, const char *detail)
{
	fprintf(stderr, "sandbox: %s%s\n", why, detail);
	exit(EX_CONFIG);
}

static void
start(struct cx *cx)
{
	const char *dir = conf_str(C_SANDBOX_DIR);
	struct url u;

	if (*dir != '/')
		refuse(conf_name(C_SANDBOX_DIR), " must be set, and absolute");
	if (!url_parse(cx, conf_str(C_SANDBOX_URL), &u) || u.userinfo ||
	    !str_eq(u.scheme, "https") || !loopback(u.host))
		refuse(conf_name(C_SANDBOX_URL), " must be an https origin on "
		    "localhost or a loopback address");
	if (!disk_parents(cx_fmt(cx, "%s/delivery/", dir)) ||
	    !disk_parents(cx_fmt(cx, "%s/s3/%s/", dir,
	    conf_str(C_S3_BUCKET))) || !predlog_open(dir))
		refuse("no way to write there: ", strerror(errno));
	if (!auth_open(dir, fcgi_socket()))
		refuse("the keys and users there cannot be read: ",
		    strerror(errno));
	shop_buyer_load();
	shop_order_load();
	shop_sub_load(cx);
	predict_load(fcgi_socket());
	/* One request from a shell does not outlive it. */
	if (fcgi_socket()) {
		shop_hook_load();
		sweeper = loop_timer_new(sweep, NULL);
		loop_timer_set(sweeper, SWEEP_MS);
	}
}

static const struct app sandbox = {
	.needs = APP_HTTP,
	.maxbody = BODY_MAX,
	.start = start,
	.routes = {
		{ M_POST, "/openai/v1/chat/completions", openai_chat, R_RAW },
		{ M_POST, "/replicate/v1/models/{owner}/{name}/predictions",
		    replicate_create, R_RAW },
		{ M_GET, "/replicate/v1/predictions/{id}", replicate_get,
		    R_RAW },
		{ M_POST, "/replicate/v1/predictions/{id}/cancel",
		    replicate_cancel, R_RAW },
		{ M_GET, "/replicate/v1/predictions", replicate_list, R_RAW },
		{ M_GET, "/replicate/v1/account", replicate_account, R_RAW },
		{ M_GET, "/replicate/v1/webhooks/default/secret",
		    replicate_secret, R_RAW },
		{ M_POST, "/ark/api/v3/images/generations", ark_create,
		    R_RAW },
		{ M_POST, "/kling/v1/videos/image2video", kling_create,
		    R_RAW },
		{ M_GET, "/kling/v1/videos/image2video", kling_list, R_RAW },
		{ M_GET, "/kling/v1/videos/image2video/{id}", kling_get,
		    R_RAW },
		{ M_GET, "/fal/.well-known/jwks.json", fal_jwks, R_RAW },
		{ M_POST, "/fal/{model...}", fal_submit, R_RAW },
		{ M_GET, "/fal/{request...}", fal_ask, R_RAW },
		{ M_PUT, "/fal/{request...}", fal_cancel, R_RAW },
		{ M_PUT, "/mina-media/{key...}", s3server_put, R_RAW },
		{ M_GET, "/mina-media/{key...}", s3server_get, R_RAW },
		{ M_DELETE, "/mina-media/{key...}", s3server_delete, R_RAW },
		{ M_OPTIONS, "/mina-media/{key...}", s3server_options, R_RAW },
		{ M_POST, "/auth/v1/otp", auth_otp, R_RAW },
		{ M_POST, "/auth/v1/signup", auth_signup, R_RAW },
		{ M_POST, "/auth/v1/verify", auth_verify, R_RAW },
		{ M_GET, "/auth/v1/verify", auth_follow, R_RAW },
		{ M_POST, "/auth/v1/token", auth_token, R_RAW },
		{ M_GET, "/auth/v1/authorize", auth_authorize, R_RAW },
		{ M_GET, "/auth/v1/callback", auth_callback, R_RAW },
		{ M_GET, "/auth/v1/user", auth_user, R_RAW },
		{ M_POST, "/auth/v1/logout", auth_logout, R_RAW },
		{ M_GET, "/auth/v1/settings", auth_settings, R_RAW },
		{ M_GET, "/auth/v1/health", auth_health, R_RAW },
		{ M_GET, "/auth/v1/.well-known/jwks.json", auth_jwks, R_RAW },
		{ M_OPTIONS, "/auth/v1/{path...}", auth_options, R_RAW },
		{ M_GET, "/inbox", inbox_page, R_RAW | R_QUIET },
		{ M_GET, "/inbox.json", inbox_json, R_RAW | R_QUIET },
		{ M_POST, "/_sandbox/auth/rotate", auth_rotate, R_OPEN },
		{ M_POST, "/_sandbox/auth/token", auth_mint, R_OPEN },
		{ M_POST, "/_sandbox/auth/remail", auth_remail, R_OPEN },
		{ M_GET, "/shop", shop_page, R_OPEN },
		{ M_GET, "/checkout", shop_page_checkout, R_OPEN },
		{ M_POST, "/checkout", shop_page_place, R_RAW },
		{ M_GET, "/checkout/{token}", shop_page_thanks, R_OPEN },
		{ M_GET, "/cart/{items...}", shop_page_cart, R_OPEN },
		{ M_POST, "/admin/oauth/access_token", shop_token, R_RAW },
		{ M_POST, "/admin/api/{version}/graphql.json", shop_admin,
		    R_RAW },
		{ M_POST, "/_sandbox/shop/order", shopctl_order, R_OPEN },
		{ M_POST, "/_sandbox/shop/refund", shopctl_refund, R_OPEN },
		{ M_POST, "/_sandbox/shop/send", shopctl_send, R_OPEN },
		{ M_GET, "/_sandbox/shop/orders", shopctl_orders, R_OPEN },
		{ M_GET, "/_sandbox/shop/deliveries", shopctl_deliveries,
		    R_OPEN },
		{ M_GET, "/_sandbox/shop/tags", shopctl_tags, R_OPEN },
		{ M_POST, "/_sandbox/shop/secret", shopctl_secret, R_OPEN },
		{ M_POST, "/_sandbox/faults", faults_post, R_OPEN },
		{ M_GET, "/_sandbox/faults", faults_list, R_OPEN },
		{ M_DELETE, "/_sandbox/faults", faults_delete, R_OPEN },
		{ M_POST, "/_sandbox/settings", control_set, R_OPEN },
		{ M_GET, "/_sandbox/settings", control_settings, R_OPEN },
		{ M_GET, "/_sandbox/stats", control_stats, R_OPEN },
		{ M_GET, "/_sandbox/requests", tally_requests, R_OPEN },
		{ M_POST, "/_sandbox/reset", control_reset, R_OPEN },
		{ M_POST, "/_sandbox/sink/{name}", control_sink, R_RAW },
		{ M_GET, "/_sandbox/delivery/{dir}/{file}", deliver_get,
		    R_RAW },
	},
};

MINA_MAIN(sandbox)
