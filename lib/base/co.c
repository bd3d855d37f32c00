/*
 * co - coroutines: stacks, the switch between them, and the list of them all
 *
 * _FORTIFY_SOURCE is off in this file only: its longjmp check takes a jump
 * to another stack for a corrupted one.  It must go before any header.
 */
#undef _FORTIFY_SOURCE
#include "config.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/co.h"
#include "base/err.h"
#include "base/postmortem.h"

#if defined(__SANITIZE_ADDRESS__)
#define CO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CO_ASAN 1
#endif
#endif
#ifdef CO_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef HAVE_VALGRIND_H
#include <valgrind/valgrind.h>
#endif

#ifdef CO_ASAN
#define CO_STACK	(512 * 1024)	/* redzones make frames fat */
#else
#define CO_STACK	(128 * 1024)
#endif
#define POOL_MAX	256		/* idle stacks kept warm */

struct co {
	sigjmp_buf	 here;		/* where it stopped */
	sigjmp_buf	 back;		/* where its enterer stands */
	coroutine_fn void (*fn)(void *);
	void		*arg;
	unsigned char	*map;		/* guard page, then the stack */
	struct co	*next, **prev;	/* among the living, or in the pool */
	struct co	*enterer;
	struct co_info	 info;
	int		 started;
	int		 done;
	unsigned	 vgid;
#ifdef CO_ASAN
	void		*fake, *back_fake;
	const void	*back_stack;
	size_t		 back_size;
#endif
};

static struct post_mortem *const pm = &mina_post_mortem;
static size_t page;

