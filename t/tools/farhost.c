/*
 * farhost - a web server somewhere else, of the worst kind
 *
 *	farhost CERT KEY FOLDER LOG
 *
 * Prints the port it listens on (loopback, TLS) and serves until its standard
 * input ends.  Each connection is a line "accept" in LOG before a byte of it
 * is read, each request a line "get HOST PATH".  Always HTTP/1.1, one request
 * a connection.
 *
 *	/NAME		the file; ?TYPE says what it claims to be
 *	/to/STATUS?URL	a redirect, URL as it stands
 *	/hops/N		N redirects, then the file "good.png"
 *	/gz/NAME	the file, said to be gzip; /te/NAME as transfer coding
 *	/status/N	that status
 *	/cut/NAME	twice the length is announced
 *	/endless	a PNG that never ends; /declared: one that says so
 *	/drip		a byte now and then; /mute: not even that
 *	/heads		headers without end
 *	/long/STATUS	that status with a body that never ends
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/ssl.h>

static const char *folder;
static int logfd;
static SSL *ssl;

static void __attribute__((format(printf, 1, 2)))
note(const char *fmt, ...)
{
	char line[4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof line)
		n = sizeof line - 1;
	if (write(logfd, line, (size_t)n) != n)
		_exit(1);
}

/* False when the other side has had enough. */
static int
put(const void *p, size_t n)
{
	return n == 0 || SSL_write(ssl, p, (int)n) == (int)n;
}

static int __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	char line[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	return put(line, (size_t)n);
}

static int
head(int status, const char *more)
{
	return say("HTTP/1.1 %d Well\r\nConnection: close\r\n%s", status, more);
}

static char *
slurp(const char *name, size_t *n)
{
	static char path[1024];
	char *data = NULL;
	size_t size = 0, got;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	*n = 0;
	if (strstr(name, "..") != NULL || (f = fopen(path, "re")) == NULL)
		return NULL;
	do {
		if (*n == size && (data = realloc(data, size += 1 << 20)) ==
		    NULL)
			_exit(1);
		got = fread(data + *n, 1, size - *n, f);
		*n += got;
	} while (got > 0);
	fclose(f);
	return data;
}

static void
file(const char *name, const char *type, const char *more, int chunked,
    size_t times)
{
	size_t n;
	char *data = slurp(name, &n);

	if (data == NULL) {
		head(404, "Content-Length: 0\r\n\r\n");
		return;
	}
	head(200, more);
	if (type != NULL)
		say("Content-Type: %s\r\n", type);
	if (chunked) {
		say("\r\n%zx\r\n", n);
		put(data, n);
		put("\r\n0\r\n\r\n", 7);
	} else {
		say("Content-Length: %zu\r\n\r\n", n * times);
		put(data, n);
	}
	free(data);
}

static void
forever(const char *first, size_t n, int ms)
{
	static char zeros[65536];
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };

	if (!put(first, n))
		return;
	while (put(zeros, ms > 0 ? 1 : sizeof zeros))
		nanosleep(&pause, NULL);
}

