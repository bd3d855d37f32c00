/*
 * chat - what chat completions accept
 *
 * The rules a strict server holds a client to, so that a mistake shows in a
 * test and not in production.
 */
#ifndef SANDBOX_CHAT_H
#define SANDBOX_CHAT_H

#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct cx;

struct chat {
	const char	*model;
	const struct cJSON *messages;
	const struct cJSON *schema;	/* NULL: free text */
	int64_t		 max_tokens;	/* 0: no limit */
	const char	*url[32];	/* of the pictures */
	size_t		 nurl;
	size_t		 text;		/* characters in all messages */
};

struct chat_wrong {
	const char	*message;
	const char	*param, *code;	/* or NULL */
};

/* 0, or -1 with what is wrong. */
int	chat_read(struct cx *, const struct cJSON *body, struct chat *,
	    struct chat_wrong *);

#endif
