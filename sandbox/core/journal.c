/*
 * journal - see journal.h
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/files.h"
#include "core/journal.h"

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
journal_open(struct journal *j, const char *dir, const char *name,
    mode_t mode)
{
	if (asprintf(&j->path, "%s/%s", dir, name) < 0)
		BUG("no memory for a path");
	j->mode = mode;
	return reopen(j);
}

bool
journal_write(struct journal *j, struct buf *line)
{
	const char *p;
	size_t left;
	ssize_t n;

	if (!buf_putc(line, '\n'))
		return false;
	for (p = line->data, left = line->len; left > 0;
	    p += n, left -= (size_t)n)
		if ((n = write(j->fd, p, left)) < 0) {
			if (errno != EINTR)
				return false;
			n = 0;
		}
	return true;
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
	if (!buf_ok(lines) || !disk_write_as(j->path, j->mode, lines->data,
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
