/*
 * http - libcurl's multi interface on the loop, and the checks of guarded URLs
 *
 * curl tells which sockets and which timer it wants watched; the loop calls
 * curl_multi_socket_action() for them, and a transfer that is done wakes its
 * coroutine.  Easy handles are reused, their number is limited by a gate.
 */
#include "config.h"

#include <sys/mman.h>

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/cx.h"
#include "base/fault.h"
#include "base/ipguard.h"
#include "base/jsonskip.h"
#include "base/log.h"
#include "base/str.h"
#include "base/url.h"
#include "io/http.h"
#include "io/loop.h"

#define HTTP_MAGIC	0x48747470
#define IDLE_HANDLES	64
/* Concurrent calls; each takes some 30 kB of curl's memory. */
#define TRANSFERS		400
#define RETRY_AFTER_MAX	INT64_C(3600000)
/*
 * An idle connection older than this is not used for a POST: servers close
 * idle ones, and a POST that meets the close has an unknown outcome.
 */
#define POST_IDLE_S	15L
#define SYSTEM_CA	"/etc/ssl/certs/ca-certificates.crt"

struct http {
	unsigned	 magic;
	CURLM		*multi;
	struct loop_timer *timer;
	CURL		*idle[IDLE_HANDLES];
	int		 nidle;
	struct gate	 gate;
	/*
	 * A file with the authorities to trust, or "" for curl's own default.
	 * curl keeps what it has parsed for a file (CURLOPT_CA_CACHE_TIMEOUT),
	 * but not for a blob or a directory, and parsing takes longer than the
	 * rest of a handshake.
	 */
	char		 ca[64];
	int		 ca_fd;		/* -1: the system's file */
};

struct transfer {
	struct cx	*cx;
	struct http_call *call;
	struct wait	 w;
	CURL		*easy;
	CURLcode	 rc;
	const char	*url;		/* that curl is given */
	size_t		 sent;		/* bytes of body */
	size_t		 received;	/* bytes of body */
	bool		 toobig;
	bool		 noroom;
	bool		 encoded;	/* has a Content-Encoding or such */
	bool		 bad_encoding;	/* ..in a guarded call: aborted */
	bool		 refused;	/* an address was not public */
	bool		 exempt;	/* listed in MINA_FETCH_ALLOW */
	bool		 held_back;	/* by go */
	struct jsonskip	 skip;
};

/* --- the multi handle on the loop */

static void
wake_finished(struct http *h)
{
	struct transfer *f;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		f->rc = m->data.result;
		wait_wake(&f->w, E_OK);
	}
}

static void
timer_fired(void *arg)
{
	struct http *h = arg;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	wake_finished(h);
}

static int
timer_wanted(CURLM *m, long ms, void *arg)
{
	struct http *h = arg;

	(void)m;
	loop_timer_set(h->timer, ms);
	return 0;
}

struct watched {
	struct http	*h;
	struct loop_fd	*fd;
	curl_socket_t	 s;
};

static void
socket_ready(void *arg, int events)
{
	struct watched *w = arg;
	struct http *h = w->h;
	int flags = 0, running;

	if (events & LOOP_READ)
		flags |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		flags |= CURL_CSELECT_OUT;
	/* This may free w. */
	curl_multi_socket_action(h->multi, w->s, flags, &running);
	wake_finished(h);
}

