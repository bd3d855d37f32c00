/*
 * arena - allocation in blocks that double, and the list of deferred calls
 *
 * The first block is small, because thousands of generations wait at the same
 * time and each has an arena; later ones double up to BLOCK_MAX, because a
 * page of history would otherwise take forty of them.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/postmortem.h"

#define ARENA_MAGIC	0x4172656e
#define BLOCK_FIRST	2048
#define BLOCK_MAX	32768
#define ALIGN		_Alignof(max_align_t)

struct block {
	struct block	*next;
	size_t		 size;		/* of data */
	size_t		 used;
	_Alignas(max_align_t) unsigned char data[];
};

struct cleanup {
	struct cleanup	*next;
	void		(*fn)(void *);
	void		*arg;
};

struct arena {
	unsigned	 magic;
	struct block	*head;
	struct cleanup	*cleanups;
	size_t		 cap;
	size_t		 used;
	bool		 over;
};

struct arena *
arena_new(size_t cap)
{
	struct arena *a;

	AN(cap);
	XXXAN(a = calloc(1, sizeof *a));
	a->magic = ARENA_MAGIC;
	a->cap = cap;
	mina_post_mortem.narena++;
	return a;
}

static void
run_cleanups(struct arena *a)
{
	struct cleanup *c;

	/* A cleanup may defer another one: take them off one by one. */
	while ((c = a->cleanups) != NULL) {
		a->cleanups = c->next;
		c->fn(c->arg);
	}
}

static void
drop_blocks(struct arena *a, struct block *keep)
{
	struct block *b, *next;

	for (b = a->head; b != NULL; b = next) {
		next = b->next;
		if (b == keep)
			continue;
		mina_post_mortem.arena_bytes -= b->size;
		free(b);
	}
	a->head = keep;
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	CHECK(a, ARENA_MAGIC);
	run_cleanups(a);
	drop_blocks(a, NULL);
	a->magic = 0;
	mina_post_mortem.narena--;
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *keep = NULL;

	CHECK(a, ARENA_MAGIC);
	run_cleanups(a);
#ifndef ARENA_DEBUG
	if (a->head != NULL && a->head->size <= BLOCK_MAX)
		keep = a->head;
#endif
	drop_blocks(a, keep);
	a->used = 0;
	a->over = false;
}

static struct block *
new_block(struct arena *a, size_t size)
{
	struct block *b;

	XXXAN(b = malloc(sizeof *b + size));
	b->size = size;
	b->used = 0;
	b->next = a->head;
	a->head = b;
	mina_post_mortem.arena_bytes += size;
	return b;
}

bool
arena_charge(struct arena *a, size_t n)
{
	CHECK(a, ARENA_MAGIC);
	if (n > a->cap || a->used > a->cap - n) {
		a->over = true;
		if (n > ARENA_LARGE)
			return false;
		if (a->used / 2 > a->cap)
			BUG("arena: twice its cap and still growing");
	}
	a->used += n;
	return true;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b;
	size_t size;
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (n == 0)
		n = ALIGN;
	if (!arena_charge(a, n))
		return NULL;
	b = a->head;
	if (b == NULL || b->size - b->used < n) {
#ifdef ARENA_DEBUG
		size = n;
#else
		size = b == NULL ? BLOCK_FIRST : b->size * 2;
		if (size > BLOCK_MAX)
			size = BLOCK_MAX;
		if (size < n)
			size = n;
#endif
		b = new_block(a, size);
	}
	p = b->data + b->used;
	b->used += n;
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	void *p;

	if ((p = arena_alloc(a, n)) != NULL)
		memset(p, 0, n);
	return p;
}

char *
arena_dupn(struct arena *a, const char *s, size_t len)
{
	char *p;

	if ((p = arena_alloc(a, len + 1)) == NULL)
		return NULL;
	if (len > 0)
		memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

bool
arena_over(const struct arena *a)
{
	CHECK(a, ARENA_MAGIC);
	return a->over;
}

size_t
arena_used(const struct arena *a)
{
	CHECK(a, ARENA_MAGIC);
	return a->used;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct cleanup *c;

	XXXAN(c = arena_alloc(a, sizeof *c));
	c->fn = fn;
	c->arg = arg;
	c->next = a->cleanups;
	a->cleanups = c;
}
