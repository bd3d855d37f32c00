/*
 * model - the emulated providers, their models, and what input those take
 *
 * A model is a row of a table: its provider, its fields with their types and
 * bounds, and what no field says alone.
 */
#ifndef SANDBOX_MODEL_H
#define SANDBOX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct cx;
struct input_check;
struct prediction;

#define PREDICTION_ID	40

enum prediction_event { EVENT_START, EVENT_OUTPUT, EVENT_END };

struct provider {
	const char	*name;		/* in the journal */
	const struct model *models;	/* the last has no name */
	void		(*make_id)(char out[PREDICTION_ID]);
	/* Calls the client's webhook; NULL: it has none. */
	void		(*notify)(struct prediction *, enum prediction_event);
	/* Its words for a job that was refused, or that failed by itself. */
	const char	*refused, *broken;
	bool		 each_output;	/* each output has its own error */
	size_t		 data_url_max;	/* bytes */
};

#define DATA_URL_10MB	(14 << 20)	/* in base64 */

/* 26 letters and digits, like Replicate's. */
void	provider_short_id(char out[PREDICTION_ID]);

extern const struct provider replicate_provider, ark_provider,
	    kling_provider, fal_provider;

enum field_kind {
	FIELD_TEXT,
	FIELD_ENUM,
	FIELD_CHOICE,		/* one of a few whole numbers */
	FIELD_INT,
	FIELD_NUMBER,		/* min and max are in hundredths */
	FIELD_BOOL,
	FIELD_URI,
	FIELD_URIS,
	FIELD_ANY		/* looked at by also(), or not at all */
};

struct field {
	const char	*name;
	enum field_kind	 kind;
	bool		 required;
	int64_t		 min, max;	/* of the number, text or list */
	const char	*values;	/* of an enum or choice, with blanks */
};

struct model {
	const char	*name;		/* "bytedance/seedream-4" */
	const struct provider *provider;
	bool		 film;		/* or it makes stills */
	bool		 list;		/* Replicate: output is a list */
	int		 side;		/* of films; 0: by the mode */
	const struct field *field;	/* the last has no name */
	/* What no field says alone; may be NULL. */
	void		(*also)(struct input_check *,
			    const struct cJSON *input);
};

/* One reason why an input is refused, as gojsonschema words it. */
struct complaint {
	const char	*type, *field, *description;
	const char	*name;		/* of the field alone, perhaps "" */
};

#define COMPLAINTS	16

extern const struct model replicate_models[], ark_models[], kling_models[],
	    fal_models[];
const struct model *model_find(const struct provider *, const char *name);

/* How many complaints there are about input, COMPLAINTS at most. */
size_t	model_check(struct cx *, const struct model *, const struct cJSON *,
	    struct complaint[COMPLAINTS]);
/* For also(): this field is wrong, or something is missing. */
void	model_wrong(struct input_check *, const char *field,
	    const char *description);
void	model_missing(struct input_check *, const char *description);

/* One output of a model. */
struct made {
	void		*data;		/* release with the function below */
	size_t		 len;
	const char	*ext;		/* "png" */
	void		(*release)(void *);
	int		 w, h;
	int64_t		 us;		/* it took that long to draw */
};

/* What is asked for. */
struct outline {
	int		 w, h;		/* of an instant film: the still's */
	int		 seconds;	/* of a film; 0: a still */
	int		 count;		/* of outputs */
};

/*
 * make_still.c, make_film.c: they understand every provider's words for the
 * same things.  Making runs in a coroutine; nth counts outputs from 0.  NULL
 * when it worked, else a sentence that becomes the prediction's error.
 */
void	still_outline(const struct cJSON *input, struct outline *);
void	film_outline(struct cx *, const struct cJSON *input,
	    struct outline *);
const char *still_make(struct cx *, const struct cJSON *input, int nth,
	    struct made *);
const char *film_make(struct cx *, const struct model *,
	    const struct cJSON *input, struct made *);

#endif
