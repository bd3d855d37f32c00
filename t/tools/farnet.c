/*
 * farnet - the network a test would like to have, for LD_PRELOAD
 *
 * Names are looked up in the file FARNET_HOSTS and nowhere else.  A line is
 * "NAME ADDRESS ..."; with several lines for a name the first lookup gets the
 * first, the next one the second, and the last stays.  "NAME hold FILE" answers
 * nothing before FILE exists.
 *
 * Connections to port 443, of whatever address, lead to FARNET_PORT on
 * loopback, so that a test has a public internet, and a private one where an
 * address that should have been refused is found to answer.
 *
 * FARNET_LOG gets "resolve NAME" and "connect ADDRESS PORT", with the address
 * as it was meant.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WORDS	16

static void
note(const char *what, const char *name, int port)
{
	const char *path = getenv("FARNET_LOG");
	char line[512];
	int fd, n;

	n = port > 0 ? snprintf(line, sizeof line, "%s %.200s %d\n", what,
	    name, port) : snprintf(line, sizeof line, "%s %.200s\n", what,
	    name);
	if (path == NULL || (fd = open(path, O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC, 0644)) < 0)
		return;
	if (write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
}

/* How often name was asked for, this time included. */
static int
asked(const char *name)
{
	char line[512], want[300];
	FILE *f = fopen(getenv("FARNET_LOG"), "re");
	int n = 0;

	snprintf(want, sizeof want, "resolve %.200s\n", name);
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		n += strcmp(line, want) == 0;
	if (f != NULL)
		fclose(f);
	return n;
}

/* The nth line about name, or the last one there is. */
static int
look_up(const char *name, int nth, char *line, size_t size, char **word)
{
	const char *path = getenv("FARNET_HOSTS");
	FILE *f = path != NULL ? fopen(path, "re") : NULL;
	char text[512], *rest, *w;
	int n = 0;

	while (f != NULL && nth > 0 && fgets(text, sizeof text, f) != NULL) {
		w = strtok_r(text, " \n", &rest);
		if (w == NULL || strcasecmp(w, name) != 0)
			continue;
		nth--;
		snprintf(line, size, "%s", rest);
		n = 1;
	}
	if (f != NULL)
		fclose(f);
	if (n == 0)
		return 0;
	for (n = 0, w = strtok_r(line, " \n", &rest); w != NULL &&
	    n < WORDS; w = strtok_r(NULL, " \n", &rest))
		word[n++] = w;
	return n;
}

static void
wait_for_file(const char *path)
{
	struct timespec tick = { 0, 20000000L };

	for (int i = 0; i < 3000 && access(path, F_OK) != 0; i++)
		nanosleep(&tick, NULL);
}

typedef int getaddrinfo_fn(const char *, const char *,
    const struct addrinfo *, struct addrinfo **);

int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	getaddrinfo_fn *real = (getaddrinfo_fn *)dlsym(RTLD_NEXT,
	    "getaddrinfo");
	struct addrinfo numeric = hints != NULL ? *hints :
	    (struct addrinfo){ 0 }, **end = out;
	char line[512], *word[WORDS];
	int n;

	numeric.ai_flags |= AI_NUMERICHOST;
	if (name == NULL || (hints != NULL &&
	    hints->ai_flags & AI_NUMERICHOST))
		return real(name, service, hints, out);
	note("resolve", name, 0);
	n = look_up(name, asked(name), line, sizeof line, word);
	if (n == 2 && strcmp(word[0], "hold") == 0) {
		wait_for_file(word[1]);
		return EAI_AGAIN;
	}
	*out = NULL;
	/* glibc frees a list member by member, wherever they are from. */
	for (int i = 0; i < n; i++)
		if (real(word[i], service, &numeric, end) == 0)
			while (*end != NULL)
				end = &(*end)->ai_next;
	return *out != NULL ? 0 : EAI_NONAME;
}

typedef int connect_fn(int, const struct sockaddr *, socklen_t);

int
connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	connect_fn *real = (connect_fn *)dlsym(RTLD_NEXT, "connect");
	const char *port = getenv("FARNET_PORT");
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	char text[INET6_ADDRSTRLEN];

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		note("connect", inet_ntop(AF_INET, &in.sin_addr, text,
		    sizeof text), ntohs(in.sin_port));
		if (ntohs(in.sin_port) != 443)
			return real(fd, sa, len);
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in.sin_port = htons((in_port_t)strtol(port, NULL, 10));
		return real(fd, (struct sockaddr *)&in, sizeof in);
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		note("connect", inet_ntop(AF_INET6, &in6.sin6_addr, text,
		    sizeof text), ntohs(in6.sin6_port));
		if (ntohs(in6.sin6_port) != 443)
			return real(fd, sa, len);
		inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
		in6.sin6_scope_id = 0;
		in6.sin6_port = htons((in_port_t)strtol(port, NULL, 10));
		return real(fd, (struct sockaddr *)&in6, sizeof in6);
	}
	return real(fd, sa, len);
}
