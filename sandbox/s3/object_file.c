/*
 * s3file - see s3file.h
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>
#include <openssl/evp.h>

#include "core/sandbox.h"
#include "core/storage.h"
#include "s3/object_file.h"

#define KEY_MAX		1024
#define NAME_MAX_	255

const char *
s3file_bad_key(const char *key)
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
s3file_paths(struct cx *cx, const char *bucket, const char *key,
    struct s3file *f)
{
	const char *dir = conf_str(C_SANDBOX_DIR);

	memset(f, 0, sizeof *f);
	f->path = cx_fmt(cx, "%s/s3/%s/%s", dir, bucket, key);
	f->meta = cx_fmt(cx, "%s/s3meta/%s/%s", dir, bucket, key);
}

void
s3file_hash(const void *data, size_t len, struct s3file *f)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	crypto_sha256_hex(data, len, f->sha256);
	AN(EVP_Digest(data, len, md, &n, EVP_md5(), NULL) == 1 && n == 16);
	encode_hex(md, n, f->etag);
}

bool
s3file_put(const struct s3file *f, const void *data, size_t len, bool sync)
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
s3file_head(struct s3file *f)
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
s3file_read(const struct s3file *f, struct buf *b)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	size_t left = (size_t)f->size;
	ssize_t n;

	if (fd == -1)
		return false;
	if (!buf_reserve(b, left))
		left = 1;	/* and read nothing: an error */
	else
		while (left > 0) {
			n = read(fd, b->data + b->len, left);
			if (n == 0 || (n < 0 && errno != EINTR))
				break;
			if (n > 0) {
				b->len += (size_t)n;
				left -= (size_t)n;
			}
		}
	if (b->size > 0)
		b->data[b->len] = '\0';
	close(fd);
	return left == 0;
}

void
s3file_delete(const struct s3file *f)
{
	unlink(f->path);
	unlink(f->meta);
}
