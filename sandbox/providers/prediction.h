/*
 * predict - the jobs of the emulated providers, "predictions" for all of them
 *
 * All of them are in memory, by id and newest first; the journal brings back
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

struct buf;
struct cJSON;
struct cx;
struct fault;
struct json;
struct req;
struct wait;

enum predict_state {
	PREDICT_STARTING,
	PREDICT_PROCESSING,
	PREDICT_SUCCEEDED,
	PREDICT_FAILED,
	PREDICT_CANCELED,
	PREDICT__MAX
};

enum predict_fate { FATE_FINE, FATE_REFUSED, FATE_FAILED, FATE_EXPIRED };

/* What whoever asked for callbacks may be told about. */
enum predict_event { EVENT_START, EVENT_OUTPUT, EVENT_END };

#define PREDICT_ID	40

struct prediction {
	unsigned	 magic;
	char		 id[PREDICT_ID];
	char		 sha[SHA256_HEX];	/* of the input's text */
	const struct model *model;
	char		*input;		/* JSON text */
	char		*label;		/* the client's own id, or NULL */
	char		*webhook;	/* NULL, or where to call */
	char		*events;	/* JSON text of its filter, or NULL */
	char		*doom;		/* the error it ends with, or NULL */
	char		*output;	/* JSON text, see predict_output() */
	char		*error;
	enum predict_state state;
	enum predict_fate fate;
	int64_t		 created, started, completed;	/* ms, 0: not yet */
	int64_t		 seq;		/* counts up with every create */
	bool		 running;	/* a coroutine has it */
	bool		 dropped;	/* a reset took it out of the tables */
	int		 refs;		/* tables, coroutine, waiting create */
	bool		 removed;	/* its data were deleted */
	struct wait	*waiter;	/* the create that waits for it */
	struct prediction *chain;	/* same hash */
	struct prediction *newer, *older;
};

/* For predlog.c: a new one (id NULL: makes one up), and into the tables. */
struct prediction *predict_new(const char *id, const struct model *,
	    const char *input);
void	 predict_insert(struct prediction *);

/* Reads the journal; unfinished ones run again if run is set. */
void	 predict_load(bool run);

struct predict_order {
	const struct cJSON *input;
	const char	*label, *webhook;	/* or NULL */
	const struct cJSON *events;		/* or NULL */
	const char	*doom;			/* or NULL */
	enum predict_fate fate;
};
/*
 * Accepted: journalled and counted when this returns.  E_STORAGE when the
 * journal cannot be written.
 */
enum err predict_create(struct cx *, const struct model *,
	    const struct predict_order *, struct prediction **) MUSTCHECK;
enum predict_fate predict_fate_of(const struct fault *);
/* NULL when there is none, or when it is somebody else's. */
struct prediction *predict_find(enum face, const char *id);
struct prediction *predict_labelled(enum face, const char *label);
struct prediction *predict_newest(void);
struct prediction *predict_oldest(void);
bool	 predict_final(const struct prediction *);
/*
 * Waits for the end, for ms at most (0: as long as it takes).  E_HUP when
 * the client leaves meanwhile; whoever calls has to have a reference.
 */
enum err predict_wait(struct req *, struct prediction *, int64_t ms)
	    MUSTCHECK;
void	 predict_cancel(struct prediction *);
/* Start those that `hold' kept. */
void	 predict_release(void);
void	 predict_forget_all(void);
const char *predict_state_name(enum predict_state);
/* A held one looks busy after a while, though nothing happens to it. */
enum predict_state predict_state(struct prediction *);
struct prediction *predict_ref(struct prediction *);
void	 predict_unref(struct prediction *);

/*
 * The outputs, NULL when there are none: a list of objects with url, type,
 * bytes, width, height; or with error, a sentence, where one of several did
 * not come out.
 */
const struct cJSON *predict_output(struct cx *, const struct prediction *);
/* The first one's URL, or NULL. */
const char *predict_url(struct cx *, const struct prediction *);

/* predview.c: the members of the object Replicate's clients see. */
void	 predict_members(struct cx *, struct json *, struct prediction *);

/*
 * run.c: carries p to its end, in a coroutine of its own.  With `now', which
 * only a coroutine may ask for, an instant one is over on return.
 */
void	 predict_run(struct prediction *, bool now);
/* Tells whoever asked to be called. */
void	 predict_event(struct prediction *, enum predict_event);
/* Its coroutine is done with it. */
void	 predict_end(struct prediction *, enum predict_state,
	    const char *output, const char *error);

/* face.c: in what the faces differ. */
const char *face_name(enum face);
bool	 face_find(const char *name, enum face *);
void	 face_id(enum face, char out[PREDICT_ID]);
/* What it says about a job that was refused, or that failed by itself. */
const char *face_refused(enum face);
const char *face_broken(enum face);
void	 face_notify(struct prediction *, enum predict_event);

#endif
