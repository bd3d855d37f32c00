/*
 * streams - the listening half of bench/streams.sh
 *
 *	streams URL CA CONNINFO LINES RATE <list of "GENERATION PASS"
 *
 * Opens one event stream for each line of stdin, all over HTTP/2; when every
 * one has said something, writes LINES lines to generations taken by chance,
 * RATE a second, through mina_line(), and prints how long after the row they
 * arrived.  The text of a line is the moment before the statement was sent,
 * so the commit is in the figure.
 */
#include <curl/curl.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MARK	"\"text\":\"at "

struct stream {
	char	 gen[64], pass[96], tail[4096];
	size_t	 ntail;
	int	 open;
};

static struct stream *stream;
static int nstream, nopen, nended;
static double *took;
static int nline, ntook;
static int rate;
static const char *conninfo;
static volatile int writing;

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Lines are short; an event that was cut in two is put together in tail. */
static size_t
hear(char *p, size_t one, size_t n, void *arg)
{
	struct stream *s = arg;
	double t = now();
	char *mark, *end;
	size_t take = n < sizeof s->tail - 1 - s->ntail ? n :
	    sizeof s->tail - 1 - s->ntail;

	(void)one;
	memcpy(s->tail + s->ntail, p, take);
	s->ntail += take;
	s->tail[s->ntail] = '\0';
	if (!s->open) {
		s->open = 1;
		nopen++;
	}
	while ((end = strstr(s->tail, "\n\n")) != NULL) {
		*end = '\0';
		if ((mark = strstr(s->tail, MARK)) != NULL && ntook < nline)
			took[ntook++] = t - strtod(mark + strlen(MARK), NULL);
		s->ntail -= (size_t)(end + 2 - s->tail);
		memmove(s->tail, end + 2, s->ntail + 1);
	}
	return n;
}

static void *
write_lines(void *arg)
{
	PGconn *db = PQconnectdb(conninfo);
	double start = now();
	char at[64];

	(void)arg;
	for (int i = 0; i < nline; i++) {
		const char *v[2] = { stream[random() % nstream].gen, at };
		double due = start + (double)i / rate, t;
		PGresult *r;

		if ((t = now()) < due)
			usleep((useconds_t)((due - t) * 1e6));
		snprintf(at, sizeof at, "at %.6f", now());
		r = PQexecParams(db, "select mina_line($1, 'bench', $2)", 2,
		    NULL, v, NULL, NULL, 0);
		if (PQresultStatus(r) != PGRES_TUPLES_OK ||
		    *PQgetvalue(r, 0, 0) != 't') {
			fprintf(stderr, "line: %s\n", PQerrorMessage(db));
			exit(1);
		}
		PQclear(r);
	}
	PQfinish(db);
	writing = 0;
	return NULL;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
turn(CURLM *multi)
{
	int running, left;
	CURLMsg *m;

	curl_multi_perform(multi, &running);
	while ((m = curl_multi_info_read(multi, &left)) != NULL) {
		if (nended++ == 0)
			fprintf(stderr, "a stream ended: %s\n",
			    curl_easy_strerror(m->data.result));
	}
	curl_multi_poll(multi, NULL, 0, 100, NULL);
}

int
main(int argc, char **argv)
{
	char gen[64], pass[96], url[512], line[128];
	struct curl_slist *h;
	pthread_t writer;
	double start;
	CURLM *multi;
	CURL *c;

	if (argc != 6)
		return 2;
	conninfo = argv[3];
	nline = (int)strtol(argv[4], NULL, 10);
	rate = (int)strtol(argv[5], NULL, 10);
	took = calloc((size_t)nline, sizeof *took);
	stream = calloc(100000, sizeof *stream);
	while (nstream < 100000 && scanf("%63s %95s", gen, pass) == 2) {
		snprintf(stream[nstream].gen, sizeof stream->gen, "%s", gen);
		snprintf(stream[nstream].pass, sizeof stream->pass, "%s",
		    pass);
		nstream++;
	}
	curl_global_init(CURL_GLOBAL_ALL);
	multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	start = now();
	for (int i = 0; i < nstream; i++) {
		c = curl_easy_init();
		snprintf(url, sizeof url, "%s/generations/%s/events", argv[1],
		    stream[i].gen);
		snprintf(line, sizeof line, "X-Mina-Pass-Id: %s",
		    stream[i].pass);
		h = curl_slist_append(NULL, line);
		curl_easy_setopt(c, CURLOPT_URL, url);
		curl_easy_setopt(c, CURLOPT_CAINFO, argv[2]);
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, h);
		curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
		    CURL_HTTP_VERSION_2TLS);
		curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L);
		curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, hear);
		curl_easy_setopt(c, CURLOPT_WRITEDATA, &stream[i]);
		curl_multi_add_handle(multi, c);
	}
	while (nopen < nstream && nended == 0 && now() - start < 120)
		turn(multi);
	printf("%d of %d streams open after %.1f s\n", nopen, nstream,
	    now() - start);
	fflush(stdout);
	if (nopen < nstream)
		return 1;
	writing = 1;
	pthread_create(&writer, NULL, write_lines, NULL);
	start = now();
	while ((writing || ntook < nline) && now() - start < 120)
		turn(multi);
	qsort(took, (size_t)ntook, sizeof *took, by_size);
	printf("%d of %d lines heard; ms from row to listener: p50 %.1f, "
	    "p99 %.1f, most %.1f; %d streams ended\n", ntook, nline,
	    ntook ? took[ntook / 2] * 1e3 : 0,
	    ntook ? took[ntook * 99 / 100] * 1e3 : 0,
	    ntook ? took[ntook - 1] * 1e3 : 0, nended);
	return ntook == nline && nended == 0 ? 0 : 1;
}