static int
socket_wanted(CURL *easy, curl_socket_t s, int what, void *arg, void *mine)
{
	struct http *h = arg;
	struct watched *w = mine;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			loop_fd_free(w->fd);
			free(w);
			curl_multi_assign(h->multi, s, NULL);
		}
		return 0;
	}
	if (w == NULL) {
		XXXAN(w = calloc(1, sizeof *w));
		w->h = h;
		w->s = s;
		XXXAN(w->fd = loop_fd_new(s, socket_ready, w));
		curl_multi_assign(h->multi, s, w);
	}
	loop_fd_watch(w->fd, (what & CURL_POLL_IN ? LOOP_READ : 0) |
	    (what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	return 0;
}

static bool
append_file(int fd, const char *path)
{
	char chunk[8192];
	size_t n;
	FILE *f;
	bool ok = true;

	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (ok && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		ok = write(fd, chunk, n) == (ssize_t)n;
	fclose(f);
	return ok;
}

/* curl takes one file: the system's, or that with MINA_TLS_CA appended. */
static void
load_ca(struct http *h)
{
	const char *file = conf_str(C_TLS_CA);

	h->ca_fd = -1;
	if (*file == '\0') {
		if (access(SYSTEM_CA, R_OK) == 0)
			snprintf(h->ca, sizeof h->ca, SYSTEM_CA);
		return;
	}
	if ((h->ca_fd = memfd_create("ca", MFD_CLOEXEC)) < 0) {
		log_err(NULL, "http: memfd: %s", strerror(errno));
		return;
	}
	if (!append_file(h->ca_fd, SYSTEM_CA))
		log_debug(NULL, "http: the system has no certificate bundle");
	if (write(h->ca_fd, "\n", 1) != 1 || !append_file(h->ca_fd, file))
		log_err(NULL, "http: cannot read %s", file);
	else
		snprintf(h->ca, sizeof h->ca, "/proc/self/fd/%d", h->ca_fd);
}

struct http *
http_new(void)
{
	struct http *h;

	AZ(curl_global_init(CURL_GLOBAL_DEFAULT));
	XXXAN(h = calloc(1, sizeof *h));
	h->magic = HTTP_MAGIC;
	XXXAN(h->multi = curl_multi_init());
	h->timer = loop_timer_new(timer_fired, h);
	gate_init(&h->gate, W_HTTP_ROOM, TRANSFERS);
	load_ca(h);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 32L);
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 256L);
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	CHECK(h, HTTP_MAGIC);
	while (h->nidle > 0)
		curl_easy_cleanup(h->idle[--h->nidle]);
	curl_multi_cleanup(h->multi);
	loop_timer_free(h->timer);
	if (h->ca_fd >= 0)
		close(h->ca_fd);
	h->magic = 0;
	free(h);
	curl_global_cleanup();
}

/* --- one call */

void
http_header(struct cx *cx, struct http_call *call, const char *name,
    const char *value)
{
	AN(call->nheader < HTTP_MAXHDR);
	call->header[call->nheader].name = name;
	call->header[call->nheader].value = cx_dup(cx, value);
	call->header[call->nheader++].secret = false;
}

void
http_secret(struct cx *cx, struct http_call *call, const char *name,
    const char *value)
{
	http_header(cx, call, name, value);
	call->header[call->nheader - 1].secret = true;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *f = arg;
	long status = 0;

	n *= size;
	f->received += n;
	if (f->received > f->call->maxbody * (f->call->skip != NULL ?
	    HTTP_SKIPPED : 1)) {
		f->toobig = true;
		return 0;
	}
	if (f->call->guarded) {
		curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
		if (status != 200)
			return n;	/* error pages are discarded */
		if (f->encoded) {
			f->bad_encoding = true;
			return 0;
		}
	}
	if (f->call->room != NULL && !f->call->room(f->call->room_arg, n)) {
		f->noroom = true;
		return 0;
	}
	if (!(f->call->skip != NULL ? jsonskip_put(&f->skip, f->call->answer,
	    p, n) : buf_put(f->call->answer, p, n))) {
		f->toobig = true;
		return 0;
	}
	return n;
}

/*
 * A guarded call accepts no compressed body, as a small one could decompress
 * to a large one.  Header lines are looked at here and not in call->got, which
 * holds a limited number.
 */
static bool
is_encoding(const char *line, size_t len)
{
	static const struct {
		const char *name, *plain;
	} head[] = {
		{ "content-encoding:", "identity" },
		{ "transfer-encoding:", "chunked" },
	};
	size_t n;

	for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
		n = strlen(head[i].name);
		if (len < n || strncasecmp(line, head[i].name, n) != 0)
			continue;
		for (line += n, len -= n; len > 0 &&
		    isspace((unsigned char)*line); line++)
			len--;
		while (len > 0 && isspace((unsigned char)line[len - 1]))
			len--;
		return len > 0 && (len != strlen(head[i].plain) ||
		    strncasecmp(line, head[i].plain, len) != 0);
	}
	return false;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *f = arg;
	struct http_call *call = f->call;
	char *line, *colon, *value, *end;
	size_t len = n * size, max = sizeof call->got / sizeof *call->got;

	if (len > 5 && strncasecmp(p, "HTTP/", 5) == 0) {
		call->ngot = 0;		/* after a 1xx */
		f->encoded = false;
		return len;
	}
	f->encoded |= is_encoding(p, len);
	if (call->ngot >= max || len > 8192 ||
	    memchr(p, ':', len) == NULL)
		return len;
	line = cx_dupn(f->cx, p, len);
	colon = strchr(line, ':');
	if (colon == NULL)
		return len;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	value[strcspn(value, "\r\n")] = '\0';
	for (end = value + strlen(value); end > value &&
	    (end[-1] == ' ' || end[-1] == '\t'); end--)
		;
	*end = '\0';
	call->got[call->ngot].name = line;
	call->got[call->ngot++].value = value;
	return len;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	struct transfer *f = arg;

	(void)purpose;
	if (!f->exempt && !ipguard_public(&addr->addr)) {
		f->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(addr->family, addr->socktype | SOCK_CLOEXEC,
	    addr->protocol);
}

