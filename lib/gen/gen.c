/*
 * gen - admits generations, reads and cancels them
 */
#include "config.h"

#include <string.h>

#include "account/budget.h"
#include "account/ident.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/str.h"
#include "config/settings.h"
#include "gen/gen.h"
#include "gen/request.h"
#include "pg/pg.h"

/* --- admission */

static const struct stmt S_ADMIT = STMT("gen_admit",
    "select verdict, available, loud from mina_admit($1, $2, $3, $4::int, $5, "
    "$6, $7::jsonb, $8::jsonb, $9::jsonb, $10::int, $11, $12, $13::int, "
    "$14::int, $15::int, $16::int)");

/*
 * With an Idempotency-Key the id is derived from it, so a repeated request
 * finds the first one by the primary key, also when its reply was lost.
 */
static const char *
make_id(struct cx *cx, const char *pass, const struct request *want,
    const char *key)
{
	char hex[SHA256_HEX];
	unsigned char r[12];
	const char *s;

	if (key == NULL) {
		crypto_random(r, sizeof r);
		encode_hex(r, sizeof r, hex);
	} else {
		s = cx_fmt(cx, "%s\n%s", pass, key);
		crypto_sha256_hex(s, strlen(s), hex);
	}
	return cx_fmt(cx, "gen_%s_%.24s", want->mode, hex);
}

/*
 * A generation admitted under this key with a pass that was merged since; its
 * id was derived from that pass.  A client that lost the reply, signed in and
 * repeats the request must find it, or would pay twice.  Costs one read by
 * primary key when nothing was merged.
 */
static const struct stmt S_BEFORE = STMT_READ("gen_before",
    "select g.mg_generation_id from mega_customers c "
    "cross join jsonb_array_elements_text(c.mg_meta->'merged') p "
    "join mega_generations g on g.mg_id = 'generation:gen_' || $2 || '_' || "
    "left(encode(sha256(convert_to(p || E'\\n' || $3, 'UTF8')), 'hex'), 24) "
    "where c.mg_pass_id = $1 and not exists (select 1 from mega_generations "
    "where mg_id = 'generation:' || $4) order by g.mg_created_at limit 1");

static coroutine_fn enum err
find_id(struct cx *cx, const char *pass, const struct request *want,
    const char *key, const char **id)
{
	const struct row *row;
	enum err er;

	*id = make_id(cx, pass, want, key);
	/* Nothing is ever merged into an anonymous pass. */
	if (key == NULL || str_starts(pass, "pass:anon:"))
		return E_OK;
	if ((er = pg_maybe(cx, &S_BEFORE, &row, pg_text(pass),
	    pg_text(want->mode), pg_text(key), pg_text(*id))) != E_OK)
		return er;
	if (row != NULL)
		*id = row_text(row, 0);
	return E_OK;
}

static const char *
admission_meta(struct cx *cx, const struct request *want)
{
	struct buf *b = buf_new(cx, 32768);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "event", want->event);
	json_str(&js, "request_sha", want->request_sha);
	json_str(&js, "request_id", cx->reqid);
	json_raw(&js, "ignored", want->ignored);
	json_end(&js);
	return b->data;
}

static enum err
no_matcha(struct cx *cx, const struct request *want, int64_t available)
{
	err_say(cx, E_NOMATCHA, "This takes %lld matcha and you have %lld. "
	    "Nothing was charged.", (long long)want->cost,
	    (long long)available);
	cx->err.needed = want->cost;
	cx->err.available = available;
	return E_NOMATCHA;
}

/* The kind of what it costs us; the same words as in budget.def. */
static enum budget
kind(const struct request *want)
{
	return strcmp(want->mode, "video") == 0 ? BUDGET_VIDEO : BUDGET_STILL;
}

