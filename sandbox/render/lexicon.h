/*
 * lexicon.h - the words the renderer understands
 */
#ifndef SANDBOX_LEXICON_H
#define SANDBOX_LEXICON_H

enum lex_kind {
	LEX_STUFF,	/* what: enum stuff; v[0]: tone */
	LEX_GOBO,	/* what: enum gobo; v as LEX_LIGHT */
	LEX_THING,	/* what: enum thing */
	LEX_LIGHT,	/* v: soft, contrast, shadow, expose, warm */
	LEX_FLAG,	/* what: FLAG_ */
	LEX_SIDE	/* what: -1 left, 1 right */
};

enum {
	FLAG_BACK, FLAG_LOW, FLAG_SHADOW, FLAG_REFLECT, FLAG_PLINTH,
	FLAG_ZOOM,		/* v[0]: factor */
	FLAG_DARKTONE,		/* of the stuff if one follows, else v */
	FLAG_LIGHTTONE
};

struct lex_entry {
	const char	*word;	/* lower case, singular; NULL ends */
	enum lex_kind	 kind;
	int		 what;
	float		 v[5];
};

extern const struct lex_entry	 lexicon[];

/* NULL-terminated lists. */
extern const char *const lex_not[];	/* start a negation */
extern const char *const lex_resume[];	/* end it before punctuation does */
extern const char *const lex_more[];
extern const char *const lex_less[];
extern const char *const lex_product[];	/* nouns a product's colour precedes */
extern const char *const lex_ground[];	/* nouns a backdrop's colour precedes */
extern const char *const lex_lightnoun[];
extern const char *const lex_move[];
extern const char *const lex_logo[];
extern const char *const lex_onlabel[];
extern const char *const lex_quiet[];	/* never part of the seed */

#endif
