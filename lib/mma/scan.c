/*
 * scan - checks input pictures, and describes inputs and outputs
 *
 * First the file: a picture, within the model's limits?  If it is too large a
 * smaller copy is made; other violations are E_IMAGE and name the limit.  Then
 * the scanner, a language model, describes it, unless the same picture was
 * described before under the same version of the context.
 */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "base/cx.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "config/settings.h"
#include "gen/asset.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"
#include "mma/mma.h"
#include "mma/prompt/gpt.h"
#include "pg/pg.h"

#define SCANNER		"mma.ctx.gpt_scanner"
#define SCAN_TRIES	3

/* The scan of one picture. */
struct scan {
	struct run		*r;
	const struct provider	*p;
	struct picture		*pic;
	const char		*type;	/* "scan_product" */
	enum err		 er;
	struct err_info		 why;	/* of er: the run has one error slot */
};

/* The role for messages: "input still" for "input_still". */
static const char *
in_words(struct cx *cx, const char *role)
{
	char *s = cx_dup(cx, role), *p;

	if ((p = strchr(s, '_')) != NULL)
		*p = ' ';
	return s;
}

/* --- earlier scans */

/* The columns of the index mega_generations_known, and its predicate. */
#define EARLIER \
    "select mg_payload->'output' from mega_generations " \
    "where mg_pass_id = any (mina_passes($1)) " \
    "and mg_payload #>> '{input,asset_url}' = $2 " \
    "and mg_record_type = 'mma_step' " \
    "and mg_step_type ~ '^(post)?scan_' and mg_status = 'succeeded' " \
    "and mg_payload #>> '{input,ctx_id}' = $3 "
#define NEWEST	"order by mg_created_at desc limit 1"

static const struct stmt S_CACHED = STMT_READ("scan_cached",
    EARLIER "and mg_step_type = $4 "
    "and mg_payload #>> '{input,provider}' = $5 " NEWEST);
static const struct stmt S_KNOWN = STMT_READ("scan_known", EARLIER NEWEST);

static enum err
parse_output(struct cx *cx, const struct row *row, const struct cJSON **out)
{
	struct cJSON *tree;
	enum err er;

	*out = NULL;
	if (row == NULL)
		return E_OK;
	if ((er = json_parse(cx, row_text(row, 0), strlen(row_text(row, 0)),
	    &tree)) == E_OK)
		*out = tree;
	return er;
}

/* For the same role and provider: its file is checked and fits. */
static coroutine_fn enum err
find_same(struct cx *cx, struct scan *sc, const struct app_setting *ctx,
    const struct cJSON **out)
{
	const struct row *row;
	enum err er;

	if ((er = pg_maybe(cx, &S_CACHED, &row, pg_text(sc->r->c.pass),
	    pg_text(sc->pic->url), pg_text(ctx->id), pg_text(sc->type),
	    pg_text(sc->p->key))) != E_OK)
		return er;
	return parse_output(cx, row, out);
}

/*
 * The first still of a film is mostly an output of ours, which was described
 * when it was made: that description is used.
 */
static coroutine_fn enum err
find_described(struct cx *cx, struct scan *sc, const struct app_setting *ctx,
    const struct cJSON **out)
{
	const struct row *row;
	enum err er;

	*out = NULL;
	if (strcmp(sc->type, "scan_input_still") != 0)
		return E_OK;
	if ((er = pg_maybe(cx, &S_KNOWN, &row, pg_text(sc->r->c.pass),
	    pg_text(sc->pic->url), pg_text(ctx->id))) != E_OK)
		return er;
	return parse_output(cx, row, out);
}

/* --- the file */

static bool
in_types(const struct cJSON *types, const char *type)
{
	const struct cJSON *js = json_first(types);

	for (; js != NULL; js = json_next(js))
		if (str_eq(json_text(js), type))
			return true;
	return types == NULL;
}

