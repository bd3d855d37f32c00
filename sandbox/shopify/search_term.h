/*
 * shopterm - the search syntax, a term at a time; see shopquery.h
 */
#ifndef SANDBOX_SEARCH_TERM_H
#define SANDBOX_SEARCH_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx;
struct json;
struct shop_order;

#define SHOP_TERMS	16

struct shop_term {
	int		 field;		/* of shopterm.c's table */
	int		 op;		/* '=', '>', '<', 'g' >=, 'l' <= */
	const char	*text;
	int64_t		 from, to;	/* a moment, or a day; ms */
};

struct shop_terms {
	struct shop_term term[SHOP_TERMS];
	size_t		 n;
};

/* NULL, or what is not understood. */
const char *shop_terms_read(struct cx *, const char *query,
	    struct shop_terms *, struct json *warnings);
bool	 shop_terms_match(const struct shop_terms *, const struct shop_order *);

#endif
