/*
 * jsonskip - leaves members out of JSON as it arrives
 *
 * A reply may carry megabytes that are not needed, such as a program's log.
 * Their values never reach memory: each becomes null.  Members are found by
 * name at any depth; a name written with escapes is not found.  The text is not
 * checked: what is not JSON stays as it is, as far as no such name is in it.
 *
 *	struct jsonskip s = { .names = names };
 *	while (more of it came: p, n)
 *		if (!jsonskip_put(&s, b, p, n))
 *			the buffer is full
 */
#ifndef MINA_JSONSKIP_H
#define MINA_JSONSKIP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define JSONSKIP_NAME	32

struct jsonskip {
	const char	*const *names;		/* the last is NULL */
	/* Of the text so far; all zero at the beginning. */
	bool		 in_string, escaped;
	char		 last[JSONSKIP_NAME];	/* the string just read */
	size_t		 lastlen;
	enum jsonskip_state {
		JSONSKIP_KEEP,
		JSONSKIP_BEFORE,		/* the value has not begun */
		JSONSKIP_INSIDE,
	} state;
	bool		 nested;		/* the value: in brackets */
	int		 depth;
};

/* Appends what is kept; false when the buffer has failed. */
bool	 jsonskip_put(struct jsonskip *, struct buf *, const char *, size_t);

#endif
