/*
 * chores - what a worker does beside generations
 */
#ifndef MINA_CHORES_H
#define MINA_CHORES_H

/* Starts their coroutines; once, before the loop runs. */
void	 chores_start(void);

#endif
