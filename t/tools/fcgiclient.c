/*
 * fcgiclient - a FastCGI peer that does as it is told, politely or not
 *
 *	fcgiclient [-t SECONDS] [-n TIMES] SOCKET WORD ...
 *
 * The words are carried out in order, -n times over, each time on a new
 * connection.  Written from the FastCGI 1.0 specification and not with
 * libfcgi, so that both sides do not share one misunderstanding.
 *
 *	NAME=VALUE	a CGI variable of all requests to come; the last counts
 *	close-after	requests to come do not ask for the connection to be
 *			kept (FCGI_KEEP_CONN unset)
 *	GET:PATH	a whole request without a body; so DELETE:PATH
 *	POST:PATH:N	the beginning of one, with a Content-Length of N; so
 *			PUT:PATH:N, and GET+:PATH:N, a GET that has a body
 *	in:TEXT		a STDIN record
 *	fill:N		N bytes of STDIN, in records of at most 16384
 *	eof		the empty STDIN record
 *	raw:HEX		these bytes
 *	sleep:MS
 *	slow:BYTES:MS	from here on, read so many bytes, then pause
 *	read		the answer: prints
 *			status=200 end=1 whole=1 bytes=97 ms=3
 *			status 0: none came; end: END_REQUEST came; whole: the
 *			body has the length that Content-Length says
 *	head, body	prints that part of the last answer
 *	eofs		waits for the other side to close: prints closed=1 ms=..
 *	idle:N		opens N more connections and says nothing on them
 *	kept:N:PATH	opens N more, has one GET answered on each, keeps them
 *	hup		closes the connection, and opens a new one when needed
 *	ready		prints "ready": what came before is done
 *
 * Exit status: 0, 1 when a connection failed or time (10 s for each read) ran
 * out, 2 when it was misused.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

#define PARAMS_MAX	64
#define ANSWER_MAX	(16 << 20)

struct answer {
	char	*data;
	size_t	 len;
	bool	 end;
};

static const char	*path;
static int		 fd = -1, patience = 10000;
static unsigned char	 keep = 1;
static const char	*param[PARAMS_MAX];
static size_t		 nparam;
static size_t		 slow_bytes;
static int		 slow_ms;
static struct answer	 last;
static unsigned char	 pending[65536];	/* read, not yet looked at */
static size_t		 npending;

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
nap(int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
		;
}

static void
fail(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "fcgiclient: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the connection */

static int
dial(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (s == -1 || strlen(path) >= sizeof sa.sun_path)
		fail("socket");
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (connect(s, (struct sockaddr *)&sa, sizeof sa) == -1)
		fail("connect");
	return s;
}

static void
hang_up(void)
{
	if (fd != -1)
		close(fd);
	fd = -1;
	npending = 0;
}

static void
put(const void *data, size_t n)
{
	const char *p = data;
	ssize_t got;

	if (fd == -1)
		fd = dial();
	while (n > 0) {
		/* A peer that closed is found out by whoever reads. */
		if ((got = send(fd, p, n, MSG_NOSIGNAL)) == -1)
			return;
		p += got;
		n -= (size_t)got;
	}
}

/* Up to n bytes; 0 at the end, -1 when time ran out. */
static ssize_t
take(void *buf, size_t n, int64_t until)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t left = until - now_ms();
	ssize_t got;

	if (poll(&pfd, 1, left > 0 ? (int)left : 0) <= 0)
		return -1;
	if (slow_bytes > 0) {
		nap(slow_ms);
		if (n > slow_bytes)
			n = slow_bytes;
	}
	got = recv(fd, buf, n, 0);
	return got < 0 ? 0 : got;
}

/* --- records (FastCGI 1.0, section 3.3) */

static void
record(unsigned char type, const void *data, size_t n)
{
	unsigned char rec[8 + 65536] = { 1, type, 0, 1,
	    (unsigned char)(n >> 8), (unsigned char)n };

	memcpy(rec + 8, data, n);
	put(rec, 8 + n);
}

/* A length of the name-value pairs (section 3.4). */
static size_t
put_length(unsigned char *p, size_t n)
{
	if (n < 128) {
		*p = (unsigned char)n;
		return 1;
	}
	p[0] = (unsigned char)(n >> 24 | 0x80);
	p[1] = (unsigned char)(n >> 16);
	p[2] = (unsigned char)(n >> 8);
	p[3] = (unsigned char)n;
	return 4;
}

static size_t
pair(unsigned char *p, const char *name, size_t nlen, const char *value)
{
	size_t vlen = strlen(value), n = put_length(p, nlen);

	n += put_length(p + n, vlen);
	memcpy(p + n, name, nlen);
	memcpy(p + n + nlen, value, vlen);
	return n + nlen + vlen;
}

