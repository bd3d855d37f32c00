/*
 * record - structs as JSON objects and back, by a table of their members
 *
 *	static const struct record_field fields[] = {
 *		FIELD("id", REC_CHARS, struct user, id),
 *		FIELD("mailMs", REC_INT, struct settings, mail_ms, 0, 86400),
 *		{ 0 }
 *	};
 */
#ifndef SANDBOX_RECORD_H
#define SANDBOX_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cJSON;
struct cx;
struct json;

enum record_type {
	REC_STR,		/* char *, NULL is null */
	REC_CHARS,		/* char[] */
	REC_JSON,		/* char *, the text of any value */
	REC_INT,		/* int64_t */
	REC_ID,			/* int64_t, a string of digits outside */
	REC_BOOL,
	REC_TIME,		/* int64_t in milliseconds, RFC 3339 outside */
	REC_OBJ, REC_LIST	/* const struct cJSON *; record_take() only */
};

struct record_field {
	const char	*name;
	enum record_type type;
	size_t		 offset, size;
	/* For record_take(): of numbers, and of the length of strings. */
	int64_t		 min, max;
	bool		 required;
};

/* What follows the member: min, max, required. */
#define FIELD(key, type_, struct_, member, ...)				\
	{ .name = key, .type = type_,					\
	    .offset = offsetof(struct_, member),			\
	    .size = sizeof(((struct_ *)NULL)->member), __VA_ARGS__ }

/* The members, inside of an object that is open. */
void	 record_write(struct json *, const struct record_field *,
	    const void *);
/*
 * From a file of ours: what is missing, or of another type, is zero.  Strings
 * are malloc'ed.
 */
void	 record_read(struct cx *, const struct cJSON *,
	    const struct record_field *, void *);
/* Frees the strings that record_read() made. */
void	 record_free(const struct record_field *, void *);
/*
 * From a request: E_FIELD for what is missing or out of range, with path
 * before the name; what is not there stays as it was.  Strings live as long
 * as cx.  Fields of REC_JSON are left to the caller.
 */
enum err record_take(struct cx *, const struct cJSON *, const char *path,
	    const struct record_field *, void *) MUSTCHECK;
/* E_FIELD for the first member that no field has. */
enum err record_only(struct cx *, const struct cJSON *, const char *path,
	    const struct record_field *) MUSTCHECK;

#endif
