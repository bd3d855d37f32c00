/*
 * wait - waits for generations to change (gen_join, gen_next, gen_wait)
 *
 * A notification wakes the requests that wait for its id, and they read the
 * row again.  After a reconnect (payload NULL) all of them read again, and
 * each does so every few seconds anyway, so a lost notification only delays
 * the reply.
 *
 * A waiter stays in its bucket from gen_join() on, and a wake that comes while
 * it is reading is kept, so no change is missed between a read and the next
 * wait.
 */
#include "config.h"

#include <string.h>

#include "base/cx.h"
#include "gen/gen.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "web/req.h"

#define BUCKETS	1024
#define REREAD_MS	5000

struct gen_waiter {
	struct gen_waiter *next, **prev;
	const char	*id;
	struct wait	 w;
};

static struct gen_waiter *bucket[BUCKETS];

static unsigned
slot(const char *id)
{
	unsigned h = 2166136261u;		/* FNV-1a */

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * 16777619u;
	return h % BUCKETS;
}

static void
wake(unsigned b, const char *id)
{
	for (struct gen_waiter *w = bucket[b]; w != NULL; w = w->next)
		if (id == NULL || strcmp(w->id, id) == 0)
			wait_wake(&w->w, E_OK);
}

static void
on_change(void *arg, const char *id)
{
	(void)arg;
	if (id != NULL) {
		wake(slot(id), id);
		return;
	}
	for (unsigned b = 0; b < BUCKETS; b++)
		wake(b, NULL);
}

void
gen_watch(struct pg *pg)
{
	pg_listen(pg, "mina_gen", on_change, NULL);
}

static void
leave(void *arg)
{
	struct gen_waiter *me = arg;

	if ((*me->prev = me->next) != NULL)
		me->next->prev = me->prev;
}

struct gen_waiter *
gen_join(struct cx *cx, const char *id)
{
	struct gen_waiter *me, **b = &bucket[slot(id)];

	XXXAN(me = cx_alloc(cx, sizeof *me));
	me->id = id;
	me->w = (struct wait)WAIT_INIT(W_GENERATION);
	if ((me->next = *b) != NULL)
		me->next->prev = &me->next;
	me->prev = b;
	*b = me;
	arena_defer(cx->mem, leave, me);
	return me;
}

coroutine_fn enum err
gen_next(struct req *rq, struct gen_waiter *me, int64_t until)
{
	int64_t reread = loop_now() + REREAD_MS;
	enum err er;

	req_on_hup(rq, &me->w);
	er = wait_for(&me->w, reread < until ? reread : until);
	req_on_hup(rq, NULL);
	me->w = (struct wait)WAIT_INIT(W_GENERATION);
	if (er == E_TIMEOUT && loop_now() < until)
		return E_OK;		/* time to read again */
	return er;
}

static const struct stmt S_OVER = STMT_READ("gen_over",
    "select mg_status <> 'pending' from mega_generations "
    "where mg_id = 'generation:' || $1");

static coroutine_fn enum err
is_over(struct cx *cx, const char *id, bool *over)
{
	const struct row *row;
	enum err er;

	if ((er = pg_maybe(cx, &S_OVER, &row, pg_text(id))) != E_OK)
		return er;
	if (row == NULL)
		return err_set(cx, E_NOTFOUND, "no generation %s", id);
	*over = row_bool(row, 0);
	return E_OK;
}

coroutine_fn enum err
gen_wait(struct cx *cx, struct req *rq, const char *id, int64_t ms,
    struct gen *g)
{
	struct gen_waiter *me = gen_join(cx, id);
	int64_t until = loop_now() + ms;
	enum err er, read;
	bool over = false;

	for (;;) {
		/* E_DB may pass: wait and read again. */
		read = is_over(cx, id, &over);
		if (read != E_OK && read != E_DB)
			return read;
		er = E_TIMEOUT;
		if ((read == E_OK && over) || loop_now() >= until)
			break;
		if ((er = gen_next(rq, me, until)) == E_HUP)
			return er;
		if (er != E_OK)
			break;
	}
	if ((read = gen_read(cx, req_pass(rq), id, g)) != E_OK)
		return read;
	return g->over ? E_OK : er;
}
