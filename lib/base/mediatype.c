/*
 * mediatype - file signatures, and the extensions of accepted pictures
 */
#include "config.h"

#include <string.h>

#include "base/mediatype.h"
#include "base/str.h"

static const struct {
	const char *type, *ext;
} accepted[] = {
	{ "image/jpeg", "jpg" },
	{ "image/png", "png" },
	{ "image/webp", "webp" },
};

const char *
mediatype_ext(const char *type)
{
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
		if (str_eq(type, accepted[i].type))
			return accepted[i].ext;
	return NULL;
}

const char *
mediatype_of_ext(const char *ext)
{
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++)
		if (str_eq(ext, accepted[i].ext))
			return accepted[i].type;
	return NULL;
}

/*
 * ISO base media files differ by their major brand (ISO/IEC 14496-12 4.3,
 * mp4ra.org).
 */
static const char *
brand(const unsigned char *s)
{
	static const struct {
		const char *brand, *type;
	} brands[] = {
		{ "heic", "image/heic" }, { "heix", "image/heic" },
		{ "heim", "image/heic" }, { "heis", "image/heic" },
		{ "hevc", "image/heic" }, { "hevx", "image/heic" },
		{ "mif1", "image/heic" }, { "msf1", "image/heic" },
		{ "avif", "image/avif" }, { "avis", "image/avif" },
		{ "qt  ", "video/quicktime" }, { "crx ", "image/x-canon-cr3" },
		{ "M4A ", "audio/mp4" }, { "M4B ", "audio/mp4" },
	};

	for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
		if (memcmp(s, brands[i].brand, 4) == 0)
			return brands[i].type;
	return "video/mp4";
}

const char *
mediatype_sniff(const void *p, size_t n)
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
	if (memcmp(s + 4, "ftyp", 4) == 0)
		return brand(s + 8);
	return NULL;
}
