/*
 * predict - the predictions of the emulated Replicate
 *
 * All of them are in memory, by id and newest first; the journal brings back
 * after a restart what was accepted.  A coroutine carries each through its
 * states; while `hold' is on none is started, so that thousands can be in
 * flight and cost nothing.
 */
#ifndef SANDBOX_PREDICT_H
#define SANDBOX_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "hash.h"

struct cJSON;
struct cx;
struct json;
struct model;
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

#define PREDICT_ID	27

struct prediction {
	unsigned	 magic;
	char		 id[PREDICT_ID];
	char		 sha[HASH_HEX];	/* of the input's text */
	const struct model *model;
	char		*input;		/* JSON text */
	char		*webhook;	/* NULL, or where to call when done */
	char		*events;	/* JSON text of its filter, or NULL */
	char		*output;	/* a URL, NULL until there is one */
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
/*
 * Accepted: journalled and counted when this returns.  E_STORAGE when the
 * journal cannot be written.
 */
enum err predict_create(struct cx *, const struct model *,
	    const struct cJSON *body, enum predict_fate,
	    struct prediction **) MUSTCHECK;
struct prediction *predict_find(const char *id);
struct prediction *predict_newest(void);
struct prediction *predict_oldest(void);
bool	 predict_final(const struct prediction *);
void	 predict_cancel(struct prediction *);
/* Start those that `hold' kept. */
void	 predict_release(void);
void	 predict_forget_all(void);
void	 predict_count(int64_t out[PREDICT__MAX]);
const char *predict_state_name(enum predict_state);
struct prediction *predict_ref(struct prediction *);
void	 predict_unref(struct prediction *);
/* Deletes the data of those that ended over keep_ms ago. */
void	 predict_sweep(void);

/* predview.c: the members of the object clients see. */
void	 predict_members(struct cx *, struct json *, struct prediction *);

/*
 * run.c: carries p to its end, in a coroutine of its own.  With `now', which
 * only a coroutine may ask for, an instant one is over on return.
 */
void	 predict_run(struct prediction *, bool now);
/* Its coroutine is done with it. */
void	 predict_end(struct prediction *, enum predict_state,
	    const char *output, const char *error);

#endif
