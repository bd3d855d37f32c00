/*
 * faults - faults that tests order
 *
 * An order names an endpoint, a kind and how often.  The orders of one
 * endpoint are used up in the sequence they came; one whose probability says
 * no lets the request pass unharmed and stays.
 */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/emulator.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_DELAY,		/* answer ms later */
	FAULT_HOLD,		/* done when faults are cleared, or after ms */
	FAULT_STATUS,		/* that status, nothing done unless `after' */
	FAULT_STALL,		/* no answer for ms, then none at all */
	FAULT_MALFORMED,	/* done, but the answer's body is broken */
	FAULT_REFUSED,		/* moderation; a shop that is not ours */
	FAULT_LOST,		/* done, but the connection is dropped */
	FAULT_EXPIRED,		/* the output is gone; the token is too old */
	FAULT_FAILED,		/* the prediction fails; body: why */
	FAULT_FLAWED,		/* the output is no good; body: how */
	/* Of webhooks; there delay, lost and malformed mean them, too. */
	FAULT_DUPLICATE,	/* it comes twice */
	FAULT_REORDER,		/* it comes after the next one */
	FAULT_TAMPERED,		/* its body is not what was signed */
	FAULT_STALE,		/* it was signed a quarter of an hour ago */
	/* Of the shop. */
	FAULT_THROTTLED,	/* the bucket of points is empty */
	FAULT_DENIED,		/* the app lacks an access scope */
	FAULT__MAX
};

struct fault {
	enum fault_kind	 kind;
	int		 status;
	int64_t		 ms;
	bool		 after;		/* with STATUS: work is done first */
	const char	*retry_after;	/* NULL: no such header */
	const char	*body;		/* NULL: the endpoint's own */
};

/* Kind FAULT_NONE when nothing is ordered.  Strings live as long as cx. */
void	 faults_take(struct cx *, enum endpoint, struct fault *);
bool	 faults_pending(enum endpoint);
void	 faults_clear(void);
/* How often that was; it ends FAULT_HOLD. */
unsigned faults_cleared(void);
size_t	 faults_count(void);

/* /_sandbox/faults */
enum err faults_post(struct cx *, struct req *, struct resp *);
enum err faults_list(struct cx *, struct req *, struct resp *);
enum err faults_delete(struct cx *, struct req *, struct resp *);

#endif
