/*
 * pgtime - keeps the database's time between replies that have it
 */
#include "config.h"

#include <stdbool.h>

#include "base/clock.h"
#include "base/cx.h"
#include "base/log.h"
#include "pg/pgtime.h"

#define STEP_MS		2000	/* less may be a clock that is slewed */
#define RECENT_MS	600000

static bool	known;
static int64_t	db_ms, at;	/* the database's clock at clock_boot() at */
static int64_t	unsure;		/* ..which is off by this at most */
static int64_t	step, stepped;	/* the last one: by how much, and when */
static unsigned	steps;
static int64_t	ahead, leapt;	/* the last ones forward: together, and when */

static const char *
way(int64_t ms)
{
	return ms < 0 ? "back" : "forward";
}

static long long
seconds(int64_t ms)
{
	return (long long)((ms < 0 ? -ms : ms) + 500) / 1000;
}

void
pgtime_note(int64_t sent, int64_t ms)
{
	int64_t now = clock_boot(), mid = sent + (now - sent) / 2;
	int64_t half = now - mid + 1, off = ms - (db_ms + mid - at);

	if (known && (off < 0 ? -off : off) > STEP_MS + half + unsure) {
		step = off;
		steps++;
		stepped = now;
		if (off > 0) {
			ahead = off + (now - leapt < RECENT_MS ? ahead : 0);
			leapt = now;
		}
		log_warn(NULL, "the database's clock was set %s %lld s",
		    way(off), seconds(off));
	}
	known = true;
	db_ms = ms;
	at = mid;
	unsure = half;
}

int64_t
pgtime_now(void)
{
	return known ? db_ms + clock_boot() - at : clock_now();
}

unsigned
pgtime_steps(void)
{
	return steps;
}

bool
pgtime_calm(int64_t ms, int64_t *out)
{
	*out = pgtime_now();
	if (ahead > 0 && clock_boot() - leapt < ms)
		*out -= ahead;
	return known;
}

const char *
pgtime_stepped(struct cx *cx)
{
	if (step == 0 || clock_boot() - stepped > RECENT_MS)
		return NULL;
	return cx_fmt(cx, "the database's clock was set %s %lld s", way(step),
	    seconds(step));
}

const char *
pgtime_apart(struct cx *cx)
{
	int64_t off = clock_now() - pgtime_now();

	if ((off < 0 ? -off : off) > PGTIME_APART_MS + unsure)
		return cx_fmt(cx, "this machine's clock is %lld s %s the "
		    "database's", seconds(off), off < 0 ? "behind" :
		    "ahead of");
	return NULL;
}