static enum err
verdict(struct cx *cx, const struct request *want,
    const struct budget_caps *caps, const struct row *row, bool *replayed)
{
	const char *v = row_text(row, 0);

	*replayed = strcmp(v, "replay") == 0;
	if (*replayed)
		return E_OK;
	if (strcmp(v, "credits") == 0)
		return no_matcha(cx, want, row_int(row, 1));
	if (strcmp(v, "limit") == 0) {
		err_set(cx, E_QUEUE, "too many unfinished generations");
		cx->err.retry_after = 10;
		return E_QUEUE;
	}
	if (strcmp(v, "mismatch") == 0)
		return err_set(cx, E_IDEM, "different request under this key");
	if (strcmp(v, "disabled") == 0)
		return err_set(cx, E_DISABLED, "the customer is disabled");
	if (strcmp(v, "merged") == 0)
		return err_say(cx, E_CONFLICT, "This pass has just become "
		    "part of an account. Nothing was charged. Please try "
		    "again.");
	return budget_verdict(cx, kind(want), caps, v, row_bool(row, 2));
}

/*
 * May a row be created for this pass, which has none?  Any client can make up
 * an anonymous pass: one that gets no welcome matcha cannot pay, so its refusal
 * leaves no row behind.
 */
static coroutine_fn enum err
check_stranger(struct cx *cx, const char *pass, const struct request *want)
{
	int64_t welcome = 0;
	enum err er;

	if (!str_starts(pass, "pass:anon:"))
		return E_OK;
	if ((er = settings_int(cx, "credits.welcome_anonymous", 0,
	    &welcome)) != E_OK)
		return er;
	return welcome < want->cost ? no_matcha(cx, want, 0) : E_OK;
}

static coroutine_fn enum err
admit(struct cx *cx, const char *pass, const char *address,
    const struct request *want, const struct budget_caps *caps,
    const char *id, const struct row **row)
{
	int64_t queued;
	enum err er;

	if ((er = settings_int(cx, "limits.queued", 10, &queued)) != E_OK)
		return er;
	return pg_one(cx, &S_ADMIT, row, pg_text(id), pg_text(pass),
	    pg_text(want->session), pg_int(want->cost), pg_text(want->mode),
	    pg_text(want->event), pg_json(want->request),
	    pg_json(want->vars), pg_json(admission_meta(cx, want)),
	    pg_int(queued), pg_text(want->parent), pg_text(address),
	    pg_int(caps->per_pass), pg_int(caps->per_address),
	    pg_int(caps->cents), pg_int(caps->daily));
}

coroutine_fn enum err
gen_admit(struct cx *cx, const char *pass, const char *address,
    const struct request *want, const char *key, const char **id,
    bool *replayed)
{
	struct budget_caps caps;
	struct customer who;
	const struct row *row;
	enum err er;

	if ((er = budget_caps(cx, kind(want), &caps)) != E_OK ||
	    (er = find_id(cx, pass, want, key, id)) != E_OK)
		return er;
	for (int try = 0;; try++) {
		if ((er = admit(cx, pass, address, want, &caps, *id,
		    &row)) != E_OK)
			return er;
		if (try > 0 || strcmp(row_text(row, 0), "nobody") != 0)
			return verdict(cx, want, &caps, row, replayed);
		/* No row yet: create it, as GET /me would have. */
		if ((er = check_stranger(cx, pass, want)) != E_OK ||
		    (er = ident_customer(cx, pass, &who)) != E_OK)
			return er;
		/* That may have found an older account to merge into. */
		pass = who.pass;
		if ((er = find_id(cx, pass, want, key, id)) != E_OK)
			return er;
	}
}

/* --- reading */

/*
 * o is the customer that this one was merged into, if any, and owns the
 * generation.  Then the balance shown is o's, not the old account's.
 */
