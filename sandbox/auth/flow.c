/* flow - sign-ins through a browser, in memory */
#include "config.h"

#include "auth/state.h"
#include "core/service.h"

#define FLOWS_MAX	1000

static struct auth_flow	*newest;

void
auth_flow_end(struct auth_flow *f)
{
	struct auth_flow **p = &newest;

	while (*p != f)
		p = &(*p)->older;
	*p = f->older;
	free(f->redirect);
	free(f->challenge);
	free(f->method);
	free(f);
}

void
auth_flow_forget_all(void)
{
	while (newest != NULL)
		auth_flow_end(newest);
}

struct auth_flow *
auth_flow_new(const char *amr, const char *redirect, const char *challenge,
    const char *method)
{
	struct auth_flow *f;
	int n = 0;

	XXXAN(f = calloc(1, sizeof *f));
	crypto_uuid(f->state);
	f->amr = amr;
	f->redirect = keep(redirect);
	f->challenge = keep(challenge);
	f->method = keep(method);
	f->since = clock_now();
	f->older = newest;
	newest = f;
	for (f = newest; f->older != NULL; f = f->older)
		if (++n >= FLOWS_MAX) {
			auth_flow_end(f->older);
			break;
		}
	return newest;
}

bool
auth_flow_expired(const struct auth_flow *f)
{
	return clock_now() >= f->since + settings.flow_ms;
}

struct auth_flow *
auth_flow_by_state(const char *state)
{
	struct auth_flow *f = newest;

	while (f != NULL && !crypto_str_eq(f->state, state))
		f = f->older;
	return f != NULL && f->user == NULL && !auth_flow_expired(f) ? f :
	    NULL;
}

struct auth_flow *
auth_flow_by_code(const char *code)
{
	struct auth_flow *f = newest;

	while (f != NULL && (f->user == NULL || !crypto_str_eq(f->code, code)))
		f = f->older;
	return f;
}

void
auth_flow_arrive(struct auth_flow *f, struct auth_user *u)
{
	crypto_uuid(f->code);
	f->user = u;
	f->since = clock_now();
}

bool
auth_flow_verify(struct cx *cx, const struct auth_flow *f, const char *verifier)
{
	unsigned char md[SHA256_LEN];

	if (str_ieq(f->method, "plain"))
		return crypto_str_eq(f->challenge, verifier);
	crypto_sha256(verifier, strlen(verifier), md);
	return crypto_str_eq(f->challenge, encode_base64url(cx, md, sizeof md));
}
