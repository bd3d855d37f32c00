/* service - small questions that several emulators ask */
#include "config.h"

#include "core/service.h"

bool
word_in(const char *words, const char *word)
{
	size_t n, len = strlen(word);

	for (;; words += n + 1) {
		n = strcspn(words, " ");
		if (n == len && memcmp(words, word, n) == 0)
			return true;
		if (words[n] == '\0')
			return false;
	}
}

bool
list_has(const struct cJSON *list, const char *text)
{
	JSON_EACH(m, list)
		if (str_eq(json_text(m), text))
			return true;
	return false;
}
