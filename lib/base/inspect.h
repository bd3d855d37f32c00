/*
 * inspect - what a running process tells of its coroutines
 */
#ifndef MINA_INSPECT_H
#define MINA_INSPECT_H

#include <stdint.h>

/*
 * Writes a line for each coroutine into the log, whatever MINA_LOG is, and
 * one that counts them.  now is the time by the clock of co_info.
 */
void	 inspect_dump(int64_t now);

#endif
