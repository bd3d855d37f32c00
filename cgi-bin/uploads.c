/*
 * uploads - presigned uploads, their check, and copies of remote files
 *
 * A browser uploads to the object store directly, with a URL signed here, and
 * then asks to have the file checked.  Files elsewhere on the web are fetched
 * by this program; gen/fetch.h says which.
 */
#include "config.h"
#include "mina.h"

#define EXPIRES_S	600
#define URL_MAX		2048
#define RETRY_S		5
#define DEADLINE_MS	140000	/* less than nginx' fastcgi_read_timeout */
/* Under way at once, of one customer, of one address, and in all. */
#define FETCHES		2, 4, 1000
#define FILMS		1, 1, 2		/* of the fetches: half the room */
#define CHECKS		4, 16, 1000

static struct share fetches, films, checks;

static enum err
check_type(struct cx *cx, const char *type, const char **ext)
{
	if (str_eq(type, "image/heic") || str_eq(type, "image/heif"))
		return err_say(cx, E_TYPE, "HEIC pictures cannot be used. "
		    "Please send a JPEG, PNG or WebP.");
	if ((*ext = mediatype_ext(type)) == NULL)
		return err_say(cx, E_TYPE, "Only image/jpeg, image/png and "
		    "image/webp can be uploaded.");
	return E_OK;
}

static enum err
want_folder(struct cx *cx, const struct cJSON *body, const char **folder)
{
	enum err er;

	if ((er = json_may_str(cx, body, "", "folder", 1, 60,
	    folder)) != E_OK)
		return er;
	if (!asset_folder(*folder))
		return err_field(cx, "folder", "must be one of user_uploads, "
		    "products, logos, inspirations");
	return E_OK;
}

/* POST /api/r2/upload-signed */
static coroutine_fn enum err
sign(struct cx *cx, struct req *rq, struct resp *rs)
{
	const struct cJSON *body = req_json(rq);
	const char *type, *name = NULL, *folder = "user_uploads", *ext;
	int64_t size = -1;
	struct json *js;
	char *key, *url;
	enum err er;

	if ((er = json_want_str(cx, body, "", "contentType", 1, 100,
	    &type)) != E_OK ||
	    (er = json_may_str(cx, body, "", "fileName", 0, 255,
	    &name)) != E_OK ||
	    (er = want_folder(cx, body, &folder)) != E_OK ||
	    (er = json_may_int(cx, body, "", "sizeBytes", 1, INT32_MAX,
	    &size)) != E_OK ||
	    (er = check_type(cx, type, &ext)) != E_OK)
		return er;
	if (size > ASSET_MAX_BYTES)
		return err_say(cx, E_TOOBIG, "Pictures of at most 25 MB can "
		    "be uploaded.");
	if ((er = budget_take(cx, rq, BUDGET_UPLOAD)) != E_OK)
		return er;
	key = asset_incoming_key(cx, folder, req_pass(rq), ext);
	if ((url = s3_presign_put(cx, key, type, size, EXPIRES_S)) == NULL)
		return err_set(cx, E_STORAGE, "no store is configured");

	js = resp_json(rs, 200);
	json_str(js, "uploadUrl", url);
	json_str(js, "publicUrl", s3_public_url(cx, key));
	json_str(js, "key", key);
	json_int(js, "expiresInSec", EXPIRES_S);
	json_int(js, "maxBytes", ASSET_MAX_BYTES);
	return resp_done(rs);
}

/* The members of an answer about a stored file. */
static void
put_asset(struct cx *cx, struct json *js, const struct asset *a)
{
	json_str(js, "publicUrl", s3_public_url(cx, a->key));
	json_str(js, "key", a->key);
	json_str(js, "contentType", a->type);
	json_int(js, "bytes", a->bytes);
	if (a->width > 0) {
		json_int(js, "width", a->width);
		json_int(js, "height", a->height);
	}
}

/* Also of a pass that was merged into this one by signing in. */
static coroutine_fn enum err
check_owner(struct cx *cx, const char *key, const char *pass)
{
	const char **list;
	size_t n;
	enum err er;

	if (asset_is_of(key, &pass, 1))
		return E_OK;
	if ((er = ident_passes(cx, pass, &list, &n)) != E_OK)
		return er;
	return asset_is_of(key, list, n) ? E_OK : err_say(cx, E_FORBIDDEN,
	    "That upload is another account's. Upload image again.");
}

