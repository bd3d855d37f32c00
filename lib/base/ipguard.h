/*
 * ipguard - which IP addresses are public (against SSRF), which are one client
 *
 * By IANA's registries of special-purpose addresses (RFC 6890 and its
 * updates): everything that is not globally reachable unicast is refused,
 * also where an IPv6 address contains it (mapped, compatible, NAT64, 6to4,
 * Teredo, ISATAP).
 */
#ifndef MINA_IPGUARD_H
#define MINA_IPGUARD_H

#include <stdbool.h>

struct sockaddr;

bool	 ipguard_public(const struct sockaddr *);

enum ipguard {
	IPGUARD_OK,		/* a public address, or a name */
	IPGUARD_NOT_PUBLIC,
	IPGUARD_FORM,		/* an address not written in full */
};
/*
 * Checks a URL's host (without brackets) before a name is looked up.
 * Resolvers take 127.1, 0x7f000001, 017700000001 and 2130706433 for 127.0.0.1;
 * here an IPv4 address must be four decimal numbers.
 */
enum ipguard ipguard_host(const char *);

/*
 * The network that one client is taken to have, as limits count it: an IPv4
 * address itself, also one that is mapped to IPv6; the /64 of an IPv6 address,
 * because that is the least a subscriber gets (RFC 6177).  *local: this
 * machine.  False, and "" in out, when it is not an address.
 */
#define IPGUARD_NETWORK	48
bool	 ipguard_network(const char *address, char out[IPGUARD_NETWORK],
	    bool *local);

#endif
