/*
 * guard - which addresses are public
 *
 * From IANA's registries of special-purpose addresses (RFC 6890 and its
 * updates): everything that is not globally reachable unicast is refused,
 * also when it hides in an IPv6 form (mapped, compatible, NAT64, 6to4,
 * Teredo, ISATAP).
 */
#ifndef MINA_IPGUARD_H
#define MINA_IPGUARD_H

#include <stdbool.h>

struct sockaddr;

bool	 ipguard_public(const struct sockaddr *);

enum guard {
	GUARD_OK,		/* a public address, or a name */
	GUARD_NOT_PUBLIC,
	GUARD_ODD,		/* a number, but not four plain decimals */
};
/*
 * What can be said of a URL's host (no brackets) before it is looked up.
 * Resolvers take 127.1, 0x7f000001, 017700000001 and 2130706433 for 127.0.0.1;
 * honest addresses are written in full.
 */
enum guard ipguard_host(const char *);

#endif
