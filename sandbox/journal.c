/*
 * journal - see journal.h
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "err.h"
#include "journal.h"

static char	*path;
static int	 fd = -1;

bool
journal_open(const char *dir)
{
	if (asprintf(&path, "%s/journal.ndjson", dir) < 0)
		BUG("no memory for a path");
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	return fd >= 0;
}

bool
journal_write(struct buf *line)
{
	const char *p;
	size_t left;
	ssize_t n;

	if (!buf_putc(line, '\n'))
		return false;
	for (p = line->data, left = line->len; left > 0;
	    p += n, left -= (size_t)n)
		if ((n = write(fd, p, left)) < 0) {
			if (errno != EINTR)
				return false;
			n = 0;
		}
	return true;
}

void
journal_each(void (*fn)(const char *, size_t))
{
	FILE *f = fopen(path, "re");
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

void
journal_truncate(void)
{
	if (ftruncate(fd, 0) == -1)
		perror(path);
}