static enum err
check_guarded(struct cx *cx, struct transfer *f)
{
	const char *url = f->call->url;
	size_t n = url_scheme(url);
	struct url u;

	if (n > 0 && (n != 5 || strncasecmp(url, "https", 5) != 0))
		return err_reason(cx, "SCHEME", err_set(cx, E_FORBIDDEN,
		    "only https URLs are fetched"));
	if (!url_parse(cx, url, &u))
		return err_reason(cx, "URL", err_set(cx, E_FORBIDDEN,
		    "not a URL"));
	if (u.userinfo)
		return err_reason(cx, "USERINFO", err_set(cx, E_FORBIDDEN,
		    "URL with a user name"));
	if (u.respelled)
		return err_reason(cx, "URL", err_set(cx, E_FORBIDDEN,
		    "%.80s is not written as four decimal numbers", u.host));
	/* From the parts that are checked here, so that curl reads the same. */
	f->url = cx_fmt(cx, strchr(u.host, ':') != NULL ?
	    "https://[%s]:%d%s%s%s" : "https://%s:%d%s%s%s", u.host, u.port,
	    u.path, u.query != NULL ? "?" : "", u.query != NULL ? u.query :
	    "");
	f->exempt = conf_lists(C_FETCH_ALLOW, cx_fmt(cx, "%s:%d", u.host,
	    u.port));
	if (f->exempt)
		return E_OK;
	if (u.port != 443)
		return err_reason(cx, "PORT", err_set(cx, E_FORBIDDEN,
		    "URL with port %d", u.port));
	switch (ipguard_host(u.host)) {
	case IPGUARD_OK:
		return E_OK;
	case IPGUARD_FORM:
		return err_reason(cx, "URL", err_set(cx, E_FORBIDDEN,
		    "%.80s is not an address in full", u.host));
	default:
		return err_reason(cx, "ADDRESS_NOT_PUBLIC", err_set(cx,
		    E_FORBIDDEN, "%.80s is not public", u.host));
	}
}

static void
free_list(void *list)
{
	curl_slist_free_all(list);
}

static struct curl_slist *
header_list(struct cx *cx, const struct http_call *call)
{
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < call->nheader; i++)
		XXXAN(list = curl_slist_append(list, cx_fmt(cx,
		    call->header[i].value[0] != '\0' ? "%s: %s" : "%s;%s",
		    call->header[i].name, call->header[i].value)));
	if (call->guarded)
		XXXAN(list = curl_slist_append(list,
		    "Accept-Encoding: identity"));
	/* Without it curl waits for "100 Continue" before larger bodies. */
	XXXAN(list = curl_slist_append(list, "Expect:"));
	arena_defer(cx->mem, free_list, list);
	return list;
}

static CURL *
handle_get(struct http *h)
{
	CURL *e;

	if (h->nidle > 0)
		return h->idle[--h->nidle];
	XXXAN(e = curl_easy_init());
	return e;
}

static void
handle_put(struct http *h, CURL *e)
{
	if (h->nidle < IDLE_HANDLES) {
		curl_easy_reset(e);	/* keeps the multi's connections */
		h->idle[h->nidle++] = e;
	} else
		curl_easy_cleanup(e);
}

static size_t
on_send(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *f = arg;
	size_t left = f->call->bodylen - f->sent;

	if ((n *= size) > left)
		n = left;
	if (n > 0)
		memcpy(p, (const char *)f->call->body + f->sent, n);
	f->sent += n;
	return n;
}

static int
refuse_rewind(void *arg, curl_off_t offset, int origin)
{
	(void)arg;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

/*
 * When a kept connection closes before any reply, curl sends the request again
 * on a new one.  The server may have carried it out, so a POST, which may order
 * and cost something, must not be repeated here; whether it is, is decided by
 * who knows what it does.  For that curl would have to read the body again,
 * which is refused: the call fails with sent set.  A request without a body
 * gets a new connection, where curl repeats nothing.  (curl's own option
 * against repeating is newer than Debian 12.)
 */
static void
set_post(CURL *e, struct transfer *f)
{
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(e, CURLOPT_READDATA, f);
	curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, refuse_rewind);
	curl_easy_setopt(e, CURLOPT_SEEKDATA, f);
	curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, POST_IDLE_S);
	if (f->call->bodylen == 0)
		curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
}

