/*
 * inspect - what a running process tells of its coroutines
 *
 * A list of them, when asked; and a warning when something holds the loop
 * up: a coroutine or a callback that used the CPU for 50 ms without waiting
 * ("slow"), or took 200 ms of time without the CPU ("starved": the machine
 * is busy, or a call blocks).
 *
 *	inspect_begin(now);
 *	tick(arg);
 *	inspect_called("timer", "tick");
 *	co_enter(co);
 *	inspect_resumed(co_info(co), ...);
 *
 * Each ends where the next begins, so one run costs one reading of the clock
 * (some 25 ns, no system call).  The time of the CPU, a system call, is read
 * at most every 5 ms, so it is accurate to 5 ms.
 */
#ifndef MINA_INSPECT_H
#define MINA_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

struct co_info;

/*
 * Writes a line for each coroutine into the log, whatever MINA_LOG is, and
 * one that counts them.  now is the time by the clock of co_info.
 */
void	 inspect_dump(int64_t now);

/*
 * Something begins, not before now: milliseconds of CLOCK_MONOTONIC, cut.
 * The earlier end of another thing counts if it is later.
 */
void	 inspect_begin(int64_t now);
/* A callback has returned; kind and name are for the log. */
void	 inspect_called(const char *kind, const char *name);
/*
 * A coroutine has stopped, or ended.  wait and at are what co_info had before
 * it was resumed: with what it has now they tell which lines were run.
 */
void	 inspect_resumed(const struct co_info *, const char *wait,
    const char *at, bool ended);

#endif