static void
send_params(const char *method, const char *uri, const char *length)
{
	static unsigned char buf[65535];
	const char *query = strchr(uri, '?');
	size_t n = 0;

	n += pair(buf + n, "REQUEST_METHOD", 14, method);
	n += pair(buf + n, "REQUEST_URI", 11, uri);
	n += pair(buf + n, "QUERY_STRING", 12, query != NULL ? query + 1 : "");
	n += pair(buf + n, "CONTENT_LENGTH", 14, length);
	n += pair(buf + n, "CONTENT_TYPE", 12, *length != '\0' ?
	    "application/json" : "");
	for (size_t i = 0; i < nparam; i++)
		n += pair(buf + n, param[i], strcspn(param[i], "="),
		    strchr(param[i], '=') + 1);
	record(PARAMS, buf, n);
	record(PARAMS, "", 0);
}

/* In the place of an earlier one of that name. */
static void
set_param(const char *s)
{
	size_t n = strcspn(s, "=") + 1, i;

	for (i = 0; i < nparam && strncmp(param[i], s, n) != 0; i++)
		;
	param[i] = s;
	if (i == nparam)
		nparam++;
}

static void
begin(const char *method, const char *uri, const char *length)
{
	const unsigned char body[8] = { 0, 1, keep };

	record(BEGIN, body, sizeof body);
	send_params(method, uri, length);
}

static void
get(const char *method, const char *uri)
{
	begin(method, uri, "");
	record(STDIN, "", 0);
}

/* POST:PATH:N */
static void
post(const char *method, const char *s)
{
	char uri[512];
	const char *colon = strrchr(s, ':');

	if (colon == NULL || (size_t)(colon - s) >= sizeof uri)
		exit(2);
	memcpy(uri, s, (size_t)(colon - s));
	uri[colon - s] = '\0';
	begin(method, uri, colon + 1);
}

static void
fill(size_t n)
{
	static char blanks[16384];
	size_t piece;

	memset(blanks, ' ', sizeof blanks);
	for (; n > 0; n -= piece) {
		piece = n < sizeof blanks ? n : sizeof blanks;
		record(STDIN, blanks, piece);
	}
}

static void
raw(const char *hex)
{
	unsigned char b[4096];
	unsigned v;
	size_t n = 0;

	for (; *hex != '\0' && n < sizeof b; hex += 2) {
		if (sscanf(hex, "%2x", &v) != 1)
			exit(2);
		b[n++] = (unsigned char)v;
	}
	put(b, n);
}

/* --- the answer */

/* The next whole record is at the start of pending, or there is none. */
static bool
next_record(int64_t until)
{
	ssize_t got;
	size_t want = 8;

	for (;;) {
		if (npending >= 8)
			want = 8 + ((size_t)pending[4] << 8 | pending[5]) +
			    pending[6];
		if (npending >= want && npending >= 8)
			return true;
		if (want > sizeof pending)
			return false;
		got = take(pending + npending, sizeof pending - npending,
		    until);
		if (got <= 0)
			return false;
		npending += (size_t)got;
	}
}

static void
keep_output(const unsigned char *p, size_t n)
{
	if (last.data == NULL && (last.data = malloc(ANSWER_MAX)) == NULL)
		fail("malloc");
	if (last.len + n >= ANSWER_MAX)
		n = ANSWER_MAX - 1 - last.len;
	memcpy(last.data + last.len, p, n);
	last.len += n;
	last.data[last.len] = '\0';
}

/* The number after a name in the answer's head, or -1. */
static long
head_number(const char *name)
{
	const char *end, *s;

	if (last.len == 0 || (end = strstr(last.data, "\r\n\r\n")) == NULL ||
	    (s = strstr(last.data, name)) == NULL || s > end)
		return -1;
	return strtol(s + strlen(name), NULL, 10);
}

static const char *
body(size_t *n)
{
	const char *s = last.len > 0 ? strstr(last.data, "\r\n\r\n") : NULL;

	*n = s != NULL ? last.len - (size_t)(s + 4 - last.data) : 0;
	return s != NULL ? s + 4 : "";
}

static void
collect(void)
{
	int64_t until = now_ms() + patience;
	size_t n, all;

	last.len = 0;
	last.end = false;
	while (!last.end && fd != -1 && next_record(until)) {
		n = (size_t)pending[4] << 8 | pending[5];
		all = 8 + n + pending[6];
		if (pending[1] == STDOUT)
			keep_output(pending + 8, n);
		else if (pending[1] == END)
			last.end = true;
		memmove(pending, pending + all, npending - all);
		npending -= all;
	}
}

