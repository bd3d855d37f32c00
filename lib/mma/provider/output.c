/*
 * output - keeps what a job made, and decides what follows when it cannot
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "account/budget.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "mma/provider/provider.h"

#define JOBS_MAX	2	/* of one provider for one generation */
#define OUTPUT_WAIT_MS	30000
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
	int64_t least = clock_boot() + json_int_or(json_get(pj->p.def,
	    "output_wait_ms"), OUTPUT_WAIT_MS);
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
		if (er == E_PROVIDER)
			pj->cause = "delivers outputs from addresses that its "
			    "entry does not allow";
		if (er != E_SOURCE)
			return er;
		if (clock_boot() >= until) {
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
download_again(struct cx *cx, struct provider_job *pj, enum err er)
{
	if (er != E_OUTPUT || pj->looked ||
	    !str_eq(cx->err.reason, "DAMAGED"))
		return false;
	return pj->looked = true;
}

/*
 * After an error: is the job over, and may there be another?  A job that failed
 * costs nothing; one that made something unusable does, so the next is reserved
 * as an admission would.
 */
coroutine_fn enum err
provider_after(struct cx *cx, struct run *r, struct io *io,
    struct provider_job *pj, enum err er)
{
	struct err_info why = cx->err;
	enum err saved;

	if ((er != E_OUTPUT && !(pj->ended && err_retry(er))) ||
	    download_again(cx, pj, er))
		return er;
	if ((saved = job_end(cx, r, pj)) != E_OK)
		return saved;
	pj->looked = false;
	if (pj->job.failed >= JOBS_MAX || (er == E_OUTPUT &&
	    budget_again(cx, r->c.pass, strcmp(r->c.mode, "video") == 0 ?
	    BUDGET_VIDEO : BUDGET_STILL) != E_OK))
		io->retry_after = RUN_NEVER;
	cx->err = why;
	return er;
}
