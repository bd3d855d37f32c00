/*
 * reader - asks the language model, or falls back to the plain prompt
 */
#include "config.h"

#include "base/cx.h"
#include "base/str.h"
#include "config/settings.h"
#include "mma/prompt/gpt.h"
#include "mma/prompt/reader.h"

#define GPT_TRIES	3

const char *
reader_cut(struct cx *cx, const char *s, int64_t max)
{
	return cx_dupn(cx, s, str_utf8_cut(s, (size_t)max));
}

static const char *
context(struct cx *cx, const struct reader *rd)
{
	return cx_fmt(cx, "mma.ctx.%s", rd->type);
}

static coroutine_fn enum err
ask(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	const struct reader *rd = arg;
	struct gpt_ask a = { .ctx = context(cx, rd), .data = rd->data };
	const struct cJSON *answer;
	enum err er;

	(void)r;
	json_str(&io->in, "input_gpt_reader", rd->data);
	json_raw(&io->in, "parts", rd->data);
	for (size_t i = 0; i < 2; i++)
		if (rd->image[i] != NULL)
			a.image[a.nimage++] = rd->image[i];
	if ((er = gpt_ask(cx, io, &a, &answer)) != E_OK)
		return er;
	json_str(&io->out, rd->member, reader_cut(cx,
	    json_text(json_get(answer, rd->member)), rd->max));
	json_str(&io->out, "userMessage_final", run_text(answer,
	    "/userMessage_final"));
	return E_OK;
}

/* The same step without the model. */
static coroutine_fn enum err
fall_back(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	const struct reader *rd = arg;
	struct app_setting ctx;
	enum err er;

	(void)r;
	if ((er = settings_app(cx, context(cx, rd), &ctx)) != E_OK)
		return er;
	gpt_context(io, &ctx);
	json_str(&io->in, "input_gpt_reader", rd->data);
	json_raw(&io->in, "parts", rd->data);
	json_bool(&io->in, "fallback", true);
	json_str(&io->out, rd->member, reader_cut(cx, rd->plain, rd->max));
	json_str(&io->out, "userMessage_final", rd->plain_line);
	json_bool(&io->out, "fallback", true);
	return E_OK;
}

static bool
may_fall_back(enum err er)
{
	return er == E_UPSTREAM || er == E_BUSY || er == E_TIMEOUT ||
	    er == E_REJECTED;
}

coroutine_fn enum err
reader_ask(struct run *r, const struct reader *rd, struct prompt *out)
{
	struct step model = { rd->type, GPT_TRIES, ask };
	struct step fallback = { rd->type, 1, fall_back };
	void *arg = (void *)(uintptr_t)rd;
	const struct cJSON *answer;
	enum err er;

	er = run_step(r, &model, "0", arg, &answer);
	if (may_fall_back(er))
		er = run_step(r, &fallback, "0", arg, &answer);
	if (er != E_OK)
		return er;
	out->clean = json_text(json_get(answer, rd->member));
	out->final_line = run_text(answer, "/userMessage_final");
	return E_OK;
}