static void
serve(char *path)
{
	static const char png[] = "\x89PNG\r\n\x1a\n";
	char *query = strchr(path, '?'), more[4096], ch;
	int n;

	if (query != NULL)
		*query++ = '\0';
	if (strncmp(path, "/gz/", 4) == 0)
		file(path + 4, "image/png", "Content-Encoding: gzip\r\n", 0,
		    1);
	else if (strncmp(path, "/te/", 4) == 0)
		file(path + 4, "image/png",
		    "Transfer-Encoding: gzip, chunked\r\n", 1, 1);
	else if (strncmp(path, "/cut/", 5) == 0)
		file(path + 5, "image/png", "", 0, 2);
	else if (sscanf(path, "/to/%d", &n) == 1) {
		snprintf(more, sizeof more, "Location: %s\r\n"
		    "Content-Length: 0\r\n\r\n", query != NULL ? query : "");
		head(n, more);
	} else if (sscanf(path, "/hops/%d", &n) == 1 && n > 0) {
		snprintf(more, sizeof more, "Location: ../hops/%d\r\n"
		    "Content-Length: 0\r\n\r\n", n - 1);
		head(302, more);
	} else if (strcmp(path, "/hops/0") == 0)
		file("good.png", "image/png", "", 0, 1);
	else if (sscanf(path, "/status/%d", &n) == 1)
		head(n, "Content-Length: 5\r\n\r\nsorry");
	else if (sscanf(path, "/long/%d", &n) == 1) {
		head(n, "\r\n");
		forever("", 0, 0);
	} else if (strcmp(path, "/endless") == 0) {
		head(200, "Content-Type: image/png\r\n\r\n");
		forever(png, 8, 0);
	} else if (strcmp(path, "/declared") == 0) {
		head(200, "Content-Type: image/png\r\n"
		    "Content-Length: 8589934592\r\n\r\n");
		forever(png, 8, 0);
	} else if (strcmp(path, "/drip") == 0) {
		head(200, "Content-Type: image/png\r\n\r\n");
		forever(png, 8, 50);
	} else if (strcmp(path, "/mute") == 0)
		SSL_read(ssl, &ch, 1);
	else if (strcmp(path, "/heads") == 0) {
		say("HTTP/1.1 200 Well\r\n");
		while (say("X-Word: %01000d\r\n", 0))
			;
	} else
		file(path + 1, query, "", 0, 1);
}

static void
converse(SSL_CTX *ctx, int fd)
{
	char rq[16384], *path, *end, *host;
	size_t n = 0;
	int got;

	/* Should everybody forget about it. */
	alarm(120);
	note("accept\n");
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) != 1)
		return;
	do {
		if (n == sizeof rq - 1 || (got = SSL_read(ssl, rq + n,
		    (int)(sizeof rq - 1 - n))) <= 0)
			return;
		n += (size_t)got;
		rq[n] = '\0';
	} while (strstr(rq, "\r\n\r\n") == NULL);
	if (strncmp(rq, "GET /", 5) != 0 ||
	    (end = strstr(path = rq + 4, " HTTP/1.1\r\n")) == NULL)
		return;
	*end = '\0';
	host = strstr(end + 1, "Host: ");
	if (host != NULL)
		host[strcspn(host, "\r")] = '\0';
	note("get %s %s\n", host != NULL ? host + 6 : "-", path);
	serve(path);
	SSL_shutdown(ssl);
	close(fd);
}

static int
listen_at(int family, in_port_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
	    .sin6_port = port, .sin6_addr = in6addr_loopback };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	if (bind(fd, family == AF_INET ? (struct sockaddr *)&in :
	    (struct sockaddr *)&in6, family == AF_INET ? sizeof in :
	    sizeof in6) == 0 && listen(fd, 128) == 0)
		return fd;
	close(fd);
	return -1;
}

int
main(int argc, char **argv)
{
	struct pollfd fds[3] = { { .fd = 0, .events = POLLIN } };
	struct sockaddr_in in;
	socklen_t len = sizeof in;
	SSL_CTX *ctx;
	int fd;

	if (argc != 5)
		return 2;
	folder = argv[3];
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	logfd = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	ctx = SSL_CTX_new(TLS_server_method());
	if (logfd < 0 || ctx == NULL ||
	    SSL_CTX_use_certificate_chain_file(ctx, argv[1]) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, argv[2], SSL_FILETYPE_PEM) != 1 ||
	    (fds[1].fd = listen_at(AF_INET, 0)) < 0 ||
	    getsockname(fds[1].fd, (struct sockaddr *)&in, &len) != 0) {
		fprintf(stderr, "farhost: cannot start\n");
		return 1;
	}
	/* Where there is no IPv6 it is -1, which poll() passes over. */
	fds[2].fd = listen_at(AF_INET6, in.sin_port);
	fds[1].events = fds[2].events = POLLIN;
	printf("%d\n", ntohs(in.sin_port));
	fflush(stdout);
	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return 1;
		if (fds[0].revents != 0)
			return 0;
		for (int i = 1; i < 3; i++) {
			if (!(fds[i].revents & POLLIN) ||
			    (fd = accept(fds[i].fd, NULL, NULL)) < 0)
				continue;
			if (fork() == 0) {
				close(fds[1].fd);
				converse(ctx, fd);
				_exit(0);
			}
			close(fd);
		}
	}
}
