/*
 * confirm - does the sign-in service confirm e-mail addresses?
 *
 * GoTrue says so in its settings (GET MINA_AUTH_URL/settings): with
 * mailer_autoconfirm any address is taken as it was typed, and a password
 * proves nothing about it.  The answer is kept for 10 minutes; after 5 a
 * request starts a fetch in the background.  After a failure it is not
 * asked again for 30 seconds, so that sign-in does not wait for a service
 * that is down.
 */
#ifndef MINA_CONFIRM_H
#define MINA_CONFIRM_H

#include "base/err.h"

struct cx;

enum confirm {
	CONFIRM_UNKNOWN,	/* it cannot be asked: assume nothing */
	CONFIRM_NO,
	CONFIRM_YES,
};

/* May wait for a fetch.  Without MINA_AUTH_URL it is unknown. */
coroutine_fn enum confirm confirm_ask(struct cx *);

#endif
