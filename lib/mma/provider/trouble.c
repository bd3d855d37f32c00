/*
 * trouble - tells operators that a provider does not work for us
 *
 * Every request meets the same cause, so it is an error in the log once in ten
 * minutes, and a row for /ready that is renewed more often.  A provider is in
 * trouble until it delivers again, to whichever worker; that it accepts jobs
 * says nothing of their outputs.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/cx.h"
#include "base/log.h"
#include "base/str.h"
#include "io/loop.h"
#include "mma/provider/provider.h"
#include "queue/note.h"

#define LOG_MS		600000
#define NOTE_MS		20000
#define OVER_MS		60000	/* another worker may have made the note */

struct trouble {
	struct trouble	*next;
	char		 key[64];
	char		 cause[160];	/* empty: none */
	int64_t		 logged, noted;	/* loop_now() */
	int64_t		 over;		/* when the note was last removed */
};

static struct trouble *troubles;

static struct trouble *
trouble(const char *key)
{
	struct trouble *t;

	for (t = troubles; t != NULL; t = t->next)
		if (strncmp(t->key, key, sizeof t->key - 1) == 0)
			return t;
	XXXAN(t = calloc(1, sizeof *t));
	snprintf(t->key, sizeof t->key, "%s", key);
	t->logged = t->noted = t->over = INT64_MIN / 2;
	t->next = troubles;
	return troubles = t;
}

/* The caller's error is kept. */
static coroutine_fn void
put(struct cx *cx, const struct provider *p, const char *cause)
{
	struct err_info why = cx->err;

	if (note_trouble(cx, p->key, cause) != E_OK)
		log_warn(cx, "no note of %s for /ready: %s", p->key,
		    cx->err.detail);
	cx->err = why;
}

coroutine_fn void
trouble_note(struct cx *cx, const struct provider *p, const char *cause)
{
	struct trouble *t = trouble(p->key);
	bool is_new = !str_eq(t->cause, cause);

	snprintf(t->cause, sizeof t->cause, "%s", cause);
	if (is_new || loop_now() - t->logged >= LOG_MS) {
		t->logged = loop_now();
		log_err(cx, "%s %s: %s", p->key, cause, cx->err.detail);
	}
	if (is_new || loop_now() - t->noted >= NOTE_MS) {
		t->noted = loop_now();
		put(cx, p, cause);
	}
}

coroutine_fn void
trouble_over(struct cx *cx, const struct provider *p)
{
	struct trouble *t = trouble(p->key);

	if (*t->cause == '\0' && loop_now() - t->over < OVER_MS)
		return;
	if (*t->cause != '\0')
		log_info(cx, "%s delivers again", p->key);
	*t->cause = '\0';
	t->over = loop_now();
	put(cx, p, NULL);
}
