/*
 * suggest - one question to the language model, recorded as a step
 */
#include "config.h"

#include <string.h>

#include "account/budget.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cx.h"
#include "base/json.h"
#include "gen/suggestion.h"
#include "io/s3.h"
#include "mma/prompt/catalog.h"
#include "mma/prompt/gpt.h"
#include "mma/prompt/suggest.h"
#include "mma/run.h"
#include "pg/pgtime.h"
#include "web/req.h"

#define TRIES	2

static coroutine_fn enum err
put_data(struct cx *cx, const struct suggest_ask *a, const char **out)
{
	struct buf *b = buf_new(cx, 32768);
	const char *phrase;
	struct json js;
	enum err er;

	if ((er = catalog_phrase(cx, "movement_styles", a->style,
	    &phrase)) != E_OK)
		return er;
	json_init(&js, b);
	json_obj(&js, NULL);
	json_str(&js, "movement_style", phrase);
	json_str(&js, "customer_words", a->brief);
	json_end(&js);
	*out = b->data;
	return E_OK;
}

/* Each try is reserved before it starts, the repair of an answer with it. */
static coroutine_fn enum err
ask(struct cx *cx, struct req *rq, struct io *io, const struct suggest_ask *a,
    const struct cJSON **answer)
{
	struct gpt_ask q = { .ctx = "mma.ctx.motion_suggestion",
	    .image = { a->still }, .nimage = 1 };
	struct err_info why;
	enum err er;

	json_str(&io->in, "asset_url", a->still);
	json_str(&io->in, "movement_style", a->style);
	json_str(&io->in, "userMotionBrief", a->brief);
	if ((er = put_data(cx, a, &q.data)) != E_OK)
		return er;
	for (int try = 1;; try++) {
		er = gpt_ask(cx, io, &q, answer);
		if (er == E_OK || !err_retry(er) || try == TRIES)
			return er;
		why = cx->err;
		if (budget_take(cx, rq, BUDGET_SUGGEST) != E_OK) {
			cx->err = why;
			return er;
		}
	}
}

coroutine_fn enum err
mma_suggest(struct cx *cx, struct req *rq, const char *id,
    const struct suggest_ask *a, const char **prompt, const char **line)
{
	struct step_row row = { .type = "motion_suggestion", .key = "0",
	    .started = pgtime_now() };
	struct suggestion_row note = { .id = id };
	const struct cJSON *answer = NULL;
	struct err_info why;
	struct s3_head head;
	int64_t start = clock_boot();
	struct io io;
	enum err er, noted;

	er = s3_head(cx, s3_key_of(a->still), &head);
	if (er == E_NOTFOUND)
		return err_say(cx, E_IMAGE, "The still is not in our storage; "
		    "it may not have finished uploading. Nothing was "
		    "charged.");
	if (er != E_OK || (er = budget_take(cx, rq, BUDGET_SUGGEST)) != E_OK)
		return er;
	io_open(cx, &io);
	er = ask(cx, rq, &io, a, &answer);
	if (er == E_OK) {
		*prompt = run_text(answer, "/motion_prompt");
		*line = run_text(answer, "/userMessage_final");
		json_str(&io.out, "motion_prompt", *prompt);
		json_str(&io.out, "userMessage_final", *line);
	} else
		row.error = io_error(cx, er);
	row.input = io_close(&io.in);
	row.output = io_close(&io.out);
	row.took = clock_boot() - start;
	note.payload = step_payload(cx, &row);
	note.provider = io.provider;
	note.model = io.model;
	note.latency_ms = row.took;
	note.in_tokens = io.in_tokens;
	note.out_tokens = io.out_tokens;
	note.failed = er != E_OK;
	why = cx->err;
	noted = suggestion_note(cx, req_pass(rq), &note);
	if (er == E_OK)
		return noted;
	cx->err = why;
	return er;
}
