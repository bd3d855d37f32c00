/*
 * kind - see kind.h
 */
#include "config.h"

#include <string.h>

#include "kind.h"
#include "str.h"

static const struct {
	const char *type, *ext;
} kinds[] = {
	{ "image/jpeg", "jpg" },
	{ "image/png", "png" },
	{ "image/webp", "webp" },
};

const char *
kind_ext(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(type, kinds[i].type))
			return kinds[i].ext;
	return NULL;
}

const char *
kind_sniff(const void *p, size_t n)
{
	const unsigned char *s = p;

	if (n < 12)
		return NULL;
	if (memcmp(s, "\xff\xd8\xff", 3) == 0)
		return "image/jpeg";
	if (memcmp(s, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "image/png";
	if (memcmp(s, "RIFF", 4) == 0 && memcmp(s + 8, "WEBP", 4) == 0)
		return "image/webp";
	if (memcmp(s + 4, "ftyp", 4) == 0) {
		if (memcmp(s + 8, "heic", 4) == 0 ||
		    memcmp(s + 8, "heix", 4) == 0 ||
		    memcmp(s + 8, "mif1", 4) == 0)
			return "image/heic";
		return "video/mp4";
	}
	return NULL;
}
