/*
 * note - what a worker lacks or meets, for /ready, of another program
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
struct rows;

/* Replaces this owner's note; NULL: there is nothing to say. */
coroutine_fn enum err note_put(struct cx *, const char *owner,
    const char *text) MUSTCHECK;
/* Different notes of the last ms; they live as long as cx. */
coroutine_fn enum err note_list(struct cx *, int64_t ms, const char ***,
    size_t *n) MUSTCHECK;

/*
 * Why a provider does not work for us; NULL: it does again.  There is one note
 * for a provider, whichever worker met it, and it stands for a day.
 */
coroutine_fn enum err note_trouble(struct cx *, const char *provider,
    const char *text) MUSTCHECK;
/* A sentence each, in column 0. */
coroutine_fn enum err note_troubles(struct cx *, const struct rows **)
    MUSTCHECK;

#endif
