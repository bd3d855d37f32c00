/*
 * token - a prompt as a list of words with their negations
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "render/lexicon.h"
#include "render/tokenize.h"

bool
token_in(const char *w, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(w, *list) == 0)
			return true;
	return false;
}

static int
cut(const char *s, struct token *t)
{
	size_t	 k = 0;
	int	 n = 0;

	for (; n < TOKEN_MAX; s++) {
		unsigned char	 c = (unsigned char)*s;

		if (isalpha(c)) {
			if (k + 1 < TOKEN_LEN)
				t[n].s[k++] = (char)tolower(c);
			continue;
		}
		if (c == '\'' && k > 0)
			continue;
		if (k > 0) {
			t[n].s[k] = '\0';
			t[n].stop = t[n].off = false;
			t[n].more = 1;
			n++;
			k = 0;
		}
		if (n > 0 && c != '\0' && strchr(",.;:!?\n()", c) != NULL)
			t[n - 1].stop = true;
		if (c == '\0')
			break;
	}
	return n;
}

/* Marks what stands under "no", "without", "less", "more" and so on. */
static void
mark(struct token *t, int n)
{
	int	 i, j;

	for (i = 0; i < n; i++) {
		if (token_in(t[i].s, lex_more)) {
			for (j = i + 1; j < n && j < i + 3; j++)
				t[j].more = 1.4f;
			continue;
		}
		if (token_in(t[i].s, lex_less)) {
			for (j = i + 1; j < n && j < i + 3; j++) {
				t[j].more = -0.8f;
				if (t[j].stop)
					break;
			}
			continue;
		}
		if (!token_in(t[i].s, lex_not))
			continue;
		for (j = i + 1; j < n && j < i + 7; j++) {
			if (token_in(t[j].s, lex_resume))
				break;
			t[j].off = true;
			if (t[j].stop)
				break;
		}
	}
}

int
token_split(const char *s, struct token t[TOKEN_MAX])
{
	int	 n = cut(s, t);

	mark(t, n);
	return n;
}