static void
read_answer(void)
{
	int64_t start = now_ms();
	long status, length;
	size_t n;

	collect();
	body(&n);
	status = head_number("Status: ");
	length = head_number("Content-Length: ");
	printf("status=%ld end=%d whole=%d bytes=%zu ms=%lld\n",
	    status < 0 ? 0 : status, last.end, status > 0 &&
	    (length < 0 || (size_t)length == n), n,
	    (long long)(now_ms() - start));
}

static void
wait_closed(void)
{
	int64_t start = now_ms(), until = start + patience;
	char junk[4096];
	ssize_t got = 0;

	while (fd != -1 && (got = take(junk, sizeof junk, until)) > 0)
		;
	printf("closed=%d ms=%lld\n", got == 0,
	    (long long)(now_ms() - start));
	hang_up();
}

/* --- many connections: they stay open until the program ends */

static void
idle(long n)
{
	while (n-- > 0)
		(void)dial();
}

/* kept:N:PATH */
static void
kept(const char *s)
{
	char *uri;
	long n = strtol(s, &uri, 10), good = 0;
	int mine = fd;

	if (*uri != ':')
		exit(2);
	while (n-- > 0) {
		fd = dial();
		npending = 0;
		get("GET", uri + 1);
		collect();
		good += last.end;
	}
	fd = mine;
	printf("kept=%ld\n", good);
}

/* --- words */

static bool
starts(const char *s, const char *with, const char **rest)
{
	size_t n = strlen(with);

	*rest = s + n;
	return strncmp(s, with, n) == 0;
}

static void
print_body(void)
{
	size_t n;
	const char *s = body(&n);

	fwrite(s, 1, n, stdout);
	putchar('\n');
}

static void
print_head(void)
{
	size_t n;
	const char *s = body(&n);

	fwrite(last.data, 1, *s != '\0' ? (size_t)(s - last.data) : 0,
	    stdout);
}

static bool
plain_word(const char *s)
{
	if (strcmp(s, "close-after") == 0)
		keep = 0;
	else if (strcmp(s, "eof") == 0)
		record(STDIN, "", 0);
	else if (strcmp(s, "read") == 0)
		read_answer();
	else if (strcmp(s, "head") == 0)
		print_head();
	else if (strcmp(s, "body") == 0)
		print_body();
	else if (strcmp(s, "eofs") == 0)
		wait_closed();
	else if (strcmp(s, "hup") == 0)
		hang_up();
	else if (strcmp(s, "ready") == 0)
		puts("ready");
	else
		return false;
	return true;
}

static void
word(const char *s)
{
	const char *rest;
	char *end;

	if (plain_word(s))
		;
	else if (starts(s, "GET:", &rest))
		get("GET", rest);
	else if (starts(s, "DELETE:", &rest))
		get("DELETE", rest);
	else if (starts(s, "POST:", &rest))
		post("POST", rest);
	else if (starts(s, "PUT:", &rest))
		post("PUT", rest);
	else if (starts(s, "GET+:", &rest))
		post("GET", rest);
	else if (starts(s, "in:", &rest))
		record(STDIN, rest, strlen(rest));
	else if (starts(s, "fill:", &rest))
		fill(strtoul(rest, NULL, 10));
	else if (starts(s, "raw:", &rest))
		raw(rest);
	else if (starts(s, "sleep:", &rest))
		nap((int)strtol(rest, NULL, 10));
	else if (starts(s, "idle:", &rest))
		idle(strtol(rest, NULL, 10));
	else if (starts(s, "kept:", &rest))
		kept(rest);
	else if (starts(s, "slow:", &rest)) {
		slow_bytes = strtoul(rest, &end, 10);
		slow_ms = *end == ':' ? (int)strtol(end + 1, NULL, 10) : 1;
	} else if (strchr(s, '=') != NULL && nparam < PARAMS_MAX)
		set_param(s);
	else {
		fprintf(stderr, "fcgiclient: what is %s?\n", s);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	long times = 1;
	int ch;

	/* Words such as -1 are not ours: options end at the first word. */
	while ((ch = getopt(argc, argv, "+n:t:")) != -1)
		switch (ch) {
		case 'n':
			times = strtol(optarg, NULL, 10);
			break;
		case 't':
			patience = 1000 * (int)strtol(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	if (optind >= argc)
		return 2;
	path = argv[optind++];
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (long i = 0; i < times; i++) {
		nparam = 0;
		for (int w = optind; w < argc; w++)
			word(argv[w]);
		hang_up();
	}
	return 0;
}
