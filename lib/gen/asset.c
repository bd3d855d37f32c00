/*
 * asset - builds and parses keys, and checks uploads against them
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "gen/asset.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"

#define PASS_HEX	16		/* digits of the pass' hash in a key */
#define GATE_MS		300000
/* Read first: enough for the header of most pictures. */
#define HEADER_MAX	(256 << 10)

static const char *const folders[] = {
	"user_uploads", "products", "logos", "inspirations", NULL
};

bool
asset_folder(const char *s)
{
	return str_in(s, folders);
}

/* --- keys */

char *
asset_upload_key(struct cx *cx, const char *folder, const char *pass,
    const char *ext)
{
	char hex[SHA256_HEX], uuid[UUID_LEN];

	crypto_sha256_hex(pass, strlen(pass), hex);
	crypto_uuid(uuid);
	return cx_fmt(cx, "%s/%.*s/%s.%s", folder, PASS_HEX, hex, uuid, ext);
}

/* The parts of a key, in a copy of it. */
struct parts {
	char		 text[160];
	const char	*folder, *hash, *uuid, *ext;
};

static bool
parse_key(const char *key, struct parts *p)
{
	char *hash, *uuid, *ext;

	if (strlen(key) >= sizeof p->text)
		return false;
	snprintf(p->text, sizeof p->text, "%s", key);
	if ((hash = strchr(p->text, '/')) == NULL ||
	    (uuid = strchr(hash + 1, '/')) == NULL ||
	    (ext = strchr(uuid + 1, '.')) == NULL)
		return false;
	*hash = *uuid = *ext = '\0';
	p->folder = p->text;
	p->hash = hash + 1;
	p->uuid = uuid + 1;
	p->ext = ext + 1;
	return true;
}

bool
asset_is_upload(const char *key)
{
	struct parts p;

	return parse_key(key, &p) && asset_folder(p.folder) &&
	    strlen(p.hash) == PASS_HEX &&
	    strspn(p.hash, "0123456789abcdef") == PASS_HEX &&
	    str_is_uuid(p.uuid) && mediatype_of_ext(p.ext) != NULL;
}

bool
asset_is_of(const char *key, const char *const *pass, size_t n)
{
	char hex[SHA256_HEX];
	struct parts p;

	if (!parse_key(key, &p))
		return false;
	for (size_t i = 0; i < n; i++) {
		crypto_sha256_hex(pass[i], strlen(pass[i]), hex);
		hex[PASS_HEX] = '\0';
		if (strcmp(p.hash, hex) == 0)
			return true;
	}
	return false;
}

/* --- checking an upload */

static enum err
not_uploaded(struct cx *cx)
{
	return err_say(cx, E_NOTFOUND, "Nothing has been uploaded there, or "
	    "not all of it. Upload image again.");
}

/* The type and size of a picture, from as much of it as was read. */
static coroutine_fn enum err
probe(struct cx *cx, const char *key, const struct buf *b, struct pic *pic)
{
	struct parts p;
	enum err er;

	AN(parse_key(key, &p));
	if ((er = pic_probe(cx, b->data, b->len, pic)) != E_OK)
		return er;
	if (!str_eq(mediatype_ext(pic->type), p.ext))
		return err_reason(cx, "TYPE", err_say(cx, E_IMAGE, "The file "
		    "was announced as %s and is %s.", mediatype_of_ext(p.ext),
		    pic->type));
	return E_OK;
}

static coroutine_fn enum err
check(struct cx *cx, const char *key, struct asset *out)
{
	struct s3_head head;
	struct pic pic;
	struct buf *b;
	enum err er;

	if ((er = s3_head(cx, key, &head)) != E_OK)
		return er;
	if (head.length == 0)
		return err_reason(cx, "EMPTY", err_say(cx, E_IMAGE, "The file "
		    "is empty."));
	if (head.length > ASSET_MAX_BYTES)
		return err_reason(cx, "TOO_LARGE", err_say(cx, E_IMAGE, "The "
		    "picture is larger than 25 MB."));
	if ((er = s3_get_first(cx, key, HEADER_MAX, &b)) != E_OK)
		return er;
	er = probe(cx, key, b, &pic);
	/* Some have long metadata before their size: read it all. */
	if (er == E_IMAGE && str_eq(cx->err.reason, "DAMAGED") &&
	    head.length > (int64_t)b->len) {
		if ((er = s3_get(cx, key, ASSET_MAX_BYTES, &b)) != E_OK)
			return er;
		er = probe(cx, key, b, &pic);
	}
	if (er != E_OK)
		return er;
	out->type = pic.type;
	out->bytes = head.length;
	out->width = pic.width;
	out->height = pic.height;
	return E_OK;
}

/* E_IMAGE is answered only when the upload was deleted. */
static coroutine_fn enum err
delete_upload(struct cx *cx, const char *key)
{
	struct err_info why = cx->err;
	enum err er;

	if ((er = s3_delete(cx, key)) != E_OK)
		return er;
	return err_reason(cx, why.reason, err_say(cx, E_IMAGE, "%.150s It has "
	    "been deleted. Upload image again.", why.say));
}

coroutine_fn enum err
asset_check(struct cx *cx, const char *key, struct asset *out)
{
	struct cx own;
	enum err er;

	if ((er = asset_enter(cx)) != E_OK)
		return er;
	own = cx_fork(cx, ASSET_MAX_BYTES + (4 << 20));
	out->key = key;
	er = check(&own, key, out);
	if (er == E_IMAGE)
		er = delete_upload(&own, key);
	else if (er == E_NOTFOUND)
		er = not_uploaded(&own);
	cx->err = own.err;
	cx_release(&own);
	asset_leave();
	return er;
}

/* --- files in memory */

static struct gate gate;

coroutine_fn enum err
asset_enter(struct cx *cx)
{
	static bool made;

	if (!made)
		gate_init(&gate, W_FILE_ROOM, (int)conf_int(C_FETCH_MAX));
	made = true;
	if (gate_enter(&gate, loop_deadline(cx, GATE_MS)) != E_OK)
		return err_set(cx, E_STORAGE, "MINA_FETCH_MAX files are in "
		    "memory already");
	return E_OK;
}

void
asset_leave(void)
{
	gate_leave(&gate);
}

/* --- erasing */

static coroutine_fn enum err
erase_under(struct cx *cx, const char *prefix)
{
	struct s3_object *found;
	const char *after = "";
	bool more = true;
	size_t n;
	enum err er;

	while (more) {
		if ((er = s3_list(cx, prefix, after, &found, &n,
		    &more)) != E_OK)
			return er;
		for (size_t i = 0; i < n; i++) {
			er = s3_delete(cx, found[i].key);
			if (er != E_OK && er != E_NOTFOUND)
				return er;
			after = found[i].key;
		}
		more = more && n > 0;
	}
	return E_OK;
}

coroutine_fn enum err
asset_erase(struct cx *cx, const char *hash)
{
	enum err er;

	/* An empty one would be a prefix of all customers' keys. */
	if (hash == NULL || strlen(hash) != PASS_HEX ||
	    strspn(hash, "0123456789abcdef") != PASS_HEX)
		return err_set(cx, E_CONFLICT, "that is no hash of a pass");
	for (size_t i = 0; folders[i] != NULL; i++)
		if ((er = erase_under(cx, cx_fmt(cx, "%s/%s/", folders[i],
		    hash))) != E_OK)
			return er;
	return E_OK;
}
