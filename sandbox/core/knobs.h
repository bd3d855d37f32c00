/*
 * knobs - how the emulated world behaves, until told otherwise
 *
 * Read everywhere, set by POST /_sandbox/settings only.  They are not kept
 * over a restart: a fresh sandbox is an ordinary one.
 */
#ifndef SANDBOX_KNOBS_H
#define SANDBOX_KNOBS_H

#include <stdbool.h>
#include <stdint.h>

struct knobs {
	int64_t	 predict_ms;	/* least time from create to succeeded */
	int64_t	 film_ms;	/* the same of films; -1: as the others */
	int64_t	 openai_ms;	/* least time of a completion */
	int64_t	 keep_ms;	/* outputs are deleted that long after */
	int64_t	 mail_ms;	/* from one mail to the next to an address */
	int64_t	 code_ms;	/* what a mail says is good for so long */
	int64_t	 flow_ms;	/* and a sign-in through a browser */
	int64_t	 reuse_ms;	/* a used refresh token is forgiven */
	int64_t	 token_s;	/* lifetime of access tokens, in seconds */
	bool	 anonymous;	/* people may sign in without an address */
	bool	 signup;	/* newcomers are let in */
	bool	 fast;		/* half the detail in pictures */
	bool	 instant;	/* one stored output for each size, at once */
	bool	 hold;		/* predictions stay as they are */
	bool	 jpg;		/* outputs are out.jpg instead of out.png */
	int64_t	 shop_retry_ms;	/* the shop's first pause; then doubled */
	int64_t	 shop_token_s;	/* how long its Admin API tokens are good */
	int64_t	 shop_points;	/* size of the Admin API's bucket */
};

extern struct knobs knobs;

void	knobs_reset(void);

#endif
