/*
 * model - the models of the emulated providers, and what input they take
 *
 * A model is a row of a table: whose it is, its fields with their types and
 * bounds, and the function that makes its output.
 */
#ifndef SANDBOX_MODEL_H
#define SANDBOX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct checking;
struct cx;

/* Whose protocol it is reached by. */
enum face {
	FACE_REPLICATE,
	FACE_ARK,
	FACE_KLING,
	FACE_FAL,
	FACE__MAX
};

enum field_kind {
	FIELD_TEXT,
	FIELD_ENUM,
	FIELD_INT,
	FIELD_CHOICE,		/* one of a few whole numbers */
	FIELD_NUMBER,		/* min and max are in hundredths */
	FIELD_BOOL,
	FIELD_URI,
	FIELD_URIS,
	FIELD_ANY,		/* looked at by `also', or by nobody */
};

struct field {
	const char	*name;
	enum field_kind	 kind;
	bool		 required;
	int64_t		 min, max;	/* of the number, text or list */
	const char	*const *values;	/* of an enum or choice, to NULL */
};

/* One output of a model. */
struct made {
	void		*data;		/* release with the function below */
	size_t		 len;
	const char	*ext;		/* "png" */
	void		(*release)(void *);
	int		 w, h;
	int64_t		 us;		/* it took that long to draw */
};

/* What is asked for, without looking at any picture. */
struct outline {
	int		 w, h;
	int		 seconds;	/* of a film; 0: a still */
	int		 count;		/* of outputs */
};

#define MODEL_FIELDS	16

struct model {
	enum face	 face;
	const char	*name;		/* "bytedance/seedream-4" */
	bool		 list;		/* Replicate: output is a list */
	int		 side;		/* of films; 0: by the mode */
	struct field	 field[MODEL_FIELDS];
	/* What no field says alone; may be NULL. */
	void		(*also)(struct checking *, const struct cJSON *input);
	/*
	 * Runs in a coroutine; makes the nth output, from 0.  NULL when it
	 * worked, else a sentence that becomes the prediction's error.
	 */
	const char	*(*make)(struct cx *, const struct model *,
			    const struct cJSON *input, int nth,
			    struct made *);
	void		(*outline)(const struct cJSON *input,
			    struct outline *);
};

/* One reason why an input is refused, as gojsonschema words it. */
struct complaint {
	const char	*type, *field, *description;
	const char	*name;		/* of the field alone, perhaps "" */
};

/* One table for each face, in files of their own; they end without a name. */
extern const struct model replicate_models[], ark_models[], kling_models[],
	    fal_models[];
const struct model *model_named(enum face, const char *name);

bool	model_films(const struct model *);	/* or does it make stills? */

/* The complaints about input, at most max are written; 0 when it is fine. */
size_t	model_check(struct cx *, const struct model *, const struct cJSON *,
	    struct complaint *, size_t max);
/* For `also': this field is to blame, */
void	model_blame(struct checking *, const char *field,
	    const char *description);
/* or something is missing. */
void	model_miss(struct checking *, const char *description);

/* still.c and film.c understand every face's words for the same things. */
const char *still_make(struct cx *, const struct model *,
	    const struct cJSON *, int nth, struct made *);
void	still_outline(const struct cJSON *, struct outline *);
const char *film_make(struct cx *, const struct model *,
	    const struct cJSON *, int nth, struct made *);
void	film_outline(const struct cJSON *, struct outline *);

#endif
