/*
 * fuzz-log - fuzz target of log_msg()
 *
 * Any message becomes one line of printable characters.
 */
#include "config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "fuzz.h"

#define HEAD	56	/* time, level, program, msg=" */

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static int file = -1;
	static char line[8192];
	struct cx cx;
	ssize_t len;
	int saved;

	if (file < 0)
		HOLDS((file = memfd_create("log", MFD_CLOEXEC)) >= 0);
	log_open("fuzz");
	cx_init(&cx, 1 << 20);
	HOLDS(ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	HOLDS((saved = dup(STDERR_FILENO)) >= 0);
	dup2(file, STDERR_FILENO);
	log_warn(&cx, "%.*s", (int)(n < 4096 ? n : 4096), (const char *)p);
	dup2(saved, STDERR_FILENO);
	close(saved);
	len = pread(file, line, sizeof line, 0);
	HOLDS(len >= HEAD + 2 && len < 2100);
	HOLDS(strncmp(line, "time=", 5) == 0 && line[28] == 'Z');
	HOLDS(strncmp(line + 30, "level=warn prog=fuzz msg=\"",
	    HEAD - 30) == 0);
	HOLDS(line[len - 1] == '\n' && line[len - 2] == '"');
	for (ssize_t i = 0; i < len - 1; i++)
		HOLDS((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
	/* Between the quotes none is bare, nor is the last one escaped. */
	for (ssize_t i = HEAD; i < len - 2; i++) {
		HOLDS(line[i] != '"');
		if (line[i] == '\\')
			i++;
		HOLDS(i < len - 2);
	}
	cx_release(&cx);
	return 0;
}
