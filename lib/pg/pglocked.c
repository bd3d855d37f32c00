/*
 * pglocked - a short list with times
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "io/loop.h"
#include "pg/pglocked.h"

static bool
is(const struct pglocked *l, int i, const char *name)
{
	return strncmp(l->of[i].name, name, sizeof l->of[i].name - 1) == 0;
}

void
pglocked_put(struct pglocked *l, const char *name)
{
	int at = 0;

	if (name == NULL)
		return;
	for (int i = 0; i < PGLOCKED_N; i++) {
		if (is(l, i, name)) {
			at = i;
			break;
		}
		if (l->of[i].until < l->of[at].until)
			at = i;
	}
	snprintf(l->of[at].name, sizeof l->of[at].name, "%s", name);
	l->of[at].until = loop_now() + PGLOCKED_MS;
}

bool
pglocked_has(const struct pglocked *l, const char *name)
{
	if (name != NULL)
		for (int i = 0; i < PGLOCKED_N; i++)
			if (l->of[i].until > loop_now() && is(l, i, name))
				return true;
	return false;
}
