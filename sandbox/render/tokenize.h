/*
 * token.h - a prompt as a list of words with their negations
 */
#ifndef SANDBOX_TOKENIZE_H
#define SANDBOX_TOKENIZE_H

#include <stdbool.h>

#define TOKEN_MAX	600
#define TOKEN_LEN	24

struct token {
	char	 s[TOKEN_LEN];	/* lower case letters, cut to fit */
	bool	 stop;		/* punctuation comes after it */
	bool	 off;		/* stands under a negation */
	float	 more;		/* 1, above after "more", below 0 "less" */
};

/*
 * Letters only: "don't" becomes "dont", "off-white" two words. Returns how
 * many there are, at most TOKEN_MAX; what comes after is not read.
 */
int	token_split(const char *, struct token [TOKEN_MAX]);

/* Is the word in this NULL-terminated list? */
bool	token_in(const char *, const char *const *);

#endif
