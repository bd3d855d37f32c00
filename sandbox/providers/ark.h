/*
 * ark - the emulated BytePlus ModelArk, under /ark/api/v3
 *
 * Pictures are made while the client waits; no job is ever seen.
 */
#ifndef SANDBOX_ARK_H
#define SANDBOX_ARK_H

#include "base/err.h"

struct cx;
struct req;
struct resp;

enum err ark_create(struct cx *, struct req *, struct resp *);
/* The error Ark gives with that status. */
enum err ark_status(struct cx *, struct resp *, int status) MUSTCHECK;

#endif
