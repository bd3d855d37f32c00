/*
 * disk - see disk.h
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/encode.h"
#include "core/files.h"

bool
disk_parents(const char *path)
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

	while (len > 0) {
		if ((n = write(fd, p, len)) < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		p += n;
		len -= (size_t)n;
	}
	return true;
}

bool
disk_write(const char *path, const void *data, size_t len, bool sync)
{
	return disk_write_as(path, 0644, data, len, sync);
}

bool
disk_write_as(const char *path, mode_t mode, const void *data, size_t len,
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
	if (fd == -1 && errno == ENOENT && disk_parents(path))
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
