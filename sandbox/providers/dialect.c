/*
 * face - in what the emulated providers differ, where they share the rest
 */
#include "config.h"

#include "core/sandbox.h"
#include "providers/fal.h"
#include "providers/kling.h"
#include "providers/prediction.h"
#include "providers/replicate.h"

struct face_ops {
	const char	*name;
	void		(*id)(char out[PREDICT_ID]);
	void		(*notify)(struct prediction *, enum predict_event);
	const char	*refused, *broken;
};

/* 26 characters like Replicate's. */
static void
id_replicate(char out[PREDICT_ID])
{
	static const char abc[] = "abcdefghijkmnpqrstvwxyz0123456789";
	unsigned char r[26];

	crypto_random(r, sizeof r);
	for (size_t i = 0; i < sizeof r; i++)
		out[i] = abc[r[i] % 32];
	out[sizeof r] = '\0';
}

/* Eighteen digits: more than a double can tell apart. */
static void
id_kling(char out[PREDICT_ID])
{
	unsigned char r[18];

	crypto_random(r, sizeof r);
	out[0] = '8';
	for (size_t i = 1; i < sizeof r; i++)
		out[i] = (char)('0' + r[i] % 10);
	out[sizeof r] = '\0';
}

static void
id_fal(char out[PREDICT_ID])
{
	crypto_uuid(out);
}

static const struct face_ops faces[FACE__MAX] = {
	[FACE_REPLICATE] = {
		.name = "replicate",
		.id = id_replicate,
		.notify = replicate_notify,
		.refused = "The input or output was flagged as sensitive. "
		    "Please try again with different inputs. (E005)",
		.broken = "Prediction failed for an unknown reason. It might "
		    "have run out of memory. Please try again.",
	},
	[FACE_ARK] = {
		.name = "ark",
		.id = id_replicate,	/* nobody is told it */
		.refused = "The request failed because the output image may "
		    "contain sensitive information.",
		.broken = "The service encountered an unexpected internal "
		    "error. Please retry your request later.",
	},
	[FACE_KLING] = {
		.name = "kling",
		.id = id_kling,
		.notify = kling_notify,
		.refused = "Failure to pass the risk control system",
		.broken = "Internal server error, please try again later",
	},
	[FACE_FAL] = {
		.name = "fal",
		.id = id_fal,
		.notify = fal_notify,
		.refused = "The content could not be processed because it "
		    "contained material flagged by a content checker.",
		.broken = "Internal Server Error",
	},
};

const char *
face_name(enum face f)
{
	return faces[f].name;
}

bool
face_find(const char *name, enum face *out)
{
	for (int i = 0; i < FACE__MAX; i++)
		if (faces[i].name != NULL && str_eq(faces[i].name, name)) {
			*out = (enum face)i;
			return true;
		}
	return false;
}

void
face_id(enum face f, char out[PREDICT_ID])
{
	faces[f].id(out);
}

const char *
face_refused(enum face f)
{
	return faces[f].refused;
}

const char *
face_broken(enum face f)
{
	return faces[f].broken;
}

void
face_notify(struct prediction *p, enum predict_event ev)
{
	if (faces[p->model->face].notify != NULL)
		faces[p->model->face].notify(p, ev);
}
