/*
 * fault - counts outside calls, and says which of them is to fail
 */
#include "config.h"

#include "base/fault.h"

#ifdef MINA_FAULTS

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/cx.h"
#include "base/log.h"

static const struct kind {
	const char	*name;
	bool		 http, pg;	/* which calls are counted */
	enum fault	 fault;		/* FAULT_NONE: killed before it */
} kinds[] = {
	{ "http", true, false, FAULT_REFUSED },
	{ "http-lost", true, false, FAULT_LOST },
	{ "pg", false, true, FAULT_REFUSED },
	{ "pg-lost", false, true, FAULT_LOST },
	{ "kill", true, true, FAULT_NONE },
	{ "kill-after", true, true, FAULT_KILL_AFTER },
};

static const char *program = "";
static struct timespec seen;		/* the file, when it was read */
static const struct kind *kind;		/* NULL: nothing is to fail */
static int64_t left;			/* calls until then */

void
fault_open(const char *prog)
{
	program = prog;
}

static void
arm(const char *path)
{
	char line[96] = "", prog[32], name[32];
	FILE *f = fopen(path, "re");

	kind = NULL;
	if (f == NULL)
		return;
	if (fgets(line, sizeof line, f) != NULL &&
	    sscanf(line, "%31s %31s %" SCNd64, prog, name, &left) == 3 &&
	    strcmp(prog, program) == 0)
		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
			if (strcmp(kinds[i].name, name) == 0)
				kind = &kinds[i];
	fclose(f);
}

/* The file is looked at before each call: it costs nothing but a test. */
static bool
armed(const char *path)
{
	struct stat sb;

	if (*path == '\0')
		return false;
	if (stat(path, &sb) != 0)
		return false;
	/* A file that is made soon after another may have its inode. */
	if (sb.st_ctim.tv_sec != seen.tv_sec ||
	    sb.st_ctim.tv_nsec != seen.tv_nsec) {
		seen = sb.st_ctim;
		arm(path);
	}
	return kind != NULL;
}

enum fault
fault_next(const struct cx *cx, enum fault_at at)
{
	const char *path = conf_str(C_FAULT);
	char fired[256];

	if (cx->reqid[0] == '\0' || !armed(path) ||
	    !(at == FAULT_HTTP ? kind->http : kind->pg) || --left > 0)
		return FAULT_NONE;
	/* Before it happens: a program started again must not meet it too. */
	snprintf(fired, sizeof fired, "%s.fired", path);
	if (rename(path, fired) != 0)
		return FAULT_NONE;
	log_warn(cx, "fault: %s", kind->name);
	if (kind->fault == FAULT_NONE)
		(void)kill(getpid(), SIGKILL);
	return kind->fault;
}

void
fault_after(enum fault f)
{
	if (f == FAULT_KILL_AFTER)
		(void)kill(getpid(), SIGKILL);
}

#endif
