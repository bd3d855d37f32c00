/*
 * derive - identifiers that follow from what they name
 */
#ifndef SANDBOX_STABLE_ID_H
#define SANDBOX_STABLE_ID_H

#include <stddef.h>
#include "base/crypto.h"


/* The same for the same bytes; `kind' keeps apart what is not alike. */
void	derive_uuid(const char *kind, const void *, size_t,
	    char out[UUID_LEN]);

#endif
