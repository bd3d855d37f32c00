/*
 * lines - what people read while they wait, where nothing was looked at yet
 *
 * The scanners and readers say what they see; mma.lines (mega_admin,
 * versioned) has the words for the moments between: per mode and stage a
 * list, of which one is taken by chance.
 *
 *	{"still": {"queued": ["..."], "scanning": [...], ...}, "video": {...}}
 */
#ifndef MINA_STATUSLINE_H
#define MINA_STATUSLINE_H

#include "base/err.h"

struct cx;

/* *line stays NULL when there are no words for that moment. */
enum err statusline_pick(struct cx *, const char *mode, const char *stage,
    const char **line) MUSTCHECK;

#endif
