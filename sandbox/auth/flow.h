/*
 * authflow - sign-ins that go through a browser and come back with a code
 *
 * A flow begins at /authorize and waits for the person, or begins when a
 * link in a mail was followed; then it has a user and a code, which is worth
 * a session for settings.flow_ms, once, to who holds the verifier (PKCE,
 * RFC 7636).  Flows are in memory only: a restart loses them, and people
 * begin again.
 */
#ifndef SANDBOX_FLOW_H
#define SANDBOX_FLOW_H

#include <stdbool.h>
#include <stdint.h>
#include "base/crypto.h"


struct authuser;
struct cx;

struct authflow {
	char		 state[UUID_LEN];
	char		 code[UUID_LEN];	/* "" until somebody is there */
	struct authuser	*user;
	const char	*amr;			/* "oauth", "otp" */
	char		*redirect;
	char		*challenge, *method;	/* "" without PKCE */
	int64_t		 since;
	struct authflow	*older;
};

/* All of these are copied, but for amr. */
struct authflow *authflow_new(const char *amr, const char *redirect,
	    const char *challenge, const char *method);
/* Still waiting for its person; NULL when unknown, too old or over. */
struct authflow *authflow_by_state(const char *state);
struct authflow *authflow_by_code(const char *code);
bool	 authflow_expired(const struct authflow *);
/* Somebody is there: from now on it has a code. */
void	 authflow_arrive(struct authflow *, struct authuser *);
bool	 authflow_verify(struct cx *, const struct authflow *,
	    const char *verifier);
void	 authflow_end(struct authflow *);
void	 authflow_forget_all(void);

#endif
