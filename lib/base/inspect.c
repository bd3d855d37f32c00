/*
 * inspect - lists the coroutines in the log
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/co.h"
#include "base/inspect.h"
#include "base/log.h"
#include "base/postmortem.h"

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
