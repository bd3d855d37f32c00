/*
 * authflow - see authflow.h
 */
#include "config.h"

#include "auth/flow.h"
#include "auth/state_log.h"
#include "core/sandbox.h"
#include "core/settings.h"

#define FLOWS_MAX	1000

static struct authflow	*newest;

void
authflow_end(struct authflow *f)
{
	struct authflow **p = &newest;

	while (*p != f)
		p = &(*p)->older;
	*p = f->older;
	free(f->redirect);
	free(f->challenge);
	free(f->method);
	free(f);
}

void
authflow_forget_all(void)
{
	while (newest != NULL)
		authflow_end(newest);
}

struct authflow *
authflow_new(const char *amr, const char *redirect, const char *challenge,
    const char *method)
{
	struct authflow *f;
	int n = 0;

	XXXAN(f = calloc(1, sizeof *f));
	crypto_uuid(f->state);
	f->amr = amr;
	f->redirect = authlog_keep(redirect);
	f->challenge = authlog_keep(challenge);
	f->method = authlog_keep(method);
	f->since = clock_now();
	f->older = newest;
	newest = f;
	for (f = newest; f->older != NULL; f = f->older)
		if (++n >= FLOWS_MAX) {
			authflow_end(f->older);
			break;
		}
	return newest;
}

bool
authflow_expired(const struct authflow *f)
{
	return clock_now() >= f->since + settings.flow_ms;
}

struct authflow *
authflow_by_state(const char *state)
{
	struct authflow *f = newest;

	while (f != NULL && !crypto_str_eq(f->state, state))
		f = f->older;
	return f != NULL && f->user == NULL && !authflow_expired(f) ? f :
	    NULL;
}

struct authflow *
authflow_by_code(const char *code)
{
	struct authflow *f = newest;

	while (f != NULL && (f->user == NULL || !crypto_str_eq(f->code, code)))
		f = f->older;
	return f;
}

void
authflow_arrive(struct authflow *f, struct authuser *u)
{
	crypto_uuid(f->code);
	f->user = u;
	f->since = clock_now();
}

bool
authflow_verify(struct cx *cx, const struct authflow *f, const char *verifier)
{
	unsigned char md[SHA256_LEN];

	if (str_ieq(f->method, "plain"))
		return crypto_str_eq(f->challenge, verifier);
	crypto_sha256(verifier, strlen(verifier), md);
	return crypto_str_eq(f->challenge, encode_base64url(cx, md, sizeof md));
}
