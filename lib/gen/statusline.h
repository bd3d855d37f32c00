/*
 * statusline - status messages for when there is nothing to describe
 *
 * Scanners and readers write messages about what they see; mma.lines
 * (mega_admin, versioned) has messages for the time before and between: a list
 * for each mode and stage, of which one is chosen at random.
 *
 *	{"still": {"queued": ["..."], "scanning": [...], ...}, "video": {...}}
 */
#ifndef MINA_STATUSLINE_H
#define MINA_STATUSLINE_H

#include "base/err.h"

struct cx;

/* *line is NULL when the list has none. */
coroutine_fn enum err statusline_pick(struct cx *, const char *mode,
    const char *stage, const char **line) MUSTCHECK;

#endif
