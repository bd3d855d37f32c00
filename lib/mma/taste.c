/*
 * taste - reads the customer's preferences for the prompt
 *
 * The prompts of the last liked or downloaded results (CONTRACT 7): 5, or 20
 * where the request switched ui.visionIntelligence off.  Hard blocks and tag
 * weights come from the customer's row.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/json.h"
#include "mma/mma.h"
#include "pg/pg.h"

static const struct stmt S_TASTE = STMT_READ("taste",
    "with w as ("
    " select coalesce(mg_mma_preferences->'tag_weights', '{}') as weights,"
    " coalesce(mg_mma_preferences->'hard_blocks', '[]') as blocks"
    " from mega_customers where mg_pass_id = mina_canonical($1)), "
    "tags as (select key, value::text::numeric as v from w,"
    " jsonb_each(weights) where jsonb_typeof(value) = 'number'"
    " order by 2 desc, 1 limit 20) "
    "select coalesce((select string_agg(key || ':' || v, ',' order by v desc,"
    " key) from tags), ''), "
    "coalesce((select jsonb_agg(key order by v desc, key) from tags), '[]'), "
    "coalesce((select blocks from w), '[]'), "
    "coalesce((select jsonb_agg(left(prompt, 400)) from ("
    " select l.prompt from unnest(mina_passes($1)) p (pass)"
    " cross join lateral (select mg_prompt as prompt,"
    "  mg_meta->>'liked_at' as at from mega_generations"
    "  where mg_pass_id = p.pass and mg_record_type = 'generation'"
    "  and mg_meta->>'liked_at' is not null and mg_prompt is not null"
    "  order by mg_meta->>'liked_at' desc limit $2::int) l"
    " order by l.at desc limit $2::int) x), '[]')");

static coroutine_fn enum err
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

coroutine_fn enum err
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

const char *
taste_blocks(struct cx *cx, const struct taste *t)
{
	struct buf *b = buf_new(cx, 8192);
	const struct cJSON *js;
	struct cJSON *list;
	const char *s, *word;

	if (json_parse(cx, t->blocks, strlen(t->blocks), &list) != E_OK)
		return "";
	for (js = json_first(list); js != NULL; js = json_next(js)) {
		if ((s = json_text(js)) == NULL)
			continue;
		buf_puts(b, b->len > 0 ? ", no " : "There must be no ");
		/* "motion.light_flicker": without the area. */
		word = strchr(s, '.') != NULL ? strchr(s, '.') + 1 : s;
		for (; *word != '\0'; word++)
			buf_putc(b, *word == '_' ? ' ' : *word);
	}
	if (b->len > 0)
		buf_puts(b, ". ");
	return buf_ok(b) ? b->data : "";
}
