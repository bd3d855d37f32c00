/*
 * asset - builds and parses keys, and checks uploads against them
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/cx.h"
#include "base/mediatype.h"
#include "base/str.h"
#include "gen/asset.h"
#include "io/loop.h"
#include "io/pic.h"
#include "io/s3.h"
#include "pg/pgtime.h"

#define PASS_HEX	16		/* digits of the pass' hash in a key */
#define RETRY_S		10
#define KEPT_MS		INT64_C(86400000)	/* what was not completed */
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

char *
asset_incoming_key(struct cx *cx, const char *folder, const char *pass,
    const char *ext)
{
	return cx_fmt(cx, ASSET_INCOMING "%s", asset_upload_key(cx, folder,
	    pass, ext));
}

bool
asset_is_incoming(const char *key)
{
	return str_starts(key, ASSET_INCOMING) &&
	    asset_is_upload(key + strlen(ASSET_INCOMING));
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

	if (str_starts(key, ASSET_INCOMING))
		key += strlen(ASSET_INCOMING);
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

	return !str_starts(key, ASSET_INCOMING) && parse_key(key, &p) &&
	    asset_folder(p.folder) &&
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

/* Some have long metadata before their size: reads all of it. */
static coroutine_fn enum err
probe_whole(struct cx *cx, const char *key, int64_t queue_ms, struct pic *pic)
{
	struct gate_place place = { .name = { NULL } };
	struct cx own;
	struct buf *b;
	enum err er;

	if ((er = asset_enter(cx, ROOM_OWN, &place, ASSET_MAX_BYTES,
	    queue_ms)) != E_OK)
		return er;
	own = cx_fork(cx, ASSET_MAX_BYTES + (4 << 20));
	if ((er = s3_get(&own, key, ASSET_MAX_BYTES, &b)) == E_OK)
		er = probe(&own, key, b, pic);
	cx->err = own.err;
	cx_release(&own);
	asset_leave(ROOM_OWN, &place);
	return er;
}

/* The bytes that were read are those of head. */
static coroutine_fn enum err
check(struct cx *cx, const char *key, int64_t queue_ms,
    const struct s3_head *head, struct asset *out)
{
	struct pic pic;
	struct buf *b;
	enum err er;

	if (head->length == 0)
		return err_reason(cx, "EMPTY", err_say(cx, E_IMAGE, "The file "
		    "is empty."));
	if (head->length > ASSET_MAX_BYTES)
		return err_reason(cx, "TOO_LARGE", err_say(cx, E_IMAGE, "The "
		    "picture is larger than 25 MB."));
	if ((er = s3_get_first(cx, key, HEADER_MAX, &b)) != E_OK)
		return er;
	er = probe(cx, key, b, &pic);
	if (er == E_IMAGE && str_eq(cx->err.reason, "DAMAGED") &&
	    head->length > (int64_t)b->len)
		er = probe_whole(cx, key, queue_ms, &pic);
	if (er != E_OK)
		return er;
	out->type = pic.type;
	out->bytes = head->length;
	out->width = pic.width;
	out->height = pic.height;
	return E_OK;
}

/*
 * The key of a copy follows from the bytes, so that the same upload gives the
 * same one again, and another under the same signed URL does not replace it.
 */
static const char *
copy_key(struct cx *cx, const char *key, const char *etag)
{
	const char *s = cx_fmt(cx, "%s\n%s", key, etag);
	char uuid[UUID_LEN];
	struct parts p;

	AN(parse_key(key, &p));
	crypto_uuid_of(s, strlen(s), uuid);
	return cx_fmt(cx, "%s/%s/%s.%s", p.folder, p.hash, uuid, p.ext);
}

static coroutine_fn enum err
take(struct cx *cx, const char *key, int64_t queue_ms, struct asset *out)
{
	struct s3_head head, there;
	enum err er;

	if ((er = s3_head(cx, key, &head)) != E_OK)
		return er;
	if (head.etag == NULL)
		return err_set(cx, E_STORAGE, "s3: no etag for %s", key);
	if ((er = check(cx, key, queue_ms, &head, out)) != E_OK)
		return er;
	out->key = copy_key(cx, key, head.etag);
	er = s3_head(cx, out->key, &there);
	if (er == E_OK && there.length == head.length)
		return E_OK;		/* taken before */
	if (er != E_OK && er != E_NOTFOUND)
		return er;
	er = s3_copy(cx, key, out->key, head.etag, out->type);
	/* Another upload came while this one was looked at. */
	return er == E_CONFLICT ? err_say(cx, E_CONFLICT, "The picture "
	    "changed while it was checked. Upload image again.") : er;
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
asset_take(struct cx *cx, const char *key, int64_t queue_ms, struct asset *out)
{
	struct cx own = cx_fork(cx, 4 << 20);
	enum err er;

	er = take(&own, key, queue_ms, out);
	if (er == E_OK) {
		out->key = cx_dup(cx, out->key);
		out->type = cx_dup(cx, out->type);
	} else if (er == E_IMAGE)
		er = delete_upload(&own, key);
	else if (er == E_NOTFOUND)
		er = not_uploaded(&own);
	cx->err = own.err;
	cx_release(&own);
	return er;
}

/* --- deleting */

/* Those under prefix that were written before a moment; *n: how many. */
static coroutine_fn enum err
delete_under(struct cx *cx, const char *prefix, int64_t before, int64_t *n)
{
	struct s3_object *found;
	const char *after = "";
	bool more = true;
	size_t len;
	enum err er;

	while (more) {
		if ((er = s3_list(cx, prefix, after, &found, &len,
		    &more)) != E_OK)
			return er;
		if (len == 0)
			break;
		after = found[len - 1].key;
		for (size_t i = 0; i < len; i++) {
			if (found[i].modified >= before)
				continue;
			er = s3_delete(cx, found[i].key);
			if (er != E_OK && er != E_NOTFOUND)
				return er;
			++*n;
		}
	}
	return E_OK;
}

coroutine_fn enum err
asset_sweep(struct cx *cx, int64_t *n)
{
	*n = 0;
	return delete_under(cx, ASSET_INCOMING, pgtime_now() - KEPT_MS, n);
}

coroutine_fn enum err
asset_erase(struct cx *cx, const char *hash)
{
	static const char *const where[] = { "", ASSET_INCOMING };
	int64_t n = 0;
	enum err er;

	/* An empty one would be a prefix of all customers' keys. */
	if (hash == NULL || strlen(hash) != PASS_HEX ||
	    strspn(hash, "0123456789abcdef") != PASS_HEX)
		return err_set(cx, E_CONFLICT, "that is no hash of a pass");
	for (size_t i = 0; folders[i] != NULL; i++)
		for (size_t k = 0; k < 2; k++)
			if ((er = delete_under(cx, cx_fmt(cx, "%s%s/%s/",
			    where[k], folders[i], hash), INT64_MAX,
			    &n)) != E_OK)
				return er;
	return E_OK;
}

/* --- files in memory */

static struct gate *
gate_of(enum asset_room room)
{
	static struct gate gate[ROOM__MAX];
	static bool made;
	int mb = (int)conf_int(C_FETCH_MB);

	if (!made) {
		gate_init(&gate[ROOM_OWN], W_FILE_ROOM, mb / 4 + 1);
		gate_init(&gate[ROOM_REMOTE], W_FILE_ROOM, mb - mb / 4);
		gate[ROOM_OWN].share[0] = gate[ROOM_OWN].total / 2 + 1;
		gate[ROOM_REMOTE].share[0] = gate[ROOM_REMOTE].total / 3 + 1;
		gate[ROOM_REMOTE].share[1] = gate[ROOM_REMOTE].total * 2 / 3 +
		    1;
	}
	made = true;
	return &gate[room];
}

coroutine_fn enum err
asset_enter(struct cx *cx, enum asset_room room, struct gate_place *place,
    size_t bytes, int64_t wait_ms)
{
	enum err er;

	place->name[0] = cx->customer;
	if (gate_take(gate_of(room), place, (int)(bytes >> 20),
	    loop_deadline(cx, wait_ms)) == E_OK)
		return E_OK;
	er = err_say(cx, E_STORAGE, "We are handling as many pictures as we "
	    "can. Nothing was charged. Please try again in a moment.");
	cx->err.retry_after = RETRY_S;
	return er;
}

void
asset_leave(enum asset_room room, struct gate_place *place)
{
	gate_give(gate_of(room), place);
}
