/*
 * behaviour - how the emulated world behaves
 *
 * Read everywhere, set by POST /_sandbox/settings only, and not kept over a
 * restart.  Times are in milliseconds where their names end in _ms.
 */
#ifndef SANDBOX_BEHAVIOUR_H
#define SANDBOX_BEHAVIOUR_H

#include <stdbool.h>
#include <stdint.h>

struct settings {
	int64_t	 predict_ms;	/* least time from create to succeeded */
	int64_t	 film_ms;	/* the same of films; -1: as the others */
	int64_t	 openai_ms;	/* least time of a completion */
	int64_t	 keep_ms;	/* outputs are deleted that long after */
	int64_t	 output_rate;	/* bytes a second of new outputs; 0: any */
	int64_t	 mail_ms;	/* from one mail to the next to an address */
	int64_t	 code_ms;	/* how long codes and links of mails are good */
	int64_t	 flow_ms;	/* the same of a sign-in through a browser */
	int64_t	 reuse_ms;	/* a used refresh token stays valid that long */
	int64_t	 token_s;	/* lifetime of access tokens, in seconds */
	bool	 anonymous;	/* anonymous sign-ins are allowed */
	bool	 signup;	/* new users are allowed */
	bool	 autoconfirm;	/* e-mail addresses count without proof */
	bool	 fast;		/* half the detail in pictures */
	bool	 instant;	/* one stored output for each size, at once */
	bool	 hold;		/* predictions stay as they are */
	int64_t	 log_kb;	/* of a prediction's log, where it has one */
	const char *format;	/* of stills: "png" or "jpg" */
	int64_t	 shop_retry_ms;	/* first pause between webhooks; then doubled */
	int64_t	 shop_token_s;	/* lifetime of Admin API tokens, in seconds */
	int64_t	 shop_points;	/* size of the Admin API's bucket */
};

extern struct settings settings;

#endif
