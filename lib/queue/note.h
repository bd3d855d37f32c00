/*
 * note - what a worker lacks, for /ready, which another program answers
 *
 * The worker speaks no HTTP, and the program that does may have another PATH or
 * run on another machine, so it could not find out by itself.
 */
#ifndef MINA_NOTE_H
#define MINA_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct cx;

/* Replaces this owner's note; NULL: there is nothing to say. */
coroutine_fn enum err note_put(struct cx *, const char *owner,
    const char *text) MUSTCHECK;
/* Different notes of the last ms; they live as long as cx. */
coroutine_fn enum err note_list(struct cx *, int64_t ms, const char ***,
    size_t *n) MUSTCHECK;

#endif
