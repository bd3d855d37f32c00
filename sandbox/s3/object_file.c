/* s3/object_file - keeps objects in files, with a file about each */
#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "core/service.h"
#include "core/storage.h"
#include "s3/object_file.h"

#define KEY_MAX		1024
#define NAME_MAX_	255

const char *
object_file_bad_key(const char *key)
{
	size_t n;

	if (strlen(key) > KEY_MAX)
		return "KeyTooLongError";
	for (;; key += n + 1) {
		n = strcspn(key, "/");
		/* Files could not hold these, and the first leave the tree. */
		if (n == 0 || (n == 1 && key[0] == '.') ||
		    (n == 2 && memcmp(key, "..", 2) == 0))
			return "InvalidObjectName";
		if (n > NAME_MAX_)
			return "KeyTooLongError";
		if (key[n] == '\0')
			return NULL;
	}
}

void
object_file_paths(struct cx *cx, const char *bucket, const char *key,
    struct object_file *f)
{
	const char *dir = conf_str(C_SANDBOX_DIR);

	memset(f, 0, sizeof *f);
	f->path = cx_fmt(cx, "%s/s3/%s/%s", dir, bucket, key);
	f->meta = cx_fmt(cx, "%s/s3meta/%s/%s", dir, bucket, key);
}

void
object_file_hash(const void *data, size_t len, struct object_file *f)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	crypto_sha256_hex(data, len, f->sha256);
	AN(EVP_Digest(data, len, md, &n, EVP_md5(), NULL) == 1 && n == 16);
	encode_hex(md, n, f->etag);
}

bool
object_file_put(const struct object_file *f, const void *data, size_t len,
    bool sync)
{
	char meta[512];
	int n;

	/* The description first: an object without one cannot be seen. */
	n = snprintf(meta, sizeof meta, "%s\n%s\n%s\n", f->etag, f->type,
	    f->cache);
	return file_write(f->meta, 0644, meta, (size_t)n, false) &&
	    file_write(f->path, 0644, data, len, sync);
}

static bool
line(FILE *in, char *out, size_t size)
{
	if (fgets(out, (int)size, in) == NULL)
		return false;
	out[strcspn(out, "\n")] = '\0';
	return true;
}

bool
object_file_head(struct object_file *f)
{
	struct stat st;
	FILE *in;
	bool ok;

	if (stat(f->path, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	f->size = st.st_size;
	f->modified = (int64_t)st.st_mtim.tv_sec * 1000;
	if ((in = fopen(f->meta, "re")) == NULL)
		return false;
	/* The buffers hold a line with its end. */
	ok = fscanf(in, "%32[0-9a-f]\n", f->etag) == 1 &&
	    line(in, f->type, sizeof f->type) &&
	    line(in, f->cache, sizeof f->cache);
	fclose(in);
	return ok;
}

bool
object_file_read(const struct object_file *f, struct buf *b)
{
	FILE *in = fopen(f->path, "re");
	size_t n = (size_t)f->size;
	bool ok;

	if (in == NULL)
		return false;
	ok = buf_reserve(b, n) && fread(b->data + b->len, 1, n, in) == n;
	if (ok && n > 0) {
		b->len += n;
		b->data[b->len] = '\0';
	}
	fclose(in);
	return ok;
}

void
object_file_delete(const struct object_file *f)
{
	unlink(f->path);
	unlink(f->meta);
}
