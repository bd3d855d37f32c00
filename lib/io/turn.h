/*
 * turn - turns at long work of the thread pool
 *
 * loop_work() for what takes a thread longer than a moment: decoding a large
 * picture, or a film.  Such work has half of the threads, so that the others
 * stay for what is short; and one customer (cx->customer; our own work counts
 * as one) has half of those.  What finds no thread waits in order.
 */
#ifndef MINA_TURN_H
#define MINA_TURN_H

#include "base/co.h"

struct cx;

#define turn_work(cx, fn, arg) turn_work_at((cx), (fn), (arg), CO_HERE)
coroutine_fn void turn_work_at(const struct cx *, void (*fn)(void *),
    void *arg, const char *at);

#endif