/* Checks the model's limits, and stores a smaller copy if needed. */
static coroutine_fn enum err
fit(struct cx *cx, struct scan *sc, struct io *io, const struct buf *file)
{
	const struct cJSON *lim = json_get(sc->p->caps, "images");
	int64_t side = json_int_or(json_get(lim, "max_side"), 8192);
	int64_t pixels = json_int_or(json_get(lim, "max_pixels"),
	    PIC_MAX_PIXELS);
	int64_t bytes = json_int_or(json_get(lim, "max_bytes"),
	    ASSET_MAX_BYTES);
	int64_t least = json_int_or(json_get(lim, "min_side"), 15);
	double aspect = json_num_or(json_get(lim, "max_aspect"), 0);
	struct pic_bytes small;
	struct pic pic;
	const char *type;
	char *key;
	enum err er;

	if ((er = pic_probe(cx, file->data, file->len, &pic)) != E_OK)
		return er;
	json_str(&io->out, "content_type", pic.type);
	json_int(&io->out, "width", pic.width);
	json_int(&io->out, "height", pic.height);
	json_int(&io->out, "bytes", (int64_t)file->len);
	if (pic.width < least || pic.height < least)
		return err_say(cx, E_IMAGE, "The %s picture has %d x %d "
		    "pixels; each side must have at least %lld. Nothing was "
		    "charged.", in_words(cx, sc->pic->role), pic.width,
		    pic.height, (long long)least);
	if (aspect > 0 && (pic.width > aspect * pic.height ||
	    pic.height > aspect * pic.width))
		return err_say(cx, E_IMAGE, "The %s picture has %d x %d "
		    "pixels; one side may be at most %.1f times the other. "
		    "Nothing was charged.", in_words(cx, sc->pic->role),
		    pic.width, pic.height, aspect);
	if (pic.width <= side && pic.height <= side &&
	    (int64_t)pic.width * pic.height <= pixels &&
	    (int64_t)file->len <= bytes &&
	    in_types(json_get(lim, "types"), pic.type))
		return E_OK;
	if ((er = pic_fit(cx, file->data, file->len, &pic, (int)side,
	    pixels, &small, &type)) != E_OK)
		return er;
	if ((int64_t)small.len > bytes)
		return err_say(cx, E_IMAGE, "The %s picture is larger than "
		    "the %lld bytes the model takes. Nothing was charged.",
		    in_words(cx, sc->pic->role), (long long)bytes);
	key = asset_upload_key(cx, "user_uploads", sc->r->c.pass,
	    mediatype_ext(type));
	if ((er = s3_put(cx, key, type, small.data, small.len)) != E_OK)
		return er;
	json_str(&io->out, "fit_url", s3_public_url(cx, key));
	/* The copy is used even if the scanner then fails. */
	sc->pic->fit_url = s3_public_url(&sc->r->cx, key);
	return E_OK;
}

static coroutine_fn enum err
check_file(struct cx *cx, struct scan *sc, struct io *io)
{
	struct buf *file;
	enum err er;

	er = s3_get(cx, s3_key_of(sc->pic->url), ASSET_MAX_BYTES, &file);
	if (er == E_NOTFOUND)
		return err_say(cx, E_IMAGE, "The %s picture is not in our "
		    "storage; it may not have finished uploading. Nothing was "
		    "charged.", in_words(cx, sc->pic->role));
	if (er == E_TOOBIG)
		return err_say(cx, E_IMAGE, "The %s picture is larger than 25 "
		    "MB. Nothing was charged.", in_words(cx, sc->pic->role));
	if (er != E_OK)
		return er;
	return fit(cx, sc, io, file);
}

/* --- the step */

static void
put_answer(struct io *io, const struct cJSON *answer)
{
	json_tree(&io->out, "crt", json_get(answer, "crt"));
	json_tree(&io->out, "userMessage_line", json_get(answer,
	    "userMessage_line"));
	json_tree(&io->out, "tags", json_get(answer, "tags"));
}

static const char *
role_data(struct cx *cx, const char *role)
{
	return cx_fmt(cx, "{\"picture\":\"%s\"}", role);
}

static coroutine_fn enum err
scan(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct scan *sc = arg;
	struct gpt_ask ask = { .ctx = SCANNER, .nimage = 1,
	    .data = role_data(cx, sc->pic->role) };
	const struct cJSON *answer, *js;
	struct app_setting ctx;
	enum err er;

	(void)r;
	json_str(&io->in, "asset_url", sc->pic->url);
	json_str(&io->in, "role", sc->pic->role);
	json_str(&io->in, "provider", sc->p->key);
	if ((er = settings_app(cx, SCANNER, &ctx)) != E_OK)
		return er;
	if ((er = find_same(cx, sc, &ctx, &answer)) != E_OK)
		return er;
	if (answer != NULL) {
		gpt_context(io, &ctx);
		json_bool(&io->in, "cached", true);
		for (js = json_first(answer); js != NULL; js = json_next(js))
			json_tree(&io->out, json_key(js), js);
		return E_OK;
	}
	if ((er = check_file(cx, sc, io)) != E_OK) {
		gpt_context(io, &ctx);
		return er;
	}
	if ((er = find_described(cx, sc, &ctx, &answer)) != E_OK)
		return er;
	if (answer != NULL) {
		gpt_context(io, &ctx);
		json_bool(&io->in, "cached", true);
		put_answer(io, answer);
		return E_OK;
	}
	ask.image[0] = sc->pic->url;
	if ((er = gpt_ask(cx, io, &ask, &answer)) != E_OK)
		return er;
	put_answer(io, answer);
	return E_OK;
}

