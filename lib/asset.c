/*
 * asset - see asset.h
 */
#include "config.h"

#include <string.h>

#include "asset.h"
#include "cx.h"
#include "hash.h"
#include "str.h"

static const char *const folders[] = {
	"user_uploads", "products", "logos", "inspirations", NULL
};

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
