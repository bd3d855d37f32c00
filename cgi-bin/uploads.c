/*
 * uploads - addresses to put pictures to
 *
 * The bytes go straight to the store; only the permission comes from here.
 */
#include "config.h"
#include "mina.h"

#define EXPIRES_S	600

static enum err
check_type(struct cx *cx, const char *type, const char **ext)
{
	if (str_eq(type, "image/heic") || str_eq(type, "image/heif"))
		return err_say(cx, E_TYPE, "HEIC pictures cannot be used. "
		    "Please send a JPEG, PNG or WebP.");
	if ((*ext = kind_ext(type)) == NULL)
		return err_say(cx, E_TYPE, "Only image/jpeg, image/png and "
		    "image/webp can be uploaded.");
	return E_OK;
}

/* POST /api/r2/upload-signed */
static enum err
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
	    (er = json_may_str(cx, body, "", "folder", 1, 60,
	    &folder)) != E_OK ||
	    (er = json_may_int(cx, body, "", "sizeBytes", 1, INT32_MAX,
	    &size)) != E_OK ||
	    (er = check_type(cx, type, &ext)) != E_OK)
		return er;
	if (size > ASSET_MAX_BYTES)
		return err_say(cx, E_TOOBIG, "Pictures of at most 25 MB can "
		    "be uploaded.");
	if (!asset_folder(folder))
		return err_field(cx, "folder", "must be one of user_uploads, "
		    "products, logos, inspirations");
	key = asset_upload_key(cx, folder, req_pass(rq), ext);
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

static const struct app uploads = {
	.routes = {
		{ M_POST, "/api/r2/upload-signed", sign, R_OWNER },
	},
};

MINA_MAIN(uploads)
