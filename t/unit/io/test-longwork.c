/*
 * test-longwork - what takes long is done by the thread pool
 *
 * The sum of a large body, and the copy of a film that its decoder reads.
 */
#include "config.h"

#include <sys/mman.h>

#include <stdlib.h>

#include "../unit.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "io/film.h"
#include "io/http.h"
#include "io/s3.h"

#define LARGE	(8 << 20)

static bool	in_pool;
static int	sums, copies;

void __real_crypto_sha256_hex(const void *, size_t, char *);
void __wrap_crypto_sha256_hex(const void *, size_t, char *);
int __real_memfd_create(const char *, unsigned);
int __wrap_memfd_create(const char *, unsigned);
void __wrap_loop_work_at(void (*)(void *), void *, const char *);
void __wrap_turn_work_at(const struct cx *, void (*)(void *), void *,
    const char *);
enum err __wrap_http_do(struct cx *, struct http_call *);

void
__wrap_loop_work_at(void (*fn)(void *), void *arg, const char *at)
{
	(void)at;
	in_pool = true;
	fn(arg);
	in_pool = false;
}

void
__wrap_turn_work_at(const struct cx *mine, void (*fn)(void *), void *arg,
    const char *at)
{
	(void)mine;
	__wrap_loop_work_at(fn, arg, at);
}

void
__wrap_crypto_sha256_hex(const void *p, size_t n, char *hex)
{
	ck_assert(n < LARGE || in_pool);
	sums += n == LARGE;
	__real_crypto_sha256_hex(p, n, hex);
}

int
__wrap_memfd_create(const char *name, unsigned flags)
{
	ck_assert(in_pool);
	copies++;
	return __real_memfd_create(name, flags);
}

enum err
__wrap_http_do(struct cx *mine, struct http_call *call)
{
	call->answer = buf_new(mine, 16);
	call->status = 200;
	return E_OK;
}

START_TEST(sum_of_a_large_body)
{
	void *p = calloc(1, LARGE);

	ck_assert_ptr_nonnull(p);
	setenv("MINA_S3_ENDPOINT", "https://store.example", 1);
	setenv("MINA_S3_BUCKET", "b", 1);
	setenv("MINA_S3_ACCESS_KEY", "a", 1);
	setenv("MINA_S3_SECRET_KEY", "s", 1);
	setenv("MINA_S3_REGION", "auto", 1);
	ck_assert(conf_load());
	ck_assert_int_eq(s3_put(cx, "generations/x.mp4", "video/mp4", p,
	    LARGE), E_OK);
	ck_assert_int_eq(sums, 1);
	free(p);
}
END_TEST

START_TEST(copy_of_a_film)
{
	struct film_info f;

	/* Whether the programs are here does not matter. */
	if (film_try(cx, &f) == E_OK)
		ck_assert_int_eq(f.width, 16);
	ck_assert_int_eq(copies, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("longwork");
	TCase *tc = unit_case(s, "longwork");

	tcase_add_test(tc, sum_of_a_large_body);
	tcase_add_test(tc, copy_of_a_film);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
