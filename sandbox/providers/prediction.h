/*
 * prediction - the jobs of the emulated providers, "predictions" for all
 *
 * All of them are in memory, by id and newest first; a journal brings back
 * after a restart what was accepted.  A coroutine carries each through its
 * states; while `hold' is on none is started, so that thousands can be in
 * flight and cost nothing.
 */
#ifndef SANDBOX_PREDICTION_H
#define SANDBOX_PREDICTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "providers/model.h"

struct fault;
struct req;
struct wait;

enum prediction_state {
	PREDICTION_STARTING,
	PREDICTION_PROCESSING,
	PREDICTION_SUCCEEDED,	/* from here on it is final */
	PREDICTION_FAILED,
	PREDICTION_CANCELED,
	PREDICTION__MAX
};

/* How a fault order wants it to end. */
enum prediction_fate { FATE_FINE, FATE_REFUSED, FATE_FAILED, FATE_EXPIRED };

struct prediction {
	unsigned	 magic;
	char		 id[PREDICTION_ID];
	char		 sha[SHA256_HEX];	/* of the input's text */
	const struct model *model;
	char		*input;		/* JSON text */
	char		*label;		/* the client's own id, or NULL */
	char		*webhook;	/* NULL, or where to call */
	char		*events;	/* JSON text of its filter, or NULL */
	char		*doom;		/* the error it ends with, or NULL */
	char		*flaw;		/* of its output (render.h), or NULL */
	char		*output;	/* JSON text, see prediction_output() */
	char		*error;
	enum prediction_state state;
	int64_t		 fate;		/* enum prediction_fate */
	int64_t		 created, started, completed;	/* ms, 0: not yet */
	int64_t		 seq;		/* counts up with every create */
	bool		 running;	/* a coroutine has it */
	bool		 dropped;	/* a reset took it out of the tables */
	int		 refs;		/* tables, coroutine, waiting create */
	bool		 removed;	/* its data were deleted */
	struct wait	*waiter;	/* the create that waits for it */
	struct prediction *newer, *older;
};

struct prediction_order {
	const struct cJSON *input;
	const char	*label, *webhook, *doom;	/* or NULL */
	const struct cJSON *events;			/* or NULL */
};
/*
 * Accepted: journalled and counted when this returns.  E_STORAGE when the
 * journal cannot be written.
 */
enum err prediction_create(struct cx *, const struct model *,
	    const struct prediction_order *, const struct fault *,
	    struct prediction **) MUSTCHECK;
/* NULL when there is none, or when another provider has it. */
struct prediction *prediction_find(const struct provider *, const char *id);
struct prediction *prediction_labelled(const struct provider *,
	    const char *label);
struct prediction *prediction_newest(void);
struct prediction *prediction_oldest(void);
bool	 prediction_final(const struct prediction *);
/*
 * Waits for the end, for ms at most (0: as long as it takes).  E_HUP when
 * the client leaves meanwhile; the caller has to have a reference.
 */
enum err prediction_wait(struct req *, struct prediction *, int64_t ms)
	    MUSTCHECK;
void	 prediction_cancel(struct prediction *);
/* A held one looks busy after a while, though nothing happens to it. */
enum prediction_state prediction_state(struct prediction *);
const char *prediction_state_name(enum prediction_state);
struct prediction *prediction_ref(struct prediction *);
void	 prediction_unref(struct prediction *);
/*
 * The outputs, NULL when there are none: a list of objects with url, type,
 * bytes, width, height; or with error, a sentence, where one of several did
 * not come out.
 */
const struct cJSON *prediction_output(struct cx *, const struct prediction *);

/*
 * prediction_run.c: carries p to its end, in a coroutine of its own.  With
 * `now', which only a coroutine may ask for, an instant one is over on return.
 */
void	 prediction_run(struct prediction *, bool now);
/* Calls the client's webhook, if there is one. */
void	 prediction_event(struct prediction *, enum prediction_event);
/* Its coroutine is done with it. */
void	 prediction_end(struct prediction *, enum prediction_state,
	    const char *output, const char *error);

#endif