#define COLUMNS \
    "g.mg_generation_id, g.mg_pass_id, g.mg_session_id, g.mg_parent_id, " \
    "g.mg_status, g.mg_mma_status, g.mg_type, g.mg_output_url, " \
    "g.mg_prompt, g.mg_provider, g.mg_model, g.mg_error, g.mg_cost, " \
    "g.mg_created_at, g.mg_updated_at, g.mg_payload->'request', " \
    "g.mg_mma_vars, g.mg_meta, -coalesce(t.mg_delta, 0), " \
    "coalesce(o.mg_credits - o.mg_held, " \
    "(t.mg_meta->>'balance_after')::int, c.mg_credits - c.mg_held), " \
    "coalesce(o.mg_pass_id, g.mg_pass_id) " \
    "from mega_generations g " \
    "join mega_customers c on c.mg_pass_id = g.mg_pass_id " \
    "left join mega_customers o " \
    "on o.mg_pass_id = c.mg_meta->>'merged_into' " \
    "left join mega_generations t on t.mg_id = " \
    "'credit_transaction:settle:' || g.mg_generation_id "

static const struct stmt S_READ = STMT_READ("gen_read",
    "select " COLUMNS
    "where g.mg_id = 'generation:' || $1 and g.mg_deleted_at is null");
static const struct stmt S_ACTIVE = STMT_READ("gen_active",
    "select " COLUMNS
    "where g.mg_pass_id = any (mina_passes($1)) "
    "and g.mg_record_type = 'generation' "
    "and g.mg_status = 'pending' "
    "order by g.mg_created_at desc, g.mg_id limit 50");

/* The status for clients; see gen.h. */
static const char *
client_status(const struct gen *g, const char *money)
{
	if (strcmp(money, "succeeded") == 0)
		return "done";
	return g->stage;
}

static enum err
from_row(struct cx *cx, const struct row *row, struct gen *g)
{
	struct cJSON *vars, *meta;
	const char *money, *s;
	enum err er;

	memset(g, 0, sizeof *g);
	g->id = row_text(row, 0);
	g->pass = row_text(row, 1);
	g->session = row_text(row, 2);
	g->parent = row_text(row, 3);
	if (str_starts(g->parent, "generation:"))
		g->parent += strlen("generation:");
	money = row_text(row, 4);
	g->stage = row_text(row, 5);
	g->status = client_status(g, money);
	g->over = strcmp(money, "pending") != 0;
	g->type = row_text(row, 6);
	g->output_url = row_text(row, 7);
	g->prompt = row_text(row, 8);
	g->provider = row_text(row, 9);
	g->model = row_text(row, 10);
	g->error = row_text(row, 11);
	g->cost = row_null(row, 12) ? 0 : row_int(row, 12);
	g->created = row_time(row, 13);
	g->updated = row_time(row, 14);
	g->request = row_text(row, 15);
	s = row_null(row, 16) ? "{}" : row_text(row, 16);
	if ((er = json_parse(cx, s, strlen(s), &vars)) != E_OK)
		return er;
	s = row_null(row, 17) ? "{}" : row_text(row, 17);
	if ((er = json_parse(cx, s, strlen(s), &meta)) != E_OK)
		return er;
	g->vars = vars;
	g->meta = meta;
	g->charged = row_int(row, 18);
	g->credits_after = row_int(row, 19);
	g->owner = row_text(row, 20);
	g->message = json_text(json_pointer(vars, "/error/message"));
	return E_OK;
}

coroutine_fn enum err
gen_read(struct cx *cx, const char *pass, const char *id, struct gen *g)
{
	const struct row *row;
	enum err er;

	if ((er = pg_maybe(cx, &S_READ, &row, pg_text(id))) != E_OK)
		return er;
	/*
	 * The row's own pass counts as well: it may have been merged while
	 * its request waited.
	 */
	if (row == NULL || (!str_eq(row_text(row, 20), pass) &&
	    !str_eq(row_text(row, 1), pass)))
		return err_say(cx, E_NOTFOUND, "There is no such creation of "
		    "yours.");
	return from_row(cx, row, g);
}

coroutine_fn enum err
gen_active(struct cx *cx, const char *pass, struct gen **out, size_t *n)
{
	const struct rows *rows;
	enum err er;

	if ((er = pg_each(cx, &S_ACTIVE, &rows, pg_text(pass))) != E_OK)
		return er;
	*n = rows_n(rows);
	*out = cx_alloc(cx, (*n + 1) * sizeof **out);
	for (size_t i = 0; i < *n; i++)
		if ((er = from_row(cx, rows_at(rows, i), &(*out)[i])) != E_OK)
			return er;
	return E_OK;
}

