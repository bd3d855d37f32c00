/*
 * clock - calendar arithmetic, printing and strict parsing of times
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define OFFSET_MAX_H	15
#define FIRST_MS	INT64_C(-62135596800000)	/* 0001-01-01 */
#define LAST_MS		INT64_C(253402300799999)	/* ..of 9999 */

struct civil {
	int	y, m, d, hh, mm, ss, ms;
};

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};
static const char *const days[] = {
	"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
};

static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct civil
civil_from_ms(int64_t ms)
{
	int64_t day = floor_div(ms, 86400000), rest = ms - day * 86400000;
	int64_t z = day + 719468, era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c;

	c.d = (int)(doy - (153 * mp + 2) / 5 + 1);
	c.m = (int)(mp < 10 ? mp + 3 : mp - 9);
	c.y = (int)(yoe + era * 400 + (c.m <= 2));
	c.hh = (int)(rest / 3600000);
	c.mm = (int)(rest / 60000 % 60);
	c.ss = (int)(rest / 1000 % 60);
	c.ms = (int)(rest % 1000);
	return c;
}

static int64_t
ms_from_civil(const struct civil *c)
{
	return ((days_from_civil(c->y, c->m, c->d) * 24 + c->hh) * 60 +
	    c->mm) * 60000 + (int64_t)c->ss * 1000 + c->ms;
}

int64_t
clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_boot(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_rfc3339(int64_t ms, char out[CLOCK_LEN])
{
	struct civil c = civil_from_ms(ms);

	snprintf(out, CLOCK_LEN, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.y,
	    c.m, c.d, c.hh, c.mm, c.ss, c.ms);
}

void
clock_basic(int64_t ms, char out[CLOCK_LEN])
{
	struct civil c = civil_from_ms(ms);

	snprintf(out, CLOCK_LEN, "%04d%02d%02dT%02d%02d%02dZ", c.y, c.m, c.d,
	    c.hh, c.mm, c.ss);
}

void
clock_http(int64_t ms, char out[CLOCK_LEN])
{
	struct civil c = civil_from_ms(ms);
	int64_t day = floor_div(ms, 86400000);

	snprintf(out, CLOCK_LEN, "%s, %02d %s %04d %02d:%02d:%02d GMT",
	    days[((day + 4) % 7 + 7) % 7], c.d, months[c.m - 1], c.y, c.hh,
	    c.mm, c.ss);
}

static bool
plausible(const struct civil *c)
{
	static const int len[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	bool leap = (c->y % 4 == 0 && c->y % 100 != 0) || c->y % 400 == 0;

	/* There is no year 0, nor in Postgres. */
	if (c->y < 1 || c->m < 1 || c->m > 12 || c->d < 1 ||
	    c->d > len[c->m - 1])
		return false;
	if (c->m == 2 && c->d == 29 && !leap)
		return false;
	return c->hh >= 0 && c->hh <= 23 && c->mm >= 0 && c->mm <= 59 &&
	    c->ss >= 0 && c->ss <= 60;
}

/* n digits and nothing else, unlike scanf's; moves *s behind them. */
static bool
digits(const char **s, int n, int *out)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return true;
}

static bool
one_of(const char **s, const char *set)
{
	return **s != '\0' && strchr(set, *(*s)++) != NULL;
}

/* "+04:00", "+0400", "+04", "Z"; Postgres prints the shortest. */
static bool
parse_offset(const char *s, int64_t *ms)
{
	int h, m = 0, sign;

	if ((*s == 'Z' || *s == 'z') && s[1] == '\0') {
		*ms = 0;
		return true;
	}
	if (*s != '+' && *s != '-')
		return false;
	sign = *s++ == '-' ? -1 : 1;
	if (!digits(&s, 2, &h))
		return false;
	if (*s != '\0') {
		if (*s == ':')
			s++;
		if (!digits(&s, 2, &m) || *s != '\0')
			return false;
	}
	/* As Postgres; the largest that is in use is 14 hours. */
	if (h > OFFSET_MAX_H || m > 59)
		return false;
	*ms = sign * (h * 60 + m) * INT64_C(60000);
	return true;
}

bool
clock_parse(const char *s, int64_t *ms)
{
	struct civil c = { 0 };
	int64_t off, at;
	int scale = 100;

	if (s == NULL || !digits(&s, 4, &c.y) || !one_of(&s, "-") ||
	    !digits(&s, 2, &c.m) || !one_of(&s, "-") ||
	    !digits(&s, 2, &c.d) || !one_of(&s, "Tt ") ||
	    !digits(&s, 2, &c.hh) || !one_of(&s, ":") ||
	    !digits(&s, 2, &c.mm) || !one_of(&s, ":") ||
	    !digits(&s, 2, &c.ss))
		return false;
	if (*s == '.') {
		if (s[1] < '0' || s[1] > '9')
			return false;
		for (s++; *s >= '0' && *s <= '9'; s++, scale /= 10)
			c.ms += (*s - '0') * scale;
	}
	if (!plausible(&c) || !parse_offset(s, &off))
		return false;
	at = ms_from_civil(&c) - off;
	/* The offset may lead out of the years that can be printed. */
	if (at < FIRST_MS || at > LAST_MS)
		return false;
	*ms = at;
	return true;
}

bool
clock_parse_http(const char *s, int64_t *ms)
{
	struct civil c = { 0 };
	const char *mon;
	int day = 0;

	if (s == NULL)
		return false;
	while (day < 7 && strncmp(s, days[day], 3) != 0)
		day++;
	if (day == 7)
		return false;
	s += 3;
	if (!one_of(&s, ",") || !one_of(&s, " ") || !digits(&s, 2, &c.d) ||
	    !one_of(&s, " "))
		return false;
	mon = s;
	for (c.m = 1; c.m <= 12; c.m++)
		if (strncmp(mon, months[c.m - 1], 3) == 0)
			break;
	if (c.m > 12)
		return false;
	s += 3;
	if (!one_of(&s, " ") || !digits(&s, 4, &c.y) || !one_of(&s, " ") ||
	    !digits(&s, 2, &c.hh) || !one_of(&s, ":") ||
	    !digits(&s, 2, &c.mm) || !one_of(&s, ":") ||
	    !digits(&s, 2, &c.ss) || strcmp(s, " GMT") != 0 ||
	    !plausible(&c))
		return false;
	*ms = ms_from_civil(&c);
	return true;
}
