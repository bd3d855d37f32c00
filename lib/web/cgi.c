/*
 * cgi - transport for a single request, by CGI or from the command line
 *
 * As CGI (RFC 3875) the request is in the environment and on stdin.  On the
 * command line it is in the arguments:
 *
 *	credits GET /credits/balance?x=1 -H 'X-Mina-Pass-Id: pass:anon:...'
 *	generate POST /editorial/generate -d '{"brief":"..."}'
 *	generate POST /editorial/generate -d @body.json	(@-: stdin)
 *
 * The exit status is 0, or 1 when the response is a 5xx.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "io/loop.h"
#include "web/transport.h"

struct cgi {
	struct transport transport;	/* first: cast from it */
	struct buf	 body;		/* from the arguments */
	size_t		 off;		/* bytes of body read */
	bool		 from_args;
	bool		 status_seen;
	bool		 failed;	/* with a 5xx */
};

static struct cgi self;
static coroutine_fn void (*serve)(struct transport *);

static const char *
cgi_param(struct transport *p, const char *name)
{
	(void)p;
	/* CGI has the request's Proxy header under this name. */
	if (strcmp(name, "HTTP_PROXY") == 0)
		return NULL;
	return getenv(name);
}

static coroutine_fn ssize_t
cgi_read(struct transport *p, void *buf, size_t n)
{
	struct cgi *c = (struct cgi *)p;

	if (!c->from_args)
		return read(STDIN_FILENO, buf, n);
	if (n > c->body.len - c->off)
		n = c->body.len - c->off;
	memcpy(buf, c->body.data + c->off, n);
	c->off += n;
	return (ssize_t)n;
}

static coroutine_fn enum err
cgi_write(struct transport *p, const void *buf, size_t n)
{
	struct cgi *c = (struct cgi *)p;

	if (!c->status_seen) {
		c->status_seen = true;
		c->failed = n > 8 && memcmp(buf, "Status: 5", 9) == 0;
	}
	return fwrite(buf, 1, n, stdout) == n ? E_OK : E_HUP;
}

static coroutine_fn enum err
cgi_flush(struct transport *p)
{
	(void)p;
	return fflush(stdout) == 0 ? E_OK : E_HUP;
}

static void
cgi_on_hup(struct transport *p, struct wait *w)
{
	(void)p;
	(void)w;
}

static const struct transport_ops cgi_ops = {
	.param = cgi_param,
	.read = cgi_read,
	.write = cgi_write,
	.flush = cgi_flush,
	.on_hup = cgi_on_hup,
};

static bool
read_all(struct buf *b, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char chunk[8192];
	size_t n;

	if (f == NULL) {
		perror(path);
		return false;
	}
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_put(b, chunk, n);
	if (f != stdin)
		fclose(f);
	return buf_ok(b);
}

/* "X-Mina-Pass-Id: a" becomes HTTP_X_MINA_PASS_ID=a */
static bool
set_header(const char *line)
{
	char name[128] = "HTTP_";
	const char *colon = strchr(line, ':'), *value;
	size_t n = 5;

	if (colon == NULL || (size_t)(colon - line) + 6 > sizeof name)
		return false;
	for (const char *s = line; s < colon; s++)
		name[n++] = *s == '-' ? '_' :
		    (char)toupper((unsigned char)*s);
	name[n] = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	setenv(strcmp(name, "HTTP_CONTENT_TYPE") == 0 ? name + 5 : name,
	    value, 1);
	return true;
}

static bool
from_args(struct cgi *c, int argc, char **argv)
{
	char len[24], *query;
	int opt;

	if (argc < 3)
		return false;
	setenv("REQUEST_METHOD", argv[1], 1);
	setenv("REQUEST_URI", argv[2], 1);
	if ((query = strchr(argv[2], '?')) != NULL)
		*query++ = '\0';
	setenv("DOCUMENT_URI", argv[2], 1);
	setenv("QUERY_STRING", query != NULL ? query : "", 1);
	setenv("CONTENT_TYPE", "application/json", 1);
	optind = 3;
	while ((opt = getopt(argc, argv, "H:d:")) != -1) {
		if (opt == 'H' && set_header(optarg))
			continue;
		if (opt == 'd' && (*optarg == '@' ?
		    read_all(&c->body, optarg + 1) :
		    buf_puts(&c->body, optarg)))
			continue;
		return false;
	}
	if (optind != argc)
		return false;
	c->from_args = true;
	snprintf(len, sizeof len, "%zu", c->body.len);
	setenv("CONTENT_LENGTH", len, 1);
	return true;
}

bool
cgi_wanted(int argc)
{
	return argc > 1 || getenv("REQUEST_METHOD") != NULL;
}

static coroutine_fn void
run(void *arg)
{
	serve(arg);
	if (self.from_args)
		putchar('\n');		/* before the shell's prompt */
	loop_stop();
}

int
cgi_main(coroutine_fn void (*fn)(struct transport *), int argc, char **argv)
{
	serve = fn;
	self.transport.ops = &cgi_ops;
	buf_init(&self.body, 32 << 20);
	if (argc > 1 && !from_args(&self, argc, argv)) {
		fprintf(stderr, "usage: %s METHOD PATH [-H 'Name: value'] "
		    "[-d BODY | -d @FILE]\n", argv[0]);
		return 2;
	}
	loop_go(run, &self.transport);
	loop_run();
	buf_release(&self.body);
	fflush(stdout);
	log_flush();
	return self.failed ? 1 : 0;
}