coroutine_fn enum err
gen_parent(struct cx *cx, const char *pass, const char *id,
    const char *type, const struct cJSON **request)
{
	struct cJSON *tree;
	struct gen g;
	enum err er;

	if ((er = gen_read(cx, pass, id, &g)) != E_OK)
		return er;
	if (strcmp(g.status, "done") != 0)
		return err_say(cx, E_CONFLICT, "That creation is not "
		    "finished, so there is nothing to tweak yet. Nothing was "
		    "charged.");
	if (!str_eq(g.type, type))
		return err_say(cx, E_CONFLICT, "A film cannot be tweaked into "
		    "a still, nor a still into a film. Nothing was charged.");
	if (g.request == NULL)
		return err_say(cx, E_CONFLICT, "That creation is from before "
		    "requests were kept, so it cannot be tweaked. Nothing was "
		    "charged.");
	if ((er = json_parse(cx, g.request, strlen(g.request),
	    &tree)) != E_OK)
		return er;
	*request = tree;
	return E_OK;
}

static const struct stmt S_CANCEL = STMT("gen_cancel",
    "select mina_cancel($1, $2, $3::int)");

coroutine_fn enum err
gen_cancel(struct cx *cx, const char *pass, const char *id, struct gen *g)
{
	const struct row *row;
	int64_t unpaid;
	enum err er;

	if ((er = gen_read(cx, pass, id, g)) != E_OK || g->over ||
	    (er = settings_int(cx, "limits.free_cancels", 5,
	    &unpaid)) != E_OK)
		return er;
	/* mina_cancel() wants the pass of the row, merged or not. */
	if ((er = pg_one(cx, &S_CANCEL, &row, pg_text(id),
	    pg_text(g->pass), pg_int(unpaid))) != E_OK)
		return er;
	if (str_eq(row_text(row, 0), "late"))
		return err_say(cx, E_TOOLATE, "This is being made already, "
		    "and today's %lld free cancellations are used up. It "
		    "will be delivered, and charged %lld matcha.",
		    (long long)unpaid, (long long)g->cost);
	return gen_read(cx, pass, id, g);
}

static const struct stmt S_ETA = STMT_READ("gen_eta",
    "select p50, p90 from mina_eta($1)");

coroutine_fn enum err
gen_eta(struct cx *cx, const char *mode, bool *known, double *p50,
    double *p90)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_ETA, &row, pg_text(mode))) != E_OK)
		return er;
	if ((*known = !row_null(row, 0))) {
		*p50 = row_num(row, 0);
		*p90 = row_num(row, 1);
	}
	return E_OK;
}

static const struct stmt S_AGE = STMT_READ("gen_queue_age",
    "select greatest(coalesce(extract(epoch from mina_clock() - "
    "(select min(g.mg_due_at) from mega_generations g "
    "where g.mg_record_type = 'generation' and g.mg_due_at is not null "
    "and g.mg_lease_owner is null "
    "and g.mg_status = 'pending' and not exists (select 1 "
    "from mega_generations l where l.mg_pass_id = g.mg_pass_id "
    "and l.mg_record_type = 'generation' "
    "and l.mg_lease_owner is not null))), 0), 0)::bigint, "
    "greatest(coalesce(extract(epoch from mina_clock() - "
    "(select min(mg_lease_until) from mega_generations "
    "where mg_lease_owner is not null and mg_status = 'pending' "
    "and mg_lease_until <= mina_clock())), 0), 0)::bigint");

coroutine_fn enum err
gen_queue_age(struct cx *cx, int64_t *waiting, int64_t *left)
{
	const struct row *row;
	enum err er;

	if ((er = pg_one(cx, &S_AGE, &row)) == E_OK) {
		*waiting = row_int(row, 0);
		*left = row_int(row, 1);
	}
	return er;
}
