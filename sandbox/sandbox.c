/*
 * sandbox - emulates the external services
 *
 * OpenAI's chat completions, Replicate's predictions, Ark, Kling and fal, an
 * S3 store, Supabase Auth and a shop at Shopify, spoken over the real wire
 * protocols, so that Mina runs and is tested without an account anywhere.
 * What it makes is marked as made here.  It is never part of production: it
 * does not start unless it is told where its files are and that clients reach
 * it on this machine's loopback.
 */
#include "config.h"

#include <errno.h>

#include "auth/auth.h"
#include "core/control.h"
#include "core/service.h"
#include "io/loop.h"
#include "openai/openai.h"
#include "providers/providers.h"
#include "s3/object_store.h"
#include "shopify/shopify.h"
#include "web/transport.h"

#define EX_CONFIG	78
/* The store takes larger objects than Mina does, as the real one. */
#define BODY_MAX	(257 << 20)
#define MINUTE_MS	60000

/* Opened in this order, and their routes are matched in it. */
static const struct emulator *const all[] = {
	&openai_emulator,
	&replicate_emulator,
	&ark_emulator,
	&kling_emulator,
	&fal_emulator,
	&s3_emulator,
	&auth_emulator,
	&shop_emulator,
	&predictions_emulator,
	&control_emulator,
	NULL
};

static struct loop_timer *timer;

static bool
loopback(const char *host)
{
	return str_eq(host, "localhost") || str_eq(host, "::1") ||
	    (str_starts(host, "127.") &&
	    strspn(host, "0123456789.") == strlen(host));
}

static void
each_minute(void *arg)
{
	(void)arg;
	for (const struct emulator *const *e = all; *e != NULL; e++)
		if ((*e)->each_minute != NULL)
			(*e)->each_minute();
	loop_timer_set(timer, MINUTE_MS);
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
	struct url u;

	if (*conf_str(C_SANDBOX_DIR) != '/')
		refuse(conf_name(C_SANDBOX_DIR), " must be set, and absolute");
	if (!url_parse(cx, conf_str(C_SANDBOX_URL), &u) || u.userinfo ||
	    !str_eq(u.scheme, "https") || !loopback(u.host))
		refuse(conf_name(C_SANDBOX_URL), " must be an https origin on "
		    "localhost or a loopback address");
	for (const struct emulator *const *e = all; *e != NULL; e++)
		if ((*e)->open != NULL && !(*e)->open(cx, fcgi_socket()))
			refuse((*e)->name, cx_fmt(cx, ": its files cannot be "
			    "read or written: %s", strerror(errno)));
	/* One request from a shell does not outlive it. */
	if (fcgi_socket()) {
		timer = loop_timer_new(each_minute, NULL);
		loop_timer_set(timer, MINUTE_MS);
	}
}

int
main(int argc, char **argv)
{
	static struct app app = { .needs = APP_HTTP, .maxbody = BODY_MAX,
	    .start = start };
	struct route *r = app.routes;

	for (const struct emulator *const *e = all; *e != NULL; e++)
		for (const struct emulated_route *er = (*e)->route;
		    er->path != NULL; er++, r++) {
			AN(r < app.routes + APP_ROUTES - 1);
			*r = (struct route){ er->method, er->path, emulate,
			    R_RAW };
			if (er->endpoint == EP_NONE) {
				r->fn = er->fn;
				r->flags = er->flags;
			}
		}
	emulators_register(all);
	return app_main(&app, "sandbox", argc, argv);
}
