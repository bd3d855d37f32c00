/*
 * clock - wall clock times, as milliseconds since 1970-01-01T00:00:00Z
 *
 * For durations and deadlines use loop.h.  JSON has times in RFC 3339, in UTC
 * with milliseconds and `Z'.
 * Dates to days and back: Howard Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms" (the formulas; the code is ours).
 */
#ifndef MINA_CLOCK_H
#define MINA_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_LEN	32		/* fits every format below */

int64_t	 clock_now(void);
/*
 * Milliseconds since the machine started, also while it was suspended: what a
 * lease is measured with.  loop_now() stands still meanwhile.
 */
int64_t	 clock_boot(void);
/* 2026-11-22T10:30:00.000Z */
void	 clock_rfc3339(int64_t ms, char out[CLOCK_LEN]);
/*
 * RFC 3339, and Postgres' "2026-11-22 10:30:00.123+00"; what Postgres takes,
 * too: years 1 to 9999 in UTC, offsets of less than 16 hours.
 */
bool	 clock_parse(const char *, int64_t *ms);
/* 20261122T103000Z, as SigV4 wants it */
void	 clock_basic(int64_t ms, char out[CLOCK_LEN]);
/* Sun, 22 Nov 2026 10:30:00 GMT */
void	 clock_http(int64_t ms, char out[CLOCK_LEN]);
bool	 clock_parse_http(const char *, int64_t *ms);

#endif
