/*
 * output - keeps what a job made, and decides what follows when it cannot
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define OUTPUT_PAUSE_MS	5000	/* the longest between two downloads */
#define STORE_CAP	(256 << 20)

/* "16:9"; 0 when it is not of that form. */
static double
ratio_of(const char *s)
{
	double w, h;
	char *end;

	if (s == NULL || (w = strtod(s, &end)) <= 0 || *end != ':' ||
	    (h = strtod(end + 1, &end)) <= 0 || *end != '\0')
		return 0;
	return w / h;
}

/* What the entry calls durationSec, and that may be a number or a text. */
static int64_t
duration_of(const struct provider_job *pj)
{
	const char *name = run_text(pj->p.caps, "/settings/durationSec/to");
	const struct cJSON *v = json_get(pj->settings, name != NULL ? name :
	    "durationSec");
	int64_t n = json_int_or(v, 0);

	if (json_text(v) != NULL && !str_int(json_text(v), 0, 3600, &n))
		n = 0;
	return n * 1000;
}

/* A film has the shape of the still that it begins with. */
static struct expected
expected_of(struct run *r, const struct provider_job *pj)
{
	struct expected want = { .ratio = ratio_of(pj->ratio) };

	if (strcmp(r->c.mode, "video") != 0)
		return want;
	want.ms = duration_of(pj);
	for (size_t i = 0; i < pj->ps->n; i++)
		if (str_eq(pj->ps->pic[i].role, "input_still") &&
		    pj->ps->pic[i].height > 0)
			want.ratio = (double)pj->ps->pic[i].width /
			    (double)pj->ps->pic[i].height;
	return want;
}

/*
 * An address that has nothing may have it soon, as the network that delivers
 * outputs lags behind the provider: it is asked again until the job's deadline
 * and for "output_wait_ms" at least.
 */
coroutine_fn enum err
provider_keep(struct cx *cx, struct run *r, struct io *io,
    struct provider_job *pj, const char *source)
{
	char host[128];
	int64_t least = clock_boot() + provider_output_wait(pj);
	int64_t until = provider_deadline(pj), pause = 500;
	struct expected want = expected_of(r, pj);
	struct cx tmp;
	enum err er;

	if (until < least)
		until = least;
	/* No more than that: the address is temporary. */
	json_str(&io->out, "source_host", log_host(source, host,
	    sizeof host));
	for (;;) {
		/* A download that breaks off in the middle holds memory. */
		tmp = cx_fork(cx, STORE_CAP);
		er = mma_store(&tmp, r, io, &pj->p, &want, source);
		cx->err = tmp.err;
		cx_release(&tmp);
		if (er == E_PROVIDER) {
			pj->provider_fault = true;
			provider_cause(pj, "delivers outputs from addresses "
			    "that its entry does not allow");
		}
		if (er != E_SOURCE)
			return er;
		if (clock_boot() >= until) {
			pj->provider_fault = true;
			io->retry_after = RUN_NEVER;
			return err_set(cx, E_UPSTREAM, "%s", cx_dup(cx,
			    cx->err.detail));
		}
		if ((er = run_sleep(r, pause)) != E_OK)
			return er;
		pause = pause * 2 < OUTPUT_PAUSE_MS ? pause * 2 :
		    OUTPUT_PAUSE_MS;
	}
}

/*
 * What is damaged may have been so on the way: it is downloaded once more.  All
 * else that is wrong with an output takes a new job.
 */
static bool
download_again(struct cx *cx, struct provider_job *pj)
{
	if (pj->looked || !str_eq(cx->err.reason, "DAMAGED"))
		return false;
	return pj->looked = true;
}

/*
 * What came is the provider's fault, or that of our tolerances, in every case
 * but one: a blank picture may be what the customer asked for.
 */
static void
blame(struct provider_job *pj, const char *reason)
{
	if (str_eq(reason, "BLANK"))
		return;
	pj->provider_fault = true;
	provider_cause(pj, "delivers what cannot be used (%s)",
	    reason != NULL ? reason : "see the worker's log");
}

/*
 * After an error: is the job over, and may there be another?  A job that failed
 * costs nothing; one that made something unusable, or nothing, does.
 */
coroutine_fn enum err
provider_after(struct cx *cx, struct run *r, struct io *io,
    struct provider_job *pj, enum err er)
{
	bool over = false;
	enum err saved;

	if (er == E_OUTPUT && pj->job.state != NULL &&
	    !download_again(cx, pj)) {
		blame(pj, cx->err.reason);
		pj->ended = pj->paid = true;
	}
	if (!pj->ended || (!err_retry(er) && !pj->paid))
		return er;
	if ((saved = job_end(cx, r, pj, er, &over)) != E_OK)
		return saved;
	pj->looked = false;
	pj->done = 0;
	if (over || pj->no_result)
		io->retry_after = RUN_NEVER;
	return er;
}
