/*
 * app - set-up, dispatch of requests, CORS, authorization, access log
 *
 * A handler's return code decides the response: E_OK sends what the handler
 * made, anything else is rendered as a problem by web/resp.c.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/admin.h"
#include "account/ident.h"
#include "account/jwks.h"
#include "account/passref.h"
#include "app.h"
#include "base/co.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/fault.h"
#include "base/inspect.h"
#include "base/log.h"
#include "base/postmortem.h"
#include "base/str.h"
#include "config/settings.h"
#include "io/http.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "web/idempotency.h"
#include "web/transport.h"

#define ARENA_CAP	(32 << 20)

static const struct app	*app;
static const char	*prog;
static struct pg	*db;
static struct http	*http;

void
app_cx(struct cx *cx, size_t cap)
{
	cx_init(cx, cap);
	cx->db = db;
	cx->http = http;
}

/* --- one request */

/* nginx' $request_id, or a random one. */
static void
take_request_id(struct cx *cx, struct transport *t)
{
	const char *id = t->ops->param(t, "REQUEST_ID");
	unsigned char r[16];
	size_t n = id != NULL ? strlen(id) : 0;

	if (n >= 8 && n < sizeof cx->reqid && strspn(id, "0123456789abcdef"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz-_") == n) {
		memcpy(cx->reqid, id, n + 1);
		return;
	}
	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, cx->reqid);
}

static bool
same_method(enum method asked, enum method route)
{
	return asked == route || (asked == M_HEAD && route == M_GET);
}

static enum err
find_route(struct cx *cx, struct req *rq, struct resp *rs,
    const struct route **out)
{
	char allow[96] = "";
	size_t n = 0;

	for (const struct route *r = app->routes; r->fn != NULL; r++) {
		if (!req_match(cx, rq, r->path))
			continue;
		if (same_method(rq->method, r->method)) {
			*out = r;
			return E_OK;
		}
		n += (size_t)snprintf(allow + n, sizeof allow - n, "%s%s%s",
		    n > 0 ? ", " : "", method_name(r->method),
		    r->method == M_GET ? ", HEAD" : "");
	}
	if (n == 0)
		return err_set(cx, E_NOTFOUND, "no route");
	resp_header(rs, "Allow", allow);
	return err_set(cx, E_METHOD, "method not in %s", allow);
}

static void
allow_origin(struct req *rq, struct resp *rs)
{
	const char *origin = req_header(rq, "Origin");

	if (origin == NULL || !conf_lists(C_CORS_ORIGINS, origin))
		return;
	resp_header(rs, "Access-Control-Allow-Origin", origin);
	resp_header(rs, "Vary", "Origin");
	resp_header(rs, "Access-Control-Expose-Headers",
	    "X-Request-Id, Location, Retry-After, ETag, Idempotent-Replayed");
}

/* Answers OPTIONS, which may be a CORS preflight (Fetch standard). */
static enum err
preflight(struct req *rq, struct resp *rs)
{
	if (req_header(rq, "Access-Control-Request-Method") != NULL) {
		resp_header(rs, "Access-Control-Allow-Methods",
		    "GET, HEAD, POST, PUT, DELETE");
		resp_header(rs, "Access-Control-Allow-Headers",
		    "Authorization, Content-Type, Idempotency-Key, "
		    "If-None-Match, Last-Event-ID, Prefer, X-Mina-Pass-Id, "
		    "X-Session-Id");
		resp_header(rs, "Access-Control-Max-Age", "600");
	}
	return resp_raw(rs, 204, "text/plain", "", 0);
}

/* The sandbox's object store answers OPTIONS by its own CORS rules. */
static bool
has_options_route(struct cx *cx, struct req *rq)
{
	for (const struct route *r = app->routes; r->fn != NULL; r++)
		if (r->method == M_OPTIONS && req_match(cx, rq, r->path))
			return true;
	return false;
}

static coroutine_fn enum err
authorize(struct cx *cx, struct req *rq, const struct route *r)
{
	enum err er;

	rq->admin = r->flags & R_ADMIN && admin_key(cx, rq);
	if (rq->admin || !(r->flags & (R_IDENT | R_OWNER)))
		return E_OK;
	if ((er = ident_of(cx, rq)) != E_OK)
		return er;
	if (r->flags & R_OWNER && strcmp(rq->pass, IDENT_ANONYMOUS) == 0)
		return err_set(cx, E_NOAUTH, "anonymous pass");
	return E_OK;
}

