/*
 * json - writing JSON (json.c) and reading it (jsonread.c, jsonnum.c)
 *
 * Writing appends to a buf; there is no tree.  Errors (buffer full, nested
 * too deep, closed too often) are sticky; json_ok() is false then.
 *
 *	struct json js;
 *	json_init(&js, b);
 *	json_obj(&js, NULL);			{
 *	json_int(&js, "credits", 12);		  "credits":12
 *	json_list(&js, "items");		  "items":[
 *	json_str(&js, NULL, "a");		    "a"
 *	json_end(&js);				  ]
 *	json_end(&js);				}
 *
 * The key is NULL inside lists and for the root.  NULL strings print null.
 * Integers are int64, never double.  Times are RFC 3339 (clock.h).
 *
 * Reading: cJSON parses, after size and depth were capped.  The json_want_*
 * and json_may_* accessors are strict about type, length and range, and name
 * the offending path in E_FIELD.  "want" fails when the member is missing or
 * null; "may" then leaves *out as it was.  cJSON keeps numbers as doubles:
 * integers beyond 2^53 are refused by json_may_int(); json_word() has them.
 * The tree and its strings live as long as cx.
 */
#ifndef MINA_JSON_H
#define MINA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;
struct cx;
struct cJSON;

#define JSON_DEPTH	32
/* Most values: of a client's request; of our rows, and of what was asked for
 * or is signed (an order of a hundred lines has about 10 000). */
#define JSON_REQUEST	10000
#define JSON_VALUES	100000

struct json {
	struct buf	*out;
	char		 close[JSON_DEPTH];	/* what json_end() prints */
	bool		 comma[JSON_DEPTH];
	int		 depth;
	bool		 failed;
};

void	 json_init(struct json *, struct buf *);
void	 json_obj(struct json *, const char *key);
void	 json_list(struct json *, const char *key);
void	 json_end(struct json *);
void	 json_str(struct json *, const char *key, const char *);
void	 json_int(struct json *, const char *key, int64_t);
void	 json_num(struct json *, const char *key, double);	/* 3 decimals */
void	 json_bool(struct json *, const char *key, bool);
void	 json_null(struct json *, const char *key);
void	 json_time(struct json *, const char *key, int64_t ms);	/* 0: null */
/* text is JSON already (from Postgres, say); NULL prints null. */
void	 json_raw(struct json *, const char *key, const char *text);
void	 json_tree(struct json *, const char *key, const struct cJSON *);
bool	 json_ok(const struct json *);
/* Appends s quoted and escaped. */
void	 json_quote(struct buf *, const char *);

/*
 * E_JSON names the byte offset.  A lone surrogate becomes U+FFFD.  At most
 * JSON_VALUES values (lists, objects and what they hold), or E_TOOBIG: a byte
 * of JSON costs up to forty bytes of memory, and the time to fill them.
 */
enum err json_parse(struct cx *, const char *, size_t, struct cJSON **)
	    MUSTCHECK;
/* The same for a client's request: JSON_REQUEST values. */
enum err json_parse_request(struct cx *, const char *, size_t,
	    struct cJSON **) MUSTCHECK;
const struct cJSON *json_get(const struct cJSON *, const char *key);
/* JSON pointer (RFC 6901); NULL when nothing is there. */
const struct cJSON *json_pointer(const struct cJSON *, const char *ptr);
const struct cJSON *json_first(const struct cJSON *);	/* of list or object */
const struct cJSON *json_next(const struct cJSON *);
const char *json_key(const struct cJSON *);		/* inside an object */
size_t	 json_count(const struct cJSON *);
bool	 json_is_obj(const struct cJSON *);
bool	 json_is_list(const struct cJSON *);
bool	 json_is_null(const struct cJSON *);		/* or missing */
const char *json_text(const struct cJSON *);		/* string or NULL */
bool	 json_true(const struct cJSON *);	/* true and nothing else */
int64_t	 json_int_or(const struct cJSON *, int64_t other);
double	 json_num_or(const struct cJSON *, double other);
const char *json_print(struct cx *, const struct cJSON *);
/*
 * The string at ptr, or a number, true or false as written in text, which
 * tree was parsed from: all digits of 867283741759111203.  NULL for the rest.
 */
const char *json_word(struct cx *, const struct cJSON *tree,
	    const char *text, const char *ptr);
bool	 json_same(const struct cJSON *, const struct cJSON *);

/* Lengths are in characters. path prefixes the name in the error. */
enum err json_want_str(struct cx *, const struct cJSON *, const char *path,
	    const char *key, size_t min, size_t max, const char **) MUSTCHECK;
enum err json_may_str(struct cx *, const struct cJSON *, const char *path,
	    const char *key, size_t min, size_t max, const char **) MUSTCHECK;
enum err json_may_int(struct cx *, const struct cJSON *, const char *path,
	    const char *key, int64_t lo, int64_t hi, int64_t *) MUSTCHECK;
enum err json_may_bool(struct cx *, const struct cJSON *, const char *path,
	    const char *key, bool *) MUSTCHECK;
enum err json_may_obj(struct cx *, const struct cJSON *, const char *path,
	    const char *key, const struct cJSON **) MUSTCHECK;
enum err json_may_list(struct cx *, const struct cJSON *, const char *path,
	    const char *key, size_t max, const struct cJSON **) MUSTCHECK;

#endif
