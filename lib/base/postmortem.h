/*
 * postmortem - where a debugger begins to read a process or its core
 *
 * One struct, found by its symbol or by the text it opens with, that leads
 * to every coroutine, running or waiting, and to the loop.  dev/gdb/mina.py
 * reads it; co.c, loop.c and arena.c keep it, and nothing else writes to it.
 */
#ifndef MINA_POSTMORTEM_H
#define MINA_POSTMORTEM_H

#include <stddef.h>

struct co;

struct post_mortem {
	char		 magic[24];	/* "MINA POST MORTEM 1" */
	const char	*version;	/* of Mina */
	const char	*prog;		/* NULL: not a program of app.c's */
	struct co	*all, **all_tail;	/* alive, oldest first */
	struct co	*running;	/* NULL: the loop, or a callback */
	struct co	*pool;		/* idle stacks */
	size_t		 nlive, npool;
	const void	*loop;		/* the uv_loop_t; NULL: none yet */
	size_t		 narena, arena_bytes;	/* in blocks */
};

extern struct post_mortem mina_post_mortem;

#endif
