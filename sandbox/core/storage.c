/* storage - writes files atomically, and appends to journals */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "base/err.h"
#include "core/storage.h"

bool
file_parents(const char *path)
{
	char *copy = strdup(path), *p;
	bool ok = copy != NULL;

	for (p = copy; ok && (p = strchr(p + 1, '/')) != NULL;) {
		*p = '\0';
		ok = mkdir(copy, 0755) == 0 || errno == EEXIST;
		*p = '/';
	}
	free(copy);
	return ok;
}

static bool
write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = write(fd, p, len)) < 0) {
			if (errno != EINTR)
				return false;
			n = 0;
		}
	return true;
}

bool
file_write(const char *path, mode_t mode, const void *data, size_t len,
    bool sync)
{
	unsigned char r[8];
	char hex[2 * sizeof r + 1], *tmp;
	bool ok = false;
	int fd, n;

	crypto_random(r, sizeof r);
	encode_hex(r, sizeof r, hex);
	/* Not after the name, which may be as long as names can be. */
	n = (int)(strrchr(path, '/') - path);
	if (asprintf(&tmp, "%.*s/.%s.new", n, path, hex) < 0)
		return false;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1 && errno == ENOENT && file_parents(path))
		fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd >= 0) {
		ok = write_all(fd, data, len) && (!sync || fsync(fd) == 0);
		ok = close(fd) == 0 && ok && rename(tmp, path) == 0;
		if (!ok)
			unlink(tmp);
	}
	free(tmp);
	return ok;
}

/* --- journals */

static bool
reopen(struct journal *j)
{
	char last;
	off_t end;

	j->fd = open(j->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
	    j->mode);
	if (j->fd == -1)
		return false;
	/* Behind a torn line the next one would be lost as well. */
	end = lseek(j->fd, 0, SEEK_END);
	if (end > 0 && pread(j->fd, &last, 1, end - 1) == 1 && last != '\n')
		return write(j->fd, "\n", 1) == 1;
	return true;
}

bool
journal_open(struct journal *j, const char *name, mode_t mode)
{
	if (asprintf(&j->path, "%s/%s", conf_str(C_SANDBOX_DIR), name) < 0)
		BUG("no memory for a path");
	j->mode = mode;
	return reopen(j);
}

bool
journal_write(struct journal *j, struct buf *line)
{
	return buf_putc(line, '\n') &&
	    write_all(j->fd, line->data, line->len);
}

void
journal_each(const struct journal *j, void (*fn)(const char *, size_t))
{
	FILE *f = fopen(j->path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (f == NULL)
		return;
	while ((n = getline(&line, &size, f)) > 0)
		if (line[n - 1] == '\n')
			fn(line, (size_t)n - 1);
	free(line);
	fclose(f);
}

bool
journal_replace(struct journal *j, const struct buf *lines)
{
	if (!buf_ok(lines) || !file_write(j->path, j->mode, lines->data,
	    lines->len, false))
		return false;
	close(j->fd);
	return reopen(j);
}

void
journal_truncate(struct journal *j)
{
	if (ftruncate(j->fd, 0) == -1)
		perror(j->path);
}
