/*
 * log - one line per event on stderr, key=value
 *
 *	level=info prog=credits req=8f3c msg="started"
 *
 * The program and the request id come from cx (which may be NULL).  Values
 * that people send are quoted and escaped, so a line is always one line.
 * Secrets must not be passed in: redact with log_url() what may hold one.
 * Lines are gathered and written once a loop turn; warnings and above at
 * once.  MINA_LOG names the least level written: debug, info, warn, err.
 */
#ifndef MINA_LOG_H
#define MINA_LOG_H

#include <stddef.h>
#include <stdint.h>

struct cx;

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERR, LOG__MAX };

void	 log_level(const char *name);		/* unknown names mean info */
void	 log_flush(void);

void	 log_msg(enum log_level, const struct cx *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
#define	 log_debug(cx, ...)	log_msg(LOG_DEBUG, cx, __VA_ARGS__)
#define	 log_info(cx, ...)	log_msg(LOG_INFO, cx, __VA_ARGS__)
#define	 log_warn(cx, ...)	log_msg(LOG_WARN, cx, __VA_ARGS__)
#define	 log_err(cx, ...)	log_msg(LOG_ERR, cx, __VA_ARGS__)

/* The access line, without the formatting cost of log_msg(). */
void	 log_access(const struct cx *, const char *method, const char *route,
	    int status, int64_t us, size_t bytes, const char *er);

/* scheme://host/path, the query and any userinfo left out; out is n bytes. */
const char *log_url(const char *url, char *out, size_t n);

#endif