static struct co *
map_stack(void)
{
	struct co *co;

	if (page == 0)
		page = (size_t)sysconf(_SC_PAGESIZE);
	XXXAN(co = calloc(1, sizeof *co));
	co->map = mmap(NULL, page + CO_STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	XXXAN(co->map != MAP_FAILED);
	XXXAN(mprotect(co->map, page, PROT_NONE) == 0);
#ifdef CO_ASAN
	/* What only a waiting coroutine points to is not leaked. */
	__lsan_register_root_region(co->map + page, CO_STACK);
#endif
#ifdef HAVE_VALGRIND_H
	co->vgid = VALGRIND_STACK_REGISTER(co->map + page,
	    co->map + page + CO_STACK);
#endif
	return co;
}

static void
unmap_stack(struct co *co)
{
#ifdef CO_ASAN
	__lsan_unregister_root_region(co->map + page, CO_STACK);
#endif
#ifdef HAVE_VALGRIND_H
	VALGRIND_STACK_DEREGISTER(co->vgid);
#endif
	munmap(co->map, page + CO_STACK);
	free(co);
}

#ifdef CO_ASAN
/* Announce the switch; `gone' when nothing will return to this stack. */
static void
asan_leave(void **fake, int gone, const void *stack, size_t size)
{
	__sanitizer_start_switch_fiber(gone ? NULL : fake, stack, size);
}
#endif

static void
back_to_enterer(struct co *co)
{
#ifdef CO_ASAN
	asan_leave(&co->fake, co->done, co->back_stack, co->back_size);
#endif
	siglongjmp(co->back, 1);
}

/* makecontext() passes ints only, so a pointer travels as two of them. */
static coroutine_fn void
trampoline(unsigned hi, unsigned lo)
{
	struct co *co = (struct co *)((uintptr_t)hi << 32 | (uintptr_t)lo);

#ifdef CO_ASAN
	__sanitizer_finish_switch_fiber(NULL, &co->back_stack,
	    &co->back_size);
#endif
	for (;;) {
		co->fn(co->arg);
		co->done = 1;
#ifdef CO_ASAN
		back_to_enterer(co);
#else
		/*
		 * Taken from the pool it goes on here with its next function:
		 * a new ucontext would cost two system calls.
		 */
		if (sigsetjmp(co->here, 0) == 0)
			back_to_enterer(co);
#endif
	}
}

/*
 * This frame is never returned through: the coroutine jumps past it, back
 * into co_enter().  Redzones laid around its variables would stay behind.
 */
#ifdef CO_ASAN
__attribute__((no_sanitize("address")))
#endif
static void
first_entry(struct co *co)
{
	static ucontext_t junk;
	ucontext_t uc;
	uintptr_t p = (uintptr_t)co;

	XXXAN(getcontext(&uc) == 0);
	uc.uc_stack.ss_sp = co->map + page;
	uc.uc_stack.ss_size = CO_STACK;
	uc.uc_link = NULL;
	makecontext(&uc, (void (*)(void))(uintptr_t)trampoline, 2,
	    (unsigned)(p >> 32), (unsigned)(p & 0xffffffff));
	co->started = 1;
	swapcontext(&junk, &uc);
}

struct co *
co_make(coroutine_fn void (*fn)(void *), void *arg, const char *name,
    const char *from)
{
	struct co *co;

	if ((co = pm->pool) != NULL) {
		pm->pool = co->next;
		pm->npool--;
#ifdef CO_ASAN
		/* The last user left its frames without returning. */
		ASAN_UNPOISON_MEMORY_REGION(co->map + page, CO_STACK);
#endif
	} else
		co = map_stack();
	co->fn = fn;
	co->arg = arg;
#ifdef CO_ASAN
	co->started = 0;	/* its fake stack went with its last function */
#endif
	co->done = 0;
	co->info = (struct co_info){ .fn = name, .from = from };
	co->next = NULL;
	co->prev = pm->all_tail;
	*pm->all_tail = co;
	pm->all_tail = &co->next;
	pm->nlive++;
	return co;
}

/*
 * Into the pool, and if that is full another goes: the one that just ended
 * may still be asked what it was.
 */
static void
retire(struct co *co)
{
	struct co *old;

	if ((*co->prev = co->next) != NULL)
		co->next->prev = co->prev;
	else
		pm->all_tail = co->prev;
	pm->nlive--;
	if (pm->npool >= POOL_MAX) {
		old = pm->pool;
		pm->pool = old->next;
		pm->npool--;
		unmap_stack(old);
	}
	co->next = pm->pool;
	pm->pool = co;
	pm->npool++;
}

bool
co_enter(struct co *co)
{
	AN(co != pm->running);
	AZ(co->done);
	co->enterer = pm->running;
	pm->running = co;
	if (sigsetjmp(co->back, 0) == 0) {
#ifdef CO_ASAN
		asan_leave(&co->back_fake, 0, co->map + page, CO_STACK);
#endif
		if (co->started)
			siglongjmp(co->here, 1);
		first_entry(co);
		BUG("a coroutine came back the wrong way");
	}
#ifdef CO_ASAN
	__sanitizer_finish_switch_fiber(co->back_fake, NULL, NULL);
#endif
	pm->running = co->enterer;
	if (!co->done)
		return true;
	retire(co);
	return false;
}

coroutine_fn void
co_yield(void)
{
	struct co *co = pm->running;

	AN(co != NULL);
	if (sigsetjmp(co->here, 0) == 0)
		back_to_enterer(co);
#ifdef CO_ASAN
	__sanitizer_finish_switch_fiber(co->fake, &co->back_stack,
	    &co->back_size);
#endif
}

struct co *
co_self(void)
{
	return pm->running;
}

size_t
co_count(void)
{
	return pm->nlive;
}

void
co_drain(void)
{
	struct co *co;

	while ((co = pm->pool) != NULL) {
		pm->pool = co->next;
		unmap_stack(co);
	}
	pm->npool = 0;
}

/* --- what they are */

struct co_info *
co_info(struct co *co)
{
	return &co->info;
}

void
co_label(const char *id, const char *work)
{
	struct co_info *ci;
	size_t n;

	if (pm->running == NULL)
		return;
	ci = &pm->running->info;
	ci->work = work;
	n = strnlen(id, sizeof ci->id - 1);
	memcpy(ci->id, id, n);
	ci->id[n] = '\0';
}

void
co_each(void (*fn)(void *, struct co *), void *arg)
{
	for (struct co *co = pm->all; co != NULL; co = co->next)
		fn(arg, co);
}
