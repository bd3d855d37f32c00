/*
 * derive - see derive.h
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/encode.h"
#include "core/stable_id.h"

void
derive_uuid(const char *kind, const void *data, size_t n, char out[UUID_LEN])
{
	unsigned char md[SHA256_LEN];
	char hex[SHA256_HEX];

	crypto_hmac(kind, strlen(kind), data, n, md);
	/* They look like those that GoTrue draws: version 4. */
	md[6] = (unsigned char)((md[6] & 0x0f) | 0x40);
	md[8] = (unsigned char)((md[8] & 0x3f) | 0x80);
	encode_hex(md, sizeof md, hex);
	snprintf(out, UUID_LEN, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
	    hex + 12, hex + 16, hex + 20);
}
