/*
 * replay - run a fuzz target over its corpus, once, without a fuzzer
 *
 * Files and folders may be named; by default it is t/data/corpus/NAME under
 * $srcdir, where the program is called fuzz-NAME.  One line of TAP.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "fuzz.h"

#define FEWEST	30		/* a corpus smaller than this is a mistake */

static int nfiles;

static void
run_file(const char *path)
{
	uint8_t *p = NULL;
	size_t n = 0, size = 0, got;
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		perror(path);
		exit(99);
	}
	do {
		if (n == size)
			HOLDS((p = realloc(p, size += 4096)) != NULL);
		got = fread(p + n, 1, size - n, f);
		n += got;
	} while (got > 0);
	fclose(f);
	/* To the byte, so that a sanitizer sees a read past the end. */
	HOLDS((p = realloc(p, n > 0 ? n : 1)) != NULL);
	LLVMFuzzerTestOneInput(p, n);
	free(p);
	nfiles++;
}

static void
run(const char *path)
{
	struct dirent *e;
	char file[4096];
	DIR *d = opendir(path);

	if (d == NULL && errno == ENOTDIR) {
		run_file(path);
		return;
	}
	if (d == NULL) {
		perror(path);
		exit(99);
	}
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, e->d_name);
		run_file(file);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	const char *dir = getenv("srcdir"), *name = strrchr(argv[0], '/');
	char path[4096];

	name = name != NULL ? name + 1 : argv[0];
	if (strncmp(name, "fuzz-", 5) == 0)
		name += 5;
	snprintf(path, sizeof path, "%s/t/data/corpus/%s",
	    dir != NULL ? dir : ".", name);
	if (argc < 2)
		run(path);
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("1..1\n%sok 1 - %s, %d inputs\n", argc > 1 ||
	    nfiles >= FEWEST ? "" : "not ", name, nfiles);
	return argc > 1 || nfiles >= FEWEST ? 0 : 1;
}