/* Read even if it is refused, because the connection is kept. */
static coroutine_fn enum err
take_body(struct cx *cx, struct req *rq)
{
	if (rq->method == M_GET || rq->method == M_HEAD)
		return req_drop_body(rq);
	return req_read_body(cx, rq, app->maxbody != 0 ? app->maxbody :
	    APP_BODY_MAX);
}

static coroutine_fn enum err
handle(struct cx *cx, struct req *rq, struct resp *rs,
    const struct route **route)
{
	const struct route *r = NULL;
	bool answered = false;
	enum err er, body;

	allow_origin(rq, rs);
	body = take_body(cx, rq);
	if (body == E_HUP)
		return body;
	if (rq->method == M_OPTIONS && !has_options_route(cx, rq))
		return preflight(rq, rs);
	if (body != E_OK)
		return body;
	if ((er = find_route(cx, rq, rs, &r)) != E_OK)
		return er;
	*route = r;
	co_label(cx->reqid, r->path);
	if (!(r->flags & R_RAW) && (er = req_parse_json(cx, rq)) != E_OK)
		return er;
	if ((er = authorize(cx, rq, r)) != E_OK)
		return er;
	if (r->flags & R_OWNER && !(r->flags & R_IDEMPOTENT) && !rq->admin &&
	    ((er = idempotency_begin(cx, rq, rs, &answered)) != E_OK ||
	    answered))
		return er;
	er = r->fn(cx, rq, rs);
	idempotency_end(cx, rq, rs, er);
	if (er == E_NOMATCHA && rq->who != NULL)
		rs->topup = passref_checkout(cx, rq->pass, rq->who->email);
	if (er == E_OK && !rs->done && !rs->streamed)
		BUG("the handler did not call resp_done()");
	return er;
}

/* RFC 6750, 3: the WWW-Authenticate header of a 401. */
static void
challenge(const struct req *rq, struct resp *rs)
{
	resp_header(rs, "WWW-Authenticate", rq->bad_token ?
	    "Bearer realm=\"mina\", error=\"invalid_token\"" :
	    "Bearer realm=\"mina\"");
}

/*
 * The last net: the database refused a value (SQLSTATE 22 or 23), and what a
 * client sent is the usual cause.  A check is missing where it comes in.
 */
static enum err
bad_data(struct cx *cx)
{
	log_warn(cx, "a value that was not checked: %s", cx->err.detail);
	return err_set(cx, E_BADREQ, "%s", cx_dup(cx, cx->err.detail));
}

static coroutine_fn void
serve_request(struct transport *t)
{
	const struct route *route = NULL;
	int64_t start = loop_us();
	struct resp rs;
	struct req rq;
	struct cx cx;
	enum err er;

	app_cx(&cx, ARENA_CAP + app->maxbody);
	take_request_id(&cx, t);
	co_label(cx.reqid, NULL);
	resp_init(&cx, &rs);
	if ((er = req_init(&cx, &rq, t)) == E_OK)
		er = handle(&cx, &rq, &rs, &route);
	if (er == E_BUG && str_eq(cx.err.reason, PG_BAD_DATA))
		er = bad_data(&cx);
	if (err_http(er) == 401)
		challenge(&rq, &rs);
	if (er != E_OK && !rs.streamed && err_http(er) != 0)
		resp_problem(&rs, er);
	else if (er == E_STOP && !rs.streamed)
		resp_problem(&rs, E_DB);
	if (rs.done && !rs.streamed && er != E_HUP)
		er = resp_send(&rs, &rq) == E_OK ? er : E_HUP;
	if (rq.bad_token)
		log_info(&cx, "%s", cx.err.detail);
	if (er == E_BUG || er == E_NOMEM)
		log_err(&cx, "%s: %s", err_name(er), cx.err.detail);
	else if (er != E_OK && err_http(er) >= 500)
		log_warn(&cx, "%s: %s", err_name(er), cx.err.detail);
	if (route == NULL || !(route->flags & R_QUIET))
		log_access(&cx, method_name(rq.method),
		    route != NULL ? route->path : "-",
		    er == E_HUP ? 499 : rs.status, loop_us() - start, rs.sent,
		    er != E_OK ? err_name(er) : NULL);
	cx_release(&cx);
}

