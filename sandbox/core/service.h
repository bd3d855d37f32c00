/*
 * service - what an emulator includes
 *
 * The library's base and web, and core, but for what only some need:
 * record.h, request_log.h, storage.h, strmap.h, html.h, vision.h.
 */
#ifndef SANDBOX_SERVICE_H
#define SANDBOX_SERVICE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/encode.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/url.h"
#include "core/emulator.h"
#include "core/faults.h"
#include "core/members.h"
#include "core/behaviour.h"
#include "web/req.h"
#include "web/resp.h"

#define COUNT_OF(array)	(sizeof(array) / sizeof *(array))

/* m is each entry of a list, or each member of an object. */
#define JSON_EACH(m, list)						\
	for (const struct cJSON *m = json_first(list); m != NULL;	\
	    m = json_next(m))

/* A malloc'ed copy; of NULL, NULL. */
static inline char *
keep(const char *s)
{
	char *p = NULL;

	if (s != NULL)
		XXXAN(p = strdup(s));
	return p;
}

/* Is word, not NULL, one of words, which have single blanks between them? */
bool	 word_in(const char *words, const char *word);
/* Is text one of the list's entries? */
bool	 list_has(const struct cJSON *list, const char *text);

/* The body as an object in rq->json; false when it is none. */
static inline bool
body_is_object(struct cx *cx, struct req *rq)
{
	return json_parse(cx, rq->body, rq->bodylen, &rq->json) == E_OK &&
	    json_is_obj(rq->json);
}

/* The member as text, "" when it is no string. */
static inline const char *
text_of(const struct cJSON *js, const char *key)
{
	const char *s = json_text(json_get(js, key));

	return s != NULL ? s : "";
}

#endif