/* A place for the rest of the request; each client has a share of them. */
static enum err
enter(struct cx *cx, struct req *rq, struct share *share)
{
	enum err er;

	if (share_take(cx, share, rq))
		return E_OK;
	er = err_say(cx, E_BUSY, "As many files as we take at once are on "
	    "their way for you. Nothing was charged. Please try again in a "
	    "moment.");
	cx->err.retry_after = RETRY_S;
	return er;
}

/* POST /api/r2/complete */
static coroutine_fn enum err
complete(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *key;
	struct asset a;
	enum err er;

	if ((er = json_want_str(cx, req_json(rq), "", "key", 1, 255,
	    &key)) != E_OK)
		return er;
	if (!asset_is_incoming(key))
		return err_field(cx, "key", "must be one that POST "
		    "/api/r2/upload-signed gave");
	cx->deadline = loop_now() + DEADLINE_MS;
	if ((er = check_owner(cx, key, req_pass(rq))) != E_OK ||
	    (er = enter(cx, rq, &checks)) != E_OK ||
	    (er = asset_take(cx, key, ASSET_QUEUE_MS, &a)) != E_OK)
		return er;
	put_asset(cx, resp_json(rs, 200), &a);
	return resp_done(rs);
}

/* --- remote files */

static coroutine_fn enum err
store(struct cx *cx, struct req *rq, const char *url, enum fetch_kind kind,
    const char *folder, struct asset *a)
{
	enum err er;

	if ((er = enter(cx, rq, &fetches)) != E_OK ||
	    (kind == FETCH_FILM && (er = enter(cx, rq, &films)) != E_OK) ||
	    (er = budget_take(cx, rq, BUDGET_FETCH)) != E_OK)
		return er;
	cx->deadline = loop_now() + DEADLINE_MS;
	return fetch_store(cx, url, kind, folder, req_pass(rq),
	    ASSET_QUEUE_MS, a);
}

/* For a URL of our own store: nothing is copied. */
static enum err
answer_ours(struct resp *rs, const char *url)
{
	struct json *js = resp_json(rs, 200);

	json_str(js, "publicUrl", url);
	json_str(js, "key", s3_key_of(url));
	return resp_done(rs);
}

static coroutine_fn enum err
answer_stored(struct cx *cx, struct req *rq, struct resp *rs, const char *url,
    enum fetch_kind kind, const char *folder)
{
	struct asset a;
	enum err er;

	if (s3_key_of(url) != NULL)
		return answer_ours(rs, url);
	if ((er = store(cx, rq, url, kind, folder, &a)) != E_OK)
		return er;
	put_asset(cx, resp_json(rs, 200), &a);
	return resp_done(rs);
}

/* POST /api/r2/store-remote-signed */
static coroutine_fn enum err
store_remote(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *url, *folder = "user_uploads";
	enum err er;

	if ((er = json_want_str(cx, req_json(rq), "", "sourceUrl", 1, URL_MAX,
	    &url)) != E_OK ||
	    (er = want_folder(cx, req_json(rq), &folder)) != E_OK)
		return er;
	return answer_stored(cx, rq, rs, url, FETCH_PICTURE, folder);
}

/* POST /store-remote-generation */
static coroutine_fn enum err
store_generation(struct cx *cx, struct req *rq, struct resp *rs)
{
	const char *url, *type = "image";
	enum err er;

	if ((er = json_want_str(cx, req_json(rq), "", "url", 1, URL_MAX,
	    &url)) != E_OK ||
	    (er = json_may_str(cx, req_json(rq), "", "type", 1, 10,
	    &type)) != E_OK)
		return er;
	if (!str_eq(type, "image") && !str_eq(type, "video"))
		return err_field(cx, "type", "must be image or video");
	return answer_stored(cx, rq, rs, url, str_eq(type, "video") ?
	    FETCH_FILM : FETCH_PICTURE, "user_uploads");
}

static void
start(struct cx *cx)
{
	(void)cx;
	share_init(&fetches, FETCHES);
	share_init(&films, FILMS);
	share_init(&checks, CHECKS);
}

static const struct app uploads = {
	.start = start,
	.needs = APP_DB | APP_HTTP,
	.routes = {
		{ M_POST, "/api/r2/upload-signed", sign, R_OWNER },
		{ M_POST, "/api/r2/complete", complete, R_OWNER },
		{ M_POST, "/api/r2/store-remote-signed", store_remote,
		    R_OWNER },
		{ M_POST, "/store-remote-generation", store_generation,
		    R_OWNER },
	},
};

MINA_MAIN(uploads)
