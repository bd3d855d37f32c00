/*
 * ready - proves that an output could be kept, before it is ordered
 *
 * A job is billed when it is created.  What is found missing after that (a
 * program, a decoder, a key of the store) makes every output a loss, so it is
 * tried before: a film and a poster of our own are looked at, as a provider's
 * would be, and a few bytes are stored.
 */
#include "config.h"

#include "base/cx.h"
#include "base/log.h"
#include "io/film.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"
#include "mma/mma.h"

#define GOOD_MS	60000		/* what was proven holds that long */
#define WAIT_MS	60000
#define CAP	(16 << 20)
#define PUT_KEY	"health/put"

static int64_t film_until, store_until;
static struct gate proving = GATE_INIT(proving, W_READY, 1);

static coroutine_fn enum err
prove_film(struct cx *cx)
{
	struct pic_bytes thumb;
	struct film_info f;
	struct pic pic;
	enum err er;

	if ((er = film_try(cx, &f)) != E_OK)
		return er;
	return pic_thumb(cx, f.poster, f.posterlen, 16, &pic, &thumb);
}

static bool
film_due(unsigned what)
{
	return (what & READY_FILM) != 0 && film_until < loop_now();
}

static bool
store_due(unsigned what)
{
	return (what & READY_STORE) != 0 && store_until < loop_now();
}

/* Others wait meanwhile, and find it proven. */
static coroutine_fn enum err
prove(struct cx *cx, unsigned what)
{
	enum err er;

	if (film_due(what)) {
		if ((er = prove_film(cx)) != E_OK)
			return err_set(cx, E_STORAGE, "films cannot be looked "
			    "at: %s", cx_dup(cx, cx->err.detail));
		film_until = loop_now() + GOOD_MS;
	}
	if (store_due(what)) {
		if ((er = s3_put(cx, PUT_KEY, "text/plain", "ok\n",
		    3)) != E_OK)
			return err_set(cx, E_STORAGE, "nothing can be stored: "
			    "%s", cx_dup(cx, cx->err.detail));
		mma_stored();
	}
	return E_OK;
}

static coroutine_fn enum err
prove_in_turn(struct cx *cx, unsigned what)
{
	const char *missing = pic_missing();
	enum err er;

	if (missing != NULL)
		return err_set(cx, E_STORAGE, "libvips has no %s", missing);
	if (!film_due(what) && !store_due(what))
		return E_OK;
	if (gate_enter(&proving, loop_deadline(cx, WAIT_MS)) != E_OK)
		return err_set(cx, E_STORAGE, "it takes too long to find out");
	er = prove(cx, what);
	gate_leave(&proving);
	return er;
}

void
mma_stored(void)
{
	store_until = loop_now() + GOOD_MS;
}

coroutine_fn enum err
mma_ready(struct cx *cx, unsigned what)
{
	struct cx own = cx_fork(cx, CAP);
	enum err er;

	if ((er = prove_in_turn(&own, what)) != E_OK) {
		cx->err = own.err;
		log_err(cx, "nothing is ordered: %s", cx->err.detail);
	}
	cx_release(&own);
	return er;
}
