/*
 * connect - CPU time of a call that has a connection of its own
 *
 * Run by connect.sh.  CALLS POST requests without a body, one after another:
 * http.c gives each a new TLS connection.
 */
#include "config.h"

#include <sys/resource.h>

#include <stdio.h>
#include <stdlib.h>

#include "io/http.h"
#include "mina.h"

static const char	*url;
static int		 calls;
static int		 failed;

static double
cpu_ms(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1e3 +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e3;
}

static coroutine_fn void
run(void *arg)
{
	int64_t start;
	double cpu = 0;

	(void)arg;
	start = loop_us();
	/* The first, not counted, may read what is kept for the others. */
	for (int i = 0; i <= calls; i++) {
		struct http_call call = HTTP_CALL("POST", url);
		struct cx cx;

		if (i == 1) {
			cpu = cpu_ms();
			start = loop_us();
		}
		app_cx(&cx, 1 << 20);
		failed += http_do(&cx, &call) != E_OK || call.status != 200;
		cx_release(&cx);
	}
	printf("%.2f ms of CPU and %.2f ms of time a call, %d of %d failed\n",
	    (cpu_ms() - cpu) / calls, (double)(loop_us() - start) / 1e3 /
	    calls, failed, calls);
	loop_stop();
}

int
main(int argc, char **argv)
{
	if (argc != 3 || (calls = (int)strtol(argv[2], NULL, 10)) < 1)
		return 2;
	url = argv[1];
	app_init("connect", APP_HTTP);
	loop_go(run, NULL);
	loop_run();
	return failed > 0;
}
