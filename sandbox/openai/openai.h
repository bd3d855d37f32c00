/*
 * openai - POST /openai/v1/chat/completions
 */
#ifndef SANDBOX_OPENAI_H
#define SANDBOX_OPENAI_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err openai_chat(struct cx *, struct req *, struct resp *);
/* The error OpenAI gives with that status. */
enum err openai_status(struct cx *, struct resp *, int status) MUSTCHECK;

#endif
