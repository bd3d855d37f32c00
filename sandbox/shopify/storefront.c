/* storefront - the pages: packs, checkout, thank-you */
#include "config.h"

#include "core/html.h"
#include "core/service.h"
#include "shopify/shopify.h"

#define PAGE_MAX	(1 << 20)

/* --- what every page has */

static struct buf *
begin(struct cx *cx, const char *title, const char *refresh)
{
	struct buf *b = buf_new(cx, PAGE_MAX);

	buf_puts(b,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1, viewport-fit=cover\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n");
	if (refresh != NULL)
		html(b, "<meta http-equiv=\"refresh\" content=\"%s\">\n",
		    refresh);
	html(b, "<title>%s - Mina sandbox shop</title>\n"
	    "<link rel=\"icon\" href=\"data:,\">\n"
	    "<link rel=\"stylesheet\" href=\"/_page/shop.css\">\n"
	    "</head>\n<body>\n<header class=\"bar\">\n"
	    "<a class=\"home\" href=\"%s/\"><span class=\"bowl\" "
	    "aria-hidden=\"true\"></span>Mina</a>\n"
	    "<p class=\"mark\">Sandbox <span>no real money</span></p>\n"
	    "</header>\n<main>\n", title, conf_str(C_PUBLIC_URL));
	return b;
}

static enum err
finish(struct cx *cx, struct resp *rs, int status, struct buf *b)
{
	buf_puts(b, "</main>\n</body>\n</html>\n");
	if (!buf_ok(b))
		return err_set(cx, E_NOMEM, "page");
	return resp_raw(rs, status, "text/html; charset=utf-8", b->data,
	    b->len);
}

static void
hidden(struct buf *b, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		html(b, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n",
		    name, value);
}

static void
honest(struct buf *b)
{
	buf_puts(b, "<p class=\"honest\">This shop is an imitation that runs "
	    "on this machine. No card is asked for and nothing is paid; "
	    "the order and its matcha exist for Mina here, and nowhere "
	    "else.</p>\n");
}

static void
count_field(struct buf *b, const struct shop_pack *p, int64_t n)
{
	html(b, "<input class=\"count\" type=\"number\" id=\"%s\" "
	    "name=\"qty[%s]\" value=\"%d\" min=\"0\" max=\"%d\" step=\"1\" "
	    "inputmode=\"numeric\" aria-label=\"How many packs of %s\">\n",
	    p->sku, p->sku, (int)n, SHOP_QUANTITY, p->title);
}

/* --- the packs */

static void
pack_row(struct cx *cx, struct buf *b, const struct shop_pack *p, int64_t n)
{
	html(b, "<li class=\"pack\">\n<label for=\"%s\">"
	    "<b>%d</b> <span class=\"unit\">matcha</span>"
	    "<small>%s</small></label>\n"
	    "<p class=\"price\">$%s<small>%d\xc2\xa2 each</small></p>\n",
	    p->sku, p->matcha, p->sku, shop_money(cx, p->price),
	    (int)(p->price + p->matcha / 2) / p->matcha);
	count_field(b, p, n);
	buf_puts(b, "</li>\n");
}

static enum err
choose(struct cx *cx, struct resp *rs, int status, const struct shop_cart *c)
{
	struct buf *b = begin(cx, "Matcha", NULL);

	buf_puts(b, "<h1>Matcha</h1>\n<p class=\"lead\">Pictures and films "
	    "are paid for in matcha. How much would you like?</p>\n");
	if (c->bad_pack != NULL)
		html(b, "<p class=\"wrong\" role=\"alert\">%s</p>\n",
		    c->bad_pack);
	buf_puts(b, "<form method=\"get\" action=\"/checkout\">\n");
	hidden(b, "attributes[mina_pass]", c->pass_ref);
	hidden(b, "checkout[email]", c->email);
	buf_puts(b, "<ul class=\"packs\">\n");
	for (size_t i = 0; i < SHOP_PACKS; i++)
		pack_row(cx, b, &shop_packs[i], c->quantity[i]);
	buf_puts(b, "</ul>\n<button class=\"go\">Continue</button>\n"
	    "</form>\n");
	honest(b);
	return finish(cx, rs, status, b);
}

/* GET /shop */
enum err
shop_page(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_cart c;

	shop_cart_read(cx, rq->query, NULL, &c);
	return choose(cx, rs, 200, &c);
}

/* --- the checkout */

static void
line_row(struct cx *cx, struct buf *b, const struct shop_pack *p, int64_t n)
{
	html(b, "<li class=\"line\">\n<label for=\"%s\">%s<small>$%s"
	    "</small></label>\n", p->sku, p->title, shop_money(cx, p->price));
	count_field(b, p, n);
	html(b, "<p class=\"price\">$%s</p>\n</li>\n",
	    shop_money(cx, p->price * n));
}

static void
email_field(struct buf *b, const struct shop_cart *c, bool complain)
{
	html(b, "<div class=\"field\">\n<label for=\"email\">E-mail</label>\n"
	    "<input type=\"email\" id=\"email\" name=\"checkout[email]\" "
	    "value=\"%s\" required maxlength=\"254\" autocomplete=\"email\""
	    " placeholder=\"you@example.com\">\n", c->email);
	if (complain && c->bad_email != NULL)
		html(b, "<p class=\"wrong\" role=\"alert\">%s</p>\n",
		    c->bad_email);
	html(b, "<p class=\"hint\">%s</p>\n</div>\n", c->pass_ref != NULL ?
	    "The matcha goes to the account you came from." :
	    "The matcha goes to the account with this e-mail address.");
}

/* Enter in a field presses the first button there is. */
#define DEFAULT_BUTTON	"<button class=\"unseen\" tabindex=\"-1\" " \
			"aria-hidden=\"true\">Place the order</button>\n"

static enum err
checkout(struct cx *cx, struct resp *rs, int status,
    const struct shop_cart *c, bool complain)
{
	struct buf *b;

	if (shop_cart_empty(c) || c->bad_pack != NULL)
		return choose(cx, rs, status, c);
	b = begin(cx, "Checkout", NULL);
	buf_puts(b, "<h1>Checkout</h1>\n"
	    "<form class=\"checkout\" method=\"post\" action=\"/checkout\">\n"
	    DEFAULT_BUTTON);
	hidden(b, "checkout_token", c->token);
	hidden(b, "attributes[mina_pass]", c->pass_ref);
	buf_puts(b, "<section class=\"cart\" aria-label=\"Your order\">\n"
	    "<ul class=\"lines\">\n");
	for (size_t i = 0; i < SHOP_PACKS; i++)
		if (c->quantity[i] > 0)
			line_row(cx, b, &shop_packs[i], c->quantity[i]);
	html(b, "</ul>\n<p class=\"total\"><span>Total</span> <b>$%s</b></p>\n"
	    "<button class=\"quiet\" formmethod=\"get\" formaction="
	    "\"/checkout\" formnovalidate>Update total</button>"
	    "<button class=\"quiet\" formmethod=\"get\" formaction="
	    "\"/shop\" formnovalidate>Other packs</button>\n"
	    "</section>\n<section class=\"who\">\n",
	    shop_money(cx, shop_cart_total(c)));
	email_field(b, c, complain);
	buf_puts(b, "<button class=\"go\">Place the order</button>\n");
	honest(b);
	buf_puts(b, "</section>\n</form>\n");
	return finish(cx, rs, status, b);
}

/* GET /checkout */
enum err
shop_page_checkout(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_cart c;

	shop_cart_read(cx, rq->query, NULL, &c);
	return checkout(cx, rs, 200, &c, false);
}

/* GET /cart/{items...} */
enum err
shop_page_cart(struct cx *cx, struct req *rq, struct resp *rs)
{
	struct shop_cart c;

	shop_cart_read(cx, rq->query, rq->param[0], &c);
	return checkout(cx, rs, 200, &c, false);
}

/* POST /checkout */
enum err
shop_page_place(struct cx *cx, struct req *rq, struct resp *rs)
{
	static const struct shop_way ordinary;
	struct shop_order *o;
	struct shop_wish w;
	struct shop_cart c;
	enum err er;

	if (rq->bodylen > SHOP_FORM_MAX)
		return err_set(cx, E_TOOBIG, "a form of %zu bytes",
		    rq->bodylen);
	shop_cart_read(cx, rq->body, NULL, &c);
	if (shop_cart_empty(&c) && c.bad_pack == NULL)
		c.bad_pack = "Nothing has been chosen yet.";
	if (c.bad_email != NULL || c.bad_pack != NULL)
		return checkout(cx, rs, 422, &c, true);
	/* The button was pressed twice: one order. */
	if ((o = shop_order_token(c.token)) == NULL) {
		shop_cart_wish(&c, &w);
		if ((er = shop_order_place(cx, &w, &o)) != E_OK)
			return er;
		shop_webhook_send(cx, o, NULL, "orders/create orders/paid",
		    &ordinary);
	}
	resp_header(rs, "Location", cx_fmt(cx, "/checkout/%s", o->token));
	return resp_raw(rs, 303, "text/html; charset=utf-8", "", 0);
}

/* --- thank you */

static enum err
no_order(struct cx *cx, struct resp *rs)
{
	struct buf *b = begin(cx, "No such order", NULL);

	buf_puts(b, "<h1>No such order</h1>\n<p class=\"lead\">There is none "
	    "at this address.</p>\n"
	    "<p><a class=\"go\" href=\"/shop\">To the shop</a></p>\n");
	return finish(cx, rs, 404, b);
}

static int
matcha_of(const struct shop_order *o)
{
	const struct shop_pack *p;
	int sum = 0;

	for (size_t i = 0; i < o->nline; i++)
		if ((p = shop_pack_sku(o->line[i].sku)) != NULL)
			sum += p->matcha * (int)o->line[i].quantity;
	return sum;
}

static void
receipt(struct cx *cx, struct buf *b, const struct shop_order *o)
{
	buf_puts(b, "<section class=\"cart\" aria-label=\"What you ordered\">"
	    "\n<ul class=\"lines\">\n");
	for (size_t i = 0; i < o->nline; i++)
		html(b, "<li class=\"line\"><p>%s<small>%d &times; $%s"
		    "</small></p><p class=\"price\">$%s</p></li>\n",
		    o->line[i].title, (int)o->line[i].quantity,
		    shop_money(cx, o->line[i].price), shop_money(cx,
		    o->line[i].price * o->line[i].quantity));
	html(b, "</ul>\n<p class=\"total\"><span>Total</span> <b>$%s</b></p>\n"
	    "</section>\n", shop_money(cx, shop_order_total(o)));
}

/* GET /checkout/{token} */
enum err
shop_page_thanks(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct shop_order *o = shop_order_token(rq->param[0]);
	bool pending;
	struct buf *b;

	if (o == NULL)
		return no_order(cx, rs);
	pending = delivery_pending(o->id);
	b = begin(cx, "Thank you", pending && !o->told ? "2" : NULL);
	html(b, "<h1>Thank you</h1>\n<p class=\"lead\">Order "
	    "<b>#%d</b>%s%s.</p>\n", (int)o->number, o->email != NULL ?
	    " for " : "", o->email);
	html(b, "<p class=\"state\" role=\"status\">%s</p>\n", o->told ?
	    cx_fmt(cx, "Mina has been told: %d matcha should be there.",
	    matcha_of(o)) : pending ? "Mina is being told\xe2\x80\xa6" :
	    "Mina could not be told. She looks for such orders herself from "
	    "time to time.");
	receipt(cx, b, o);
	html(b, "<p><a class=\"go\" href=\"%s/\">Back to the studio</a></p>\n",
	    conf_str(C_PUBLIC_URL));
	honest(b);
	return finish(cx, rs, 200, b);
}