/* --- the program */

/*
 * Some supervisors close 1 and 2.  A database connection must not become
 * descriptor 2, or log lines would be written into it.
 */
static void
open_std(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= 2)
		;
	if (fd > 2)
		close(fd);
}

static bool
has_ident_routes(void)
{
	const struct route *r = app != NULL ? app->routes : NULL;

	for (; r != NULL && r->fn != NULL; r++)
		if (r->flags & (R_IDENT | R_OWNER))
			return true;
	return false;
}

/* What those need: the database, and HTTP to fetch the issuer's keys. */
static unsigned
ident_needs(const char *name)
{
	const char *complaint;

	if (!has_ident_routes())
		return 0;
	if (strcmp(conf_str(C_AUTH), "trusted") == 0)
		return APP_DB;
	if ((complaint = jwks_complaint()) != NULL) {
		fprintf(stderr, "%s: %s\n", name, complaint);
		exit(78);
	}
	return APP_DB | APP_HTTP;
}

/* On SIGUSR2.  SIGUSR1 is taken: multiwatch stops programs with it. */
static void
dump(int sig)
{
	(void)sig;
	inspect_dump(loop_now());
}

void
app_init(const char *name, unsigned needs)
{
	mina_post_mortem.prog = prog = name;
	log_open(name);
	fault_open(name);
	if (!conf_load())
		exit(78);		/* EX_CONFIG */
	needs |= ident_needs(name);
	log_level(conf_str(C_LOG));
	loop_init();
	loop_each_turn(log_flush);
	loop_on_signal(SIGUSR2, dump);
	if (needs & APP_DB) {
		if (!conf_has(C_DB_URL)) {
			fprintf(stderr, "%s: set %s\n", name,
			    conf_name(C_DB_URL));
			exit(78);
		}
		db = pg_new(conf_str(C_DB_URL), name,
		    (int)conf_int(C_DB_CONNS), (int)conf_int(C_DB_TIMEOUT_MS));
	}
	if (needs & APP_HTTP)
		http = http_new();
}

void
app_close(void)
{
	http_free(http);
	pg_free(db);
	http = NULL;
	db = NULL;
	loop_close();
}

static int
print_routes(void)
{
	for (const struct route *r = app->routes; r->fn != NULL; r++)
		printf("%s %s%s%s%s\n", method_name(r->method), r->path,
		    r->flags & R_IDENT ? " ident" : "",
		    r->flags & R_OWNER ? " owner" : "",
		    r->flags & R_ADMIN ? " admin" : "");
	return 0;
}

static int
usage(FILE *f)
{
	fprintf(f,
	    "usage: %s METHOD PATH [-H 'Name: value'] [-d BODY | -d @FILE]\n"
	    "       %s --routes | --settings | --version | --help\n"
	    "With a listening socket as descriptor 0 it serves FastCGI; with\n"
	    "REQUEST_METHOD in the environment it is a CGI program.\n",
	    prog, prog);
	return f == stdout ? 0 : 2;
}

int
app_main(const struct app *a, const char *name, int argc, char **argv)
{
	int rc;

	open_std();
	app = a;
	prog = name;
	if (argc == 2 && strcmp(argv[1], "--routes") == 0)
		return print_routes();
	if (argc == 2 && strcmp(argv[1], "--settings") == 0) {
		conf_print();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("%s %s\n", name, PACKAGE_VERSION) < 0;
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (!fcgi_socket() && !cgi_wanted(argc))
		return usage(stderr);
	app_init(name, a->needs);
	if (strcmp(conf_str(C_AUTH), "trusted") == 0 && fcgi_socket())
		log_warn(NULL, "MINA_AUTH=trusted: any client that can "
		    "connect acts for any customer");
	if (a->needs & APP_LISTEN && fcgi_socket())
		settings_watch(db);
	if (a->start != NULL) {
		struct cx cx;

		app_cx(&cx, ARENA_CAP);
		a->start(&cx);
		cx_release(&cx);
	}
	rc = argc > 1 || !fcgi_socket() ? cgi_main(serve_request, argc, argv) :
	    fcgi_main(serve_request);
	if (rc != 2)
		app_close();
	return rc;
}