/*
 * Errors of the scanner, which is optional: without a description the picture
 * still goes to the model.  Errors of the picture itself (E_IMAGE) are final.
 */
static bool
scanner_failed(enum err er)
{
	return er == E_UPSTREAM || er == E_BUSY || er == E_TIMEOUT ||
	    er == E_REJECTED || er == E_MODERATED;
}

static coroutine_fn void
scan_one(void *arg)
{
	struct scan *sc = arg;
	struct step st = { sc->type, SCAN_TRIES, scan };
	const struct cJSON *out = NULL;
	const char *s;

	sc->er = run_step(sc->r, &st, cx_fmt(&sc->r->cx, "%d", sc->pic->index),
	    sc, &out);
	/* Nothing has run since the step ended; the next one overwrites it. */
	sc->why = sc->r->cx.err;
	if (scanner_failed(sc->er))
		sc->er = E_OK;
	if (sc->er != E_OK || out == NULL)
		return;
	sc->pic->crt = run_text(out, "/crt");
	sc->pic->width = json_int_or(json_get(out, "width"), 0);
	sc->pic->height = json_int_or(json_get(out, "height"), 0);
	if ((s = run_text(out, "/fit_url")) != NULL)
		sc->pic->fit_url = s;
	sc->er = run_line(sc->r, run_text(out, "/userMessage_line"));
	sc->why = sc->r->cx.err;
}

static const char *
patch(struct run *r, const struct pictures *ps)
{
	struct buf *b = buf_new(&r->cx, 256 << 10);
	struct json js;

	json_init(&js, b);
	json_obj(&js, NULL);
	json_obj(&js, "scans");
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->pic[i].role, "inspiration") != 0)
			json_str(&js, strcmp(ps->pic[i].role,
			    "input_still") == 0 ? "still_crt" :
			    cx_fmt(&r->cx, "%s_crt", ps->pic[i].role),
			    ps->pic[i].crt);
	json_list(&js, "inspiration_crt");
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->pic[i].role, "inspiration") == 0)
			json_str(&js, NULL, ps->pic[i].crt);
	json_end(&js);
	json_end(&js);
	json_end(&js);
	return json_ok(&js) ? b->data : NULL;
}

/* MEGA.md has one step type for both stills of a film. */
static const char *
scan_type(struct run *r, const char *role)
{
	return strcmp(role, "end_still") == 0 ? "scan_input_still" :
	    cx_fmt(&r->cx, "scan_%s", role);
}

coroutine_fn enum err
mma_scan(struct run *r, const struct provider *p, struct pictures *ps)
{
	struct scan sc[2 + REQUEST_INSPIRATIONS];

	if (ps->n == 0)
		return E_OK;
	for (size_t i = 0; i < ps->n; i++)
		sc[i] = (struct scan){ .r = r, .p = p, .pic = &ps->pic[i],
		    .type = scan_type(r, ps->pic[i].role) };
	loop_all(scan_one, sc, sizeof sc[0], ps->n);
	for (size_t i = 0; i < ps->n; i++)
		if (sc[i].er != E_OK) {
			r->cx.err = sc[i].why;
			return sc[i].er;
		}
	return run_stage(r, NULL, patch(r, ps));
}

/* --- outputs, after delivery */

static coroutine_fn enum err
postscan(struct cx *cx, struct run *r, struct io *io, void *arg)
{
	struct gpt_ask ask = { .ctx = SCANNER, .nimage = 1,
	    .data = role_data(cx, "output") };
	const struct cJSON *answer;
	enum err er;

	(void)r;
	ask.image[0] = arg;
	json_str(&io->in, "asset_url", arg);
	json_str(&io->in, "role", "output");
	if ((er = gpt_ask(cx, io, &ask, &answer)) != E_OK)
		return er;
	put_answer(io, answer);
	return E_OK;
}

coroutine_fn enum err
mma_postscan(struct run *r, const char *url, const char **crt)
{
	struct step st = { strcmp(r->c.mode, "video") == 0 ?
	    "postscan_output_video" : r->c.parent != NULL ?
	    "postscan_output_still_feedback" : "postscan_output_still",
	    SCAN_TRIES, postscan };
	const struct cJSON *out;
	enum err er;

	*crt = NULL;
	er = run_step(r, &st, "0", (void *)(uintptr_t)url, &out);
	if (er == E_OK)
		*crt = run_text(out, "/crt");
	return scanner_failed(er) ? E_OK : er;
}
