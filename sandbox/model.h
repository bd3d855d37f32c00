/*
 * model - the models the emulated Replicate has, and what input they take
 *
 * A model is a row of a table: its fields with their types and bounds, from
 * the models' version pages, and the function that makes its output.
 */
#ifndef SANDBOX_MODEL_H
#define SANDBOX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct cx;

enum field_kind {
	FIELD_TEXT,
	FIELD_ENUM,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_URI,
	FIELD_URIS,
};

struct field {
	const char	*name;
	enum field_kind	 kind;
	bool		 required;
	int64_t		 min, max;	/* of the number, text or list */
	const char	*const *values;	/* of an enum, NULL-terminated */
};

/* What a model has made. */
struct made {
	void		*data;		/* release with the function below */
	size_t		 len;
	const char	*ext;		/* "png" */
	void		(*release)(void *);
	int64_t		 us;		/* it took that long to draw */
};

#define MODEL_FIELDS	16

struct model {
	const char	*name;		/* "bytedance/seedream-4" */
	bool		 output_list;	/* output is a list of one URL */
	struct field	 field[MODEL_FIELDS];
	/*
	 * Runs in a coroutine.  NULL when it worked, else a sentence that
	 * becomes the prediction's error.
	 */
	const char	*(*make)(struct cx *, const struct cJSON *input,
			    struct made *);
	/* A cheap output for load tests: its width and height. */
	void		(*measure)(const struct cJSON *input, int *w, int *h);
};

/* One reason why an input is refused, as gojsonschema words it. */
struct complaint {
	const char	*type, *field, *description;
};

const struct model *model_find(const char *owner, const char *name);
const struct model *model_named(const char *full);	/* "owner/name" */
/* The complaints about input, at most max are written; 0 when it is fine. */
size_t	model_check(struct cx *, const struct model *, const struct cJSON *,
	    struct complaint *, size_t max);

/* still.c */
const char *still_make(struct cx *, const struct cJSON *, struct made *);
void	still_measure(const struct cJSON *, int *w, int *h);

#endif