static void
set_body(CURL *e, struct transfer *f)
{
	const struct http_call *call = f->call;
	bool post = strcmp(call->method, "POST") == 0;

	if (strcmp(call->method, "HEAD") == 0) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
		return;
	}
	if (call->body != NULL || post || strcmp(call->method, "PUT") == 0) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)call->bodylen);
		if (post)
			set_post(e, f);
		else
			curl_easy_setopt(e, CURLOPT_POSTFIELDS,
			    call->body != NULL ? call->body : "");
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, call->method);
}

static void
set_guard(CURL *e, struct transfer *f)
{
	/* With a proxy, open_socket() would see only the proxy's address. */
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, f);
	/* By Content-Length; without one, on_body() counts. */
	curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)f->call->maxbody);
	if (f->exempt)
		return;
	/* The address of a kept connection would not be checked. */
	curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
}

/* CURLOPT_PREREQFUNCTION: after connecting, also when one is used again. */
static int
before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct transfer *f = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	f->held_back = !f->call->go(f->call->go_arg);
	return f->held_back ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static void
set_up(struct cx *cx, CURL *e, struct transfer *f, int64_t deadline)
{
	struct http_call *call = f->call;
	struct http *h = cx->http;
	int64_t left = deadline - loop_now();

	curl_easy_setopt(e, CURLOPT_PRIVATE, f);
	curl_easy_setopt(e, CURLOPT_URL, f->url);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "mina/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
	    (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	/*
	 * A call that times out while its name is resolved would otherwise
	 * block the loop until the resolver's thread ends.
	 */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	/* The path is signed for S3, with any dot segments. */
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, header_list(cx, call));
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, f);
	/* The time until the first byte counts, too. */
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)call->slowest);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, call->slowest > 0 ?
	    (long)(call->slow_s > 0 ? call->slow_s : HTTP_SLOW_S) : 0L);
	if (call->go != NULL) {
		curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_request);
		curl_easy_setopt(e, CURLOPT_PREREQDATA, f);
	}
	if (*h->ca != '\0') {
		curl_easy_setopt(e, CURLOPT_CAINFO, h->ca);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	if (call->guarded)
		set_guard(e, f);
	else {
		curl_easy_setopt(e, CURLOPT_PROXY, conf_str(C_PROXY));
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	}
	set_body(e, f);
}

static bool
was_sent(CURL *e, CURLcode rc)
{
	curl_off_t up = 0;
	long request = 0;

	switch (rc) {
	case CURLE_OK:
		return true;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return false;
	default:
		break;
	}
	curl_easy_getinfo(e, CURLINFO_REQUEST_SIZE, &request);
	curl_easy_getinfo(e, CURLINFO_SIZE_UPLOAD_T, &up);
	return request > 0 || up > 0;
}

/* The reason (http.h) of E_UPSTREAM. */
static const char *
upstream_reason(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "DNS";
	case CURLE_COULDNT_CONNECT:
		return "CONNECT";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
		return "TLS";
	default:
		return "BROKEN";
	}
}

static enum err
transfer_error(struct cx *cx, const struct transfer *f)
{
	const struct http_call *call = f->call;
	char where[256];

	/* The path of an address that is not ours may hold a key, too. */
	if (call->guarded)
		log_host(call->url, where, sizeof where);
	else
		log_url(call->url, where, sizeof where);
	if (f->held_back)
		return err_set(cx, E_LOST, "%s %s: held back", call->method,
		    where);
	if (f->toobig || f->rc == CURLE_FILESIZE_EXCEEDED)
		return err_reason(cx, "TOO_LARGE", err_set(cx, E_UPSTREAM,
		    "%s %s: answer over %zu bytes", call->method, where,
		    call->maxbody));
	if (f->noroom)
		return err_reason(cx, "ROOM", err_set(cx, E_STORAGE,
		    "%s %s: no room for the answer", call->method, where));
	if (f->bad_encoding)
		return err_reason(cx, "ENCODING", err_set(cx, E_FORBIDDEN,
		    "%s: compressed without being asked", where));
	/* Of several addresses another one may have been connected to. */
	if (f->refused && f->rc == CURLE_COULDNT_CONNECT)
		return err_reason(cx, "ADDRESS_NOT_PUBLIC", err_set(cx,
		    E_FORBIDDEN, "%s: address is not public", where));
	if (f->rc == CURLE_OPERATION_TIMEDOUT)
		return err_reason(cx, "TOO_SLOW", err_set(cx, E_TIMEOUT,
		    "%s %s: no answer in time", call->method, where));
	if (f->rc != CURLE_OK)
		return err_reason(cx, upstream_reason(f->rc), err_set(cx,
		    E_UPSTREAM, "%s %s: %s", call->method, where,
		    curl_easy_strerror(f->rc)));
	return E_OK;
}

