/*
 * inspect - lists the coroutines, and reports what holds the loop up
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/co.h"
#include "base/inspect.h"
#include "base/log.h"
#include "base/postmortem.h"

#define MS		INT64_C(1000000)
#define SLOW		(50 * MS)	/* of CPU */
#define STARVED		(200 * MS)	/* of time */
#define CPU_STALE	(5 * MS)

/* All in nanoseconds, and of the one thread that has the loop. */
static int64_t begun;			/* what runs now */
static int64_t cpu, cpu_read;		/* CPU time, and when it was read */

/* An id is put between other fields, so it may have no blank or quote. */
static const char *
plain(const char *id, char *out, size_t size)
{
	size_t n = 0;

	for (; *id != '\0' && n + 1 < size; id++)
		out[n++] = *id > ' ' && *id < 0x7f && *id != '"' ? *id : '?';
	out[n] = '\0';
	return out;
}

static void
dump_one(void *arg, struct co *co)
{
	const struct co_info *ci = co_info(co);
	int64_t now = *(int64_t *)arg;
	char id[sizeof ci->id], work[80] = "", wait[160] = "";

	if (ci->work != NULL)
		snprintf(work, sizeof work, " work=\"%s\"", ci->work);
	if (ci->wait != NULL)
		snprintf(wait, sizeof wait, " wait=\"%s\" at=%s since_ms=%"
		    PRId64, ci->wait, ci->at, now - ci->since);
	log_fields(plain(ci->id, id, sizeof id), "co=%p fn=%s from=%s "
	    "age_ms=%" PRId64 "%s%s", (void *)co, ci->fn, ci->from,
	    now - ci->born, work, wait);
}

void
inspect_dump(int64_t now)
{
	const struct post_mortem *pm = &mina_post_mortem;

	co_each(dump_one, &now);
	log_fields("", "coroutines=%zu idle_stacks=%zu arenas=%zu "
	    "arena_kb=%zu", pm->nlive, pm->npool, pm->narena,
	    pm->arena_bytes / 1024);
	log_flush();
}

/* --- how long things take */

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

/* So that what runs from now on can be told from what ran before. */
static void
keep_cpu(void)
{
	if (begun - cpu_read < CPU_STALE)
		return;
	cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
	cpu_read = begun;
}

/* Whether what has run ought to be reported: why, and how long it took. */
static bool
held_up(const char **why, int64_t *took, int64_t *used)
{
	int64_t now = read_clock(CLOCK_MONOTONIC);

	*took = now - begun;
	begun = now;
	if (*took < SLOW) {
		keep_cpu();
		return false;
	}
	*used = read_clock(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (*used > *took)
		*used = *took;
	keep_cpu();
	*why = *used >= SLOW ? "slow" : "starved";
	*took /= MS;
	*used /= MS;
	return *used * MS >= SLOW || *took * MS >= STARVED;
}

#define REPORT	"%s: %s %s held up the loop for %" PRId64 " ms, %" PRId64 \
    " ms of it on the CPU"

void
inspect_begin(int64_t now)
{
	if (begun < now * MS)
		begun = now * MS;
	keep_cpu();
}

void
inspect_called(const char *kind, const char *name)
{
	int64_t took, used;
	const char *why;

	if (held_up(&why, &took, &used))
		log_warn(NULL, REPORT, why, kind, name, took, used);
}

void
inspect_resumed(const struct co_info *ci, const char *wait, const char *at,
    bool ended)
{
	char from[120] = "its start", to[120] = "its end";
	int64_t took, used;
	const char *why;

	if (!held_up(&why, &took, &used))
		return;
	if (wait != NULL)
		snprintf(from, sizeof from, "%s at %s", wait, at);
	if (!ended && ci->wait != NULL)
		snprintf(to, sizeof to, "%s at %s", ci->wait, ci->at);
	log_id(LOG_WARN, ci->id, REPORT ", from %s to %s", why, "coroutine",
	    ci->fn, took, used, from, to);
}
