/*
 * asset - see asset.h
 */
#include "config.h"

#include <string.h>

#include "asset.h"
#include "cx.h"
#include "hash.h"
#include "str.h"

static const struct {
	const char *type, *ext;
} kinds[] = {
	{ "image/jpeg", "jpg" },
	{ "image/png", "png" },
	{ "image/webp", "webp" },
};

static const char *const folders[] = {
	"user_uploads", "products", "logos", "inspirations", NULL
};

const char *
asset_ext(const char *type)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_eq(type, kinds[i].type))
			return kinds[i].ext;
	return NULL;
}

const char *
asset_sniff(const void *p, size_t n)
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

bool
asset_folder(const char *s)
{
	return str_in(s, folders);
}

char *
asset_upload_key(struct cx *cx, const char *folder, const char *pass,
    const char *ext)
{
	char hex[HASH_HEX], uuid[UUID_LEN];

	hash_sha256_hex(pass, strlen(pass), hex);
	hash_uuid(uuid);
	return cx_fmt(cx, "%s/%.16s/%s.%s", folder, hex, uuid, ext);
}
