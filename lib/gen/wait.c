/*
 * wait - waits for generations to change (gen_join, gen_next, gen_wait)
 *
 * A notification wakes the requests that wait for its id, and they read the
 * row again.  After a reconnect (payload NULL) all of them read again, and
 * each does so every few seconds anyway, so a lost notification only delays
 * the reply.
 *
 * A waiter stays in the map from gen_join() on, and a wake that comes while
 * it is reading is kept, so no change is missed between a read and the next
 * wait.
 */
#include "config.h"

#include "base/cx.h"
#include "base/idmap.h"
#include "gen/gen.h"
#include "io/loop.h"
#include "pg/pg.h"
#include "web/req.h"

#define REREAD_MS	5000

struct gen_waiter {
	struct idmap_node node;		/* first: cast from it */
	struct wait	 w;
};

static struct idmap waiters;		/* by the generation's id */

static void
wake(struct idmap_node *n)
{
	wait_wake(&((struct gen_waiter *)(void *)n)->w, E_OK);
}

static void
on_change(void *arg, const char *id)
{
	struct idmap_node *n;

	(void)arg;
	if (id != NULL) {
		for (n = idmap_find(&waiters, id); n != NULL;
		    n = idmap_more(&waiters, n))
			wake(n);
		return;
	}
	for (size_t i = 0; i < IDMAP_SLOTS; i++)
		for (n = waiters.slot[i]; n != NULL; n = n->next)
			wake(n);
}

void
gen_watch(struct pg *pg)
{
	pg_listen(pg, "mina_gen", on_change, NULL);
}

static void
leave(void *me)
{
	idmap_remove(me);
}

struct gen_waiter *
gen_join(struct cx *cx, const char *id)
{
	struct gen_waiter *me;

	XXXAN(me = cx_alloc(cx, sizeof *me));
	me->w = (struct wait)WAIT_INIT(W_GENERATION);
	idmap_add(&waiters, &me->node, id);
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