static coroutine_fn enum err
do_call(struct cx *cx, struct http_call *call)
{
	struct transfer f = { .cx = cx, .call = call, .url = call->url,
	    .skip.names = call->skip, .w = WAIT_INIT(W_HTTP_REPLY) };
	int64_t deadline = loop_deadline(cx, call->timeout_ms);
	int64_t start = loop_us();
	struct http *h = cx->http;
	enum err er;
	CURL *e;

	CHECK(h, HTTP_MAGIC);
	if (arena_over(cx->mem))
		return err_set(cx, E_NOMEM, "arena over its cap");
	call->status = 0;
	call->ngot = 0;
	call->sent = false;
	call->answer = buf_new(cx, call->maxbody);
	if (call->guarded && (er = check_guarded(cx, &f)) != E_OK)
		return er;
	if (gate_enter(&h->gate, deadline) != E_OK)
		return err_set(cx, E_TIMEOUT, "too many calls under way");
	f.easy = e = handle_get(h);
	set_up(cx, e, &f, deadline);
	if (curl_multi_add_handle(h->multi, e) != CURLM_OK) {
		handle_put(h, e);
		gate_leave(&h->gate);
		return err_set(cx, E_UPSTREAM, "curl refuses the call");
	}
	/* curl itself ends the transfer at the deadline. */
	er = wait_for(&f.w, deadline + 1000);
	if (er == E_TIMEOUT)
		f.rc = CURLE_OPERATION_TIMEDOUT;
	call->sent = !f.held_back && was_sent(e, f.rc);
	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &call->status);
	curl_multi_remove_handle(h->multi, e);
	handle_put(h, e);
	gate_leave(&h->gate);
	call->us = loop_us() - start;
	er = transfer_error(cx, &f);
	if (er == E_OK && !arena_charge(cx->mem, call->answer->len))
		return err_set(cx, E_NOMEM, "answer of %zu bytes",
		    call->answer->len);
	return er;
}

coroutine_fn enum err
http_do(struct cx *cx, struct http_call *call)
{
	enum fault f = fault_next(cx, FAULT_HTTP);
	enum err er = E_OK;

	if (f != FAULT_REFUSED)
		er = do_call(cx, call);
	fault_after(f);
	if (f != FAULT_REFUSED && f != FAULT_LOST)
		return er;
	call->sent = f == FAULT_LOST;
	call->status = 0;
	call->ngot = 0;
	call->answer = buf_new(cx, call->maxbody);
	return err_set(cx, E_UPSTREAM, "%s by a fault", call->sent ?
	    "reply lost" : "not sent");
}

enum err
http_too_large(struct cx *cx, enum err er)
{
	if (er != E_UPSTREAM || !str_eq(cx->err.reason, "TOO_LARGE"))
		return er;
	return err_set(cx, E_TOOBIG, "%s", cx_dup(cx, cx->err.detail));
}

const char *
http_got(const struct http_call *call, const char *name)
{
	for (size_t i = 0; i < call->ngot; i++)
		if (strcasecmp(call->got[i].name, name) == 0)
			return call->got[i].value;
	return NULL;
}

int64_t
http_retry_after(const struct http_call *call)
{
	const char *v = http_got(call, "retry-after");
	int64_t ms = 0, now;
	double s;
	char *end;

	if (v == NULL)
		return 0;
	if (isdigit((unsigned char)*v) &&
	    strspn(v, "0123456789.") == strlen(v)) {
		s = strtod(v, &end);
		if (*end == '\0' && isfinite(s))
			ms = s > 3600 ? RETRY_AFTER_MAX :
			    (int64_t)ceil(s * 1000);
	} else if (clock_parse_http(v, &ms)) {
		/* By its own clock, if it tells. */
		if (!clock_parse_http(http_got(call, "date"), &now))
			now = clock_now();
		ms -= now;
	}
	if (ms < 0)
		return 0;
	return ms > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : ms;
}
