/*
 * lines - what people read while they wait, where nothing was looked at yet
 *
 * The scanners and readers say what they see; mma.lines (mega_admin,
 * versioned) has the words for the moments between: per mode and stage a
 * list, of which one is taken by chance.
 *
 *	{"still": {"queued": ["..."], "scanning": [...], ...}, "video": {...}}
 */
#ifndef MINA_LINES_H
#define MINA_LINES_H

#include "base/err.h"

struct cx;

/* *line stays NULL when there are no words for that moment. */
enum err lines_pick(struct cx *, const char *mode, const char *stage,
    const char **line) MUSTCHECK;

#endif
