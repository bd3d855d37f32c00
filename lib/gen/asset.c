/*
 * asset - see asset.h
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
#define HOLD_MS		300000
/* Enough for the header of most pictures, and little for a bad one. */
#define FIRST		(256 << 10)

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

/* The parts of a key, cut out of a copy of it. */
struct parts {
	char		 text[160];
	const char	*folder, *hash, *uuid, *ext;
};

static bool
take_apart(const char *key, struct parts *p)
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

	return take_apart(key, &p) && asset_folder(p.folder) &&
	    strlen(p.hash) == PASS_HEX &&
	    strspn(p.hash, "0123456789abcdef") == PASS_HEX &&
	    str_is_uuid(p.uuid) && mediatype_of_ext(p.ext) != NULL;
}

bool
asset_is_of(const char *key, const char *const *pass, size_t n)
{
	char hex[SHA256_HEX];
	struct parts p;

	if (!take_apart(key, &p))
		return false;
	for (size_t i = 0; i < n; i++) {
		crypto_sha256_hex(pass[i], strlen(pass[i]), hex);
		hex[PASS_HEX] = '\0';
		if (strcmp(p.hash, hex) == 0)
			return true;
	}
	return false;
}

/* --- looking at an upload */

static enum err
nothing_there(struct cx *cx)
{
	return err_say(cx, E_NOTFOUND, "Nothing has been uploaded there, or "
	    "not all of it. Upload image again.");
}

/* Of the picture, as far as it was read. */
static enum err
probe(struct cx *cx, const char *key, const struct buf *b, struct pic *pic)
{
	struct parts p;
	enum err er;

	AN(take_apart(key, &p));
	if ((er = pic_probe(cx, b->data, b->len, pic)) != E_OK)
		return er;
	if (!str_eq(mediatype_ext(pic->type), p.ext))
		return err_reason(cx, "TYPE", err_say(cx, E_IMAGE, "The file "
		    "was announced as %s and is %s.", mediatype_of_ext(p.ext),
		    pic->type));
	return E_OK;
}

static enum err
judge(struct cx *cx, const char *key, struct asset *out)
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
	if ((er = s3_get_first(cx, key, FIRST, &b)) != E_OK)
		return er;
	er = probe(cx, key, b, &pic);
	/* Some put a great deal before it says how large they are. */
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

/* The verdict stands only when it was carried out. */
static enum err
throw_away(struct cx *cx, const char *key)
{
	struct err_info why = cx->err;
	enum err er;

	if ((er = s3_delete(cx, key)) != E_OK)
		return er;
	return err_reason(cx, why.reason, err_say(cx, E_IMAGE, "%.150s It has "
	    "been deleted. Upload image again.", why.say));
}

enum err
asset_check(struct cx *cx, const char *key, struct asset *out)
{
	struct cx own;
	enum err er;

	if ((er = asset_hold(cx)) != E_OK)
		return er;
	own = cx_fork(cx, ASSET_MAX_BYTES + (4 << 20));
	out->key = key;
	er = judge(&own, key, out);
	if (er == E_IMAGE)
		er = throw_away(&own, key);
	else if (er == E_NOTFOUND)
		er = nothing_there(&own);
	cx->err = own.err;
	cx_release(&own);
	asset_let_go();
	return er;
}

/* --- files in memory */

static struct gate held;

enum err
asset_hold(struct cx *cx)
{
	static bool made;

	if (!made)
		gate_init(&held, W_FILE_ROOM,
		    (int)conf_int(C_FETCH_MAX));
	made = true;
	if (gate_enter(&held, loop_deadline(cx, HOLD_MS)) != E_OK)
		return err_set(cx, E_STORAGE, "no place to hold a file");
	return E_OK;
}

void
asset_let_go(void)
{
	gate_leave(&held);
}
