/*
 * err - error codes, and assertions
 *
 * A function that can fail returns enum err and writes its results only on
 * E_OK.  The detail is recorded once, where it is known; err_set() returns
 * its code, so that failing is one expression:
 *
 *	return err_set(cx, E_UPSTREAM, "replicate: http %ld", status);
 *
 * The client sees slug, message and request id; the log sees the detail too.
 * A broken invariant is not an error: BUG(), AN(), AZ() and CHECK() abort, and
 * the supervisor restarts the program.  Never use them on input, on the
 * network or on the database.
 */
#ifndef MINA_ERR_H
#define MINA_ERR_H

#include <stdbool.h>
#include <stdint.h>

/* Marks on functions. */
#define MUSTCHECK	__attribute__((warn_unused_result))
/*
 * May suspend: the coroutine stops in it, and others run before it returns.
 * So it is called from coroutines only, and after it everything shared may
 * have changed.  Pointers to such functions have the mark, too.
 * t/tree/coroutine_fn.sh computes which must have it; dev/coroutine_fns.py
 * defines it otherwise for that.
 */
#ifndef coroutine_fn
#define coroutine_fn
#endif

enum err {
#define ERR(code, http, slug, retry, title, message)	code,
#include "base/err.def"
#undef ERR
	E__MAX
};

struct cx;

/* The last failure, with what the problem+json body may add. */
struct err_info {
	enum err	 code;
	char		 detail[320];	/* for the log */
	char		 say[240];	/* for the client; empty: as err.def */
	char		 field[96];	/* path of the wrong field */
	const char	*reason;	/* a constant, "PORT"; NULL: none */
	int64_t		 needed;	/* with E_NOMATCHA, matcha */
	int64_t		 available;
	int		 retry_after;	/* seconds; 0: none */
	char		 generation[80];	/* id of the one that failed */
};

int		 err_http(enum err);
const char	*err_slug(enum err);
const char	*err_title(enum err);
const char	*err_message(enum err);
const char	*err_name(enum err);		/* "E_UPSTREAM" */
bool		 err_retry(enum err);
enum err	 err_from_slug(const char *);	/* E_BUG when unknown */

enum err err_set(struct cx *, enum err, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* As err_set(), and the text also goes to the client. */
enum err err_say(struct cx *, enum err, const char *, ...)
    __attribute__((format(printf, 3, 4)));
/* E_FIELD; path names the field, the text says what it must be. */
enum err err_field(struct cx *, const char *path, const char *, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Where a client must distinguish causes of one code: reason is a constant in
 * capitals, as stable as the code, and goes to the client.
 *	return err_reason(cx, "PORT", err_set(cx, E_FORBIDDEN, ...));
 */
enum err err_reason(struct cx *, const char *reason, enum err);

_Noreturn void bug_fail(const char *file, int line, const char *func,
    const char *what);

#define BUG(what)	bug_fail(__FILE__, __LINE__, __func__, what)
#define AN(x)		do { if (!(x)) BUG(#x " is zero"); } while (0)
#define AZ(x)		do { if ((x)) BUG(#x " is not zero"); } while (0)
/* Aborts where failure should be handled and is not yet: no memory. */
#define XXXAN(x)	do { if (!(x)) BUG("failed: " #x); } while (0)
#define CHECK(p, m)	do { if ((p) == NULL || (p)->magic != (m)) \
				BUG(#p " is not a live object"); } while (0)

#endif
