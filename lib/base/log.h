/*
 * log - one line per event on stderr, key=value
 *
 *	time=2026-11-26T10:30:00.123Z level=info prog=credits req=8f3c msg="x"
 *
 * If stderr is the journal (sd_journal_stream_fd(3), JOURNAL_STREAM), which
 * has the time already, a syslog priority is in its place, as systemd.exec(5)
 * describes for SyslogLevelPrefix=:
 *
 *	<6>level=info prog=credits req=8f3c msg="x"
 *
 * The request id comes from cx, which may be NULL.  Text from outside is
 * quoted and escaped, so a line is always one line.  Secrets must not be
 * passed in: log_url() cuts them from what may hold one.  Lines are gathered
 * and written once a loop turn; warnings and above at once.  MINA_LOG names
 * the least level written: debug, info, warn, err.
 */
#ifndef MINA_LOG_H
#define MINA_LOG_H

#include <stddef.h>
#include <stdint.h>

struct cx;

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERR, LOG__MAX };

/*
 * Names the program (a constant), and finds out what stderr is.  Until then
 * it is not the journal, and the name is the executable's; NULL means so too.
 */
void	 log_open(const char *prog);
void	 log_level(const char *name);		/* unknown names mean info */
void	 log_flush(void);

void	 log_msg(enum log_level, const struct cx *, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
#define	 log_debug(cx, ...)	log_msg(LOG_DEBUG, cx, __VA_ARGS__)
#define	 log_info(cx, ...)	log_msg(LOG_INFO, cx, __VA_ARGS__)
#define	 log_warn(cx, ...)	log_msg(LOG_WARN, cx, __VA_ARGS__)
#define	 log_err(cx, ...)	log_msg(LOG_ERR, cx, __VA_ARGS__)

/* As log_msg(), for work whose cx is not at hand; reqid may be "". */
void	 log_id(enum log_level, const char *reqid, const char *, ...)
	    __attribute__((format(printf, 3, 4)));
/*
 * A line of level info, written whatever MINA_LOG is: it was asked for.
 * Instead of a message it has fields of the caller's, quoted by the caller.
 */
void	 log_fields(const char *reqid, const char *, ...)
	    __attribute__((format(printf, 2, 3)));
/* For bug_fail(): the last line of a program that aborts. */
void	 log_bug(const char *file, int line, const char *func,
	    const char *what);
/* The access line, without the formatting cost of log_msg(). */
void	 log_access(const struct cx *, const char *method, const char *route,
	    int status, int64_t us, size_t bytes, const char *er);

/* scheme://host/path, the query and any userinfo left out; out is n bytes. */
const char *log_url(const char *url, char *out, size_t n);
/* The same without the path: for addresses that are temporary or not ours. */
const char *log_host(const char *url, char *out, size_t n);

#endif
