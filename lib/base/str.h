/*
 * str - tests and measures of strings
 */
#ifndef MINA_STR_H
#define MINA_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cx;

bool	 str_eq(const char *, const char *);		/* NULL equals NULL */
bool	 str_ieq(const char *, const char *);		/* ASCII case ignored */
bool	 str_starts(const char *, const char *prefix);
bool	 str_ends(const char *, const char *suffix);
bool	 str_in(const char *, const char *const *set);	/* NULL-terminated */

/* A whole decimal number and nothing else, within lo..hi. */
bool	 str_int(const char *, int64_t lo, int64_t hi, int64_t *out);

/* Lower-case 8-4-4-4-12 hexadecimal. */
bool	 str_is_uuid(const char *);
/*
 * A UUID as it comes from outside: some write it in capitals, as Apple's
 * devices do.  out, of 37 bytes, gets it in small letters.  False: it is none.
 */
bool	 str_uuid(const char *s, char *out);
/* Well-formed UTF-8 without NUL; len in bytes. */
bool	 str_is_utf8(const char *, size_t len);
/* Characters (code points) in well-formed UTF-8. */
size_t	 str_utf8_len(const char *);
/* The longest prefix of at most n bytes that ends between characters. */
size_t	 str_utf8_cut(const char *, size_t n);

/* As it is if that is well-formed UTF-8, else with U+FFFD for what is not. */
const char *str_repair(struct cx *, const char *);

/*
 * Nesting depth of a JSON text, brackets in its strings not counted; a bound
 * on a parser's recursion also when the text is malformed.  *values, which
 * may be NULL, becomes a bound on the values in it, lists and objects
 * included: what a parser allocates for.
 */
int	 str_nesting(const char *, size_t len, size_t *values);

#endif
