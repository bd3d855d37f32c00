/*
 * taste - what this person liked lately, for the prompt
 *
 * Window (CONTRACT 7): with vision intelligence the last 5 liked or
 * downloaded results, without it the last 20.  Hard blocks and tag weights
 * come from the snapshot on the customer's row.
 */
#include "config.h"

#include <string.h>

#include "../cx.h"
#include "../pg.h"
#include "../str.h"
#include "mma.h"

static const struct stmt S_TASTE = STMT_READ("taste",
    "with w as ("
    " select coalesce(mg_mma_preferences->'tag_weights', '{}') as weights,"
    " coalesce(mg_mma_preferences->'hard_blocks', '[]') as blocks"
    " from mega_customers where mg_pass_id = $1), "
    "tags as (select key, value::text::numeric as v from w,"
    " jsonb_each(weights) where jsonb_typeof(value) = 'number'"
    " order by 2 desc, 1 limit 20), "
    "liked as (select distinct on (e.mg_generation_id) g.mg_prompt,"
    " e.mg_created_at from (select mg_generation_id, mg_created_at"
    "  from mega_generations where mg_pass_id = $1"
    "  and mg_record_type = 'mma_event'"
    "  and mg_meta->>'event_type' in ('like', 'download')"
    "  and mg_generation_id is not null"
    "  order by mg_created_at desc, mg_id limit 200) e"
    " join mega_generations g on g.mg_id = 'generation:' ||"
    " e.mg_generation_id where g.mg_prompt is not null"
    " order by e.mg_generation_id, e.mg_created_at desc) "
    "select coalesce((select string_agg(key || ':' || v, ',' order by v desc,"
    " key) from tags), ''), "
    "coalesce((select jsonb_agg(key order by v desc, key) from tags), '[]'), "
    "coalesce((select blocks from w), '[]'), "
    "coalesce((select jsonb_agg(left(mg_prompt, 400)) from (select mg_prompt"
    " from liked order by mg_created_at desc limit $2::int) x), '[]')");

static enum err
like_history(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	int64_t window = json_int_or(json_pointer(r->vars,
	    "/history/like_window"), 20);
	const struct row *row;
	enum err er;

	(void)arg;
	json_int(&io->in, "window", window);
	if ((er = pg_one(cx, &S_TASTE, &row, pg_text(r->c.pass),
	    pg_int(window))) != E_OK)
		return er;
	json_str(&io->out, "style_history_csv", row_text(row, 0));
	json_raw(&io->out, "style_history_tags", row_text(row, 1));
	json_raw(&io->out, "hard_blocks", row_text(row, 2));
	json_raw(&io->out, "liked_prompts", row_text(row, 3));
	return E_OK;
}

static const struct step LIKE_HISTORY = { "like_history", 2, like_history };

enum err
mma_taste(struct run *r, struct taste *t)
{
	const struct cJSON *out;
	enum err er;

	if ((er = run_step(r, &LIKE_HISTORY, "0", NULL, &out)) != E_OK)
		return er;
	t->csv = run_text(out, "/style_history_csv");
	t->tags = json_print(&r->cx, json_get(out, "style_history_tags"));
	t->blocks = json_print(&r->cx, json_get(out, "hard_blocks"));
	t->liked = json_print(&r->cx, json_get(out, "liked_prompts"));
	return E_OK;
}
