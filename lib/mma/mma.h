/*
 * mma - the steps of the pipelines for stills and films
 *
 * pipeline.c calls them in order.  All of it runs in the worker, in the
 * coroutine of the run; only suggestions (prompt/suggest.h) run in motion(8).
 */
#ifndef MINA_MMA_H
#define MINA_MMA_H

#include <stddef.h>

#include "config/registry.h"
#include "gen/request.h"
#include "mma/run.h"

struct film_info;
struct pic;

/* An input picture, as it may be sent to the model. */
struct picture {
	const char	*role;		/* "product", "logo", "inspiration";
					   "input_still", "end_still" */
	int		 index;		/* among the inspirations */
	const char	*url;		/* on our storage */
	const char	*fit_url;	/* within the model's limits */
	const char	*crt;		/* the scan's description, or NULL */
	int64_t		 width, height;	/* 0: the scan has failed */
};

struct pictures {
	struct picture	 pic[2 + REQUEST_INSPIRATIONS];
	size_t		 n;
};

struct taste {
	const char	*csv;		/* "style.minimal:1.8,..." */
	const char	*tags;		/* JSON list */
	const char	*blocks;	/* JSON list: hard blocks */
	const char	*liked;		/* JSON list of liked prompts */
};

struct prompt {
	const char	*clean, *final_line;
};

struct output {
	const char	*url, *key, *type, *thumb_url;
	const char	*poster_url;	/* of a film */
	const char	*provider, *model;
	int64_t		 width, height, bytes, duration_ms;
};

/* Lists the pictures, after copying them to our storage (store_asset). */
coroutine_fn enum err mma_assets(struct run *, struct pictures *) MUSTCHECK;
coroutine_fn enum err mma_film_assets(struct run *, struct pictures *)
    MUSTCHECK;
/*
 * Checks and describes all pictures concurrently.  A picture that cannot be
 * used ends the generation (E_IMAGE), a scanner that fails does not.
 */
coroutine_fn enum err mma_scan(struct run *, const struct provider *,
    struct pictures *) MUSTCHECK;
coroutine_fn enum err mma_taste(struct run *, struct taste *) MUSTCHECK;
/*
 * The hard blocks as a sentence, for prompts that the reader did not write:
 * "There must be no light flicker. "; "" when there are none.
 */
const char *taste_blocks(struct cx *, const struct taste *);
/* From the brief, or from the parent's prompt and the feedback. */
coroutine_fn enum err mma_prompt(struct run *, const struct provider *,
    const struct pictures *, const struct taste *, struct prompt *) MUSTCHECK;
coroutine_fn enum err mma_film_prompt(struct run *, const struct provider *,
    const struct pictures *, const struct taste *, struct prompt *) MUSTCHECK;
/* Writes the prompt to the row and moves to stage generating. */
coroutine_fn enum err mma_prompted(struct run *, const struct taste *,
    const struct prompt *) MUSTCHECK;
/* Runs the providers until one has made it; stores the output. */
coroutine_fn enum err mma_generate(struct run *, const struct provider *,
    const struct pictures *, const struct prompt *, struct output *) MUSTCHECK;
/* Describes the output; *crt stays NULL when the scanner failed. */
coroutine_fn enum err mma_postscan(struct run *, const char *url,
    const char **crt) MUSTCHECK;

/* After a cancel: cancels the job on the row, of an earlier run. */
coroutine_fn void mma_cancel_job(struct run *);
/*
 * The outbox's action job.cancel (sql/schema/083-call-off.sql).  E_OK also
 * when the provider cannot cancel it.  E_NOTFOUND: the registry does not have
 * the provider; E_CONFLICT: the payload.
 */
coroutine_fn enum err mma_call_off(struct cx *, const struct cJSON *payload,
    int64_t *retry_ms) MUSTCHECK;

/* Delivers and charges. */
coroutine_fn enum err mma_settle(struct run *, const struct prompt *,
    const struct output *) MUSTCHECK;
/* Describes the output (mma_postscan) and ends the run. */
coroutine_fn enum err mma_after(struct run *, const struct output *) MUSTCHECK;

/* expected.c: is an output what was requested? */
struct expected {
	double		 ratio;		/* width by height; 0: any */
	int64_t		 ms;		/* of a film; 0: any */
};
/*
 * E_OUTPUT with a sentence for the customer and a reason: BLANK, RATIO, and of
 * films CODEC, FRAMES, DURATION.
 */
enum err expected_still(struct cx *, const struct expected *,
    const struct pic *) MUSTCHECK;
enum err expected_film(struct cx *, const struct expected *,
    const struct film_info *) MUSTCHECK;

/*
 * Copies a provider's output to our storage, with a thumbnail, and of a film
 * a poster; the addresses go to io->out.  E_SOURCE: the address has nothing, or
 * not yet.  E_PROVIDER: it is one that the entry does not allow.  E_OUTPUT: it
 * cannot be used, for the reasons of expected.c, DAMAGED or TOO_LARGE.
 */
coroutine_fn enum err mma_store(struct cx *, struct run *, struct io *,
    const struct provider *, const struct expected *, const char *source)
    MUSTCHECK;
/*
 * Could an output be kept?  E_STORAGE, with an error in the log, when not.
 * What is proven counts for a minute.
 */
enum { READY_FILM = 1, READY_STORE = 2 };	/* pictures: always */
coroutine_fn enum err mma_ready(struct cx *, unsigned what) MUSTCHECK;
/* Something was stored, which proves that as well. */
void	 mma_stored(void);
/* Memory settings and MINA_STORE_MAX; once, before the first run. */
void	 mma_init(void);

/*
 * Runs the pipeline of the generation's mode: delivered, charged and finished
 * on E_OK.  After any other result the price is still held, and the worker
 * decides whether it is released now or the run is repeated.
 */
coroutine_fn enum err mma_run(struct run *) MUSTCHECK;

#endif
