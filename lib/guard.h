/*
 * guard - which addresses are public
 *
 * From IANA's registries of special-purpose addresses (RFC 6890 and its
 * updates): everything that is not globally reachable unicast is refused,
 * also when it hides in an IPv6 form (mapped, compatible, NAT64, 6to4,
 * Teredo).
 */
#ifndef MINA_GUARD_H
#define MINA_GUARD_H

#include <stdbool.h>

struct sockaddr;

bool	 guard_public(const struct sockaddr *);

#endif
