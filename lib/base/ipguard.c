/*
 * ipguard - the tables of special-purpose networks, and the lookup in them
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/ipguard.h"

struct net4 {
	uint32_t	 net;
	int		 bits;
};

/*
 * iana-ipv4-special-registry plus multicast.  Its globally reachable entries
 * are refused as well: they are anycast addresses that serve no pictures.
 */
static const struct net4 special4[] = {
	{ 0x00000000,  8 },	/* this network */
	{ 0x0a000000,  8 },	/* private */
	{ 0x64400000, 10 },	/* shared, carrier NAT */
	{ 0x7f000000,  8 },	/* loopback */
	{ 0xa9fe0000, 16 },	/* link local, metadata services */
	{ 0xa83f8110, 32 },	/* a cloud's host service, in no registry */
	{ 0xac100000, 12 },	/* private */
	{ 0xc0000000, 24 },	/* protocol assignments */
	{ 0xc0000200, 24 },	/* TEST-NET-1 */
	{ 0xc01fc400, 24 },	/* AS112 */
	{ 0xc034c100, 24 },	/* AMT */
	{ 0xc0586300, 24 },	/* 6to4 relay anycast */
	{ 0xc0a80000, 16 },	/* private */
	{ 0xc0af3000, 24 },	/* AS112 direct delegation */
	{ 0xc6120000, 15 },	/* benchmarking */
	{ 0xc6336400, 24 },	/* TEST-NET-2 */
	{ 0xcb007100, 24 },	/* TEST-NET-3 */
	{ 0xe0000000,  4 },	/* multicast */
	{ 0xf0000000,  4 },	/* reserved, broadcast */
};

static bool
public4(uint32_t ip)
{
	for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++) {
		uint32_t mask = ~UINT32_C(0) << (32 - special4[i].bits);

		if ((ip & mask) == special4[i].net)
			return false;
	}
	return true;
}

struct net6 {
	unsigned char	 net[6];
	int		 bits;
};

/*
 * iana-ipv6-special-registry within 2000::/3, which alone is global unicast:
 * mapped and compatible addresses, ::1, NAT64 (64:ff9b::), 100::, 5f00::,
 * fc00::, fe80::, fec0:: and ff00:: are outside of it.
 */
static const struct net6 special6[] = {
	/* Teredo, ORCHID, benchmarking, AMT, anycast: nothing we need. */
	{ { 0x20, 0x01, 0x00 }, 23 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },	/* documentation */
	{ { 0x20, 0x02 }, 16 },			/* 6to4: IPv4 inside */
	{ { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 }, 48 },	/* AS112 */
	{ { 0x3f, 0xff, 0x00 }, 20 },		/* documentation */
};

static bool
inside6(const unsigned char *a, const struct net6 *n)
{
	int whole = n->bits / 8, rest = n->bits % 8;

	return memcmp(a, n->net, (size_t)whole) == 0 && (rest == 0 ||
	    (a[whole] ^ n->net[whole]) >> (8 - rest) == 0);
}

static bool
public6(const unsigned char *a)
{
	if ((a[0] & 0xe0) != 0x20)
		return false;
	for (size_t i = 0; i < sizeof special6 / sizeof *special6; i++)
		if (inside6(a, &special6[i]))
			return false;
	/* ISATAP (RFC 5214): an IPv4 address in the interface identifier. */
	return (a[8] & 0xfd) != 0 || a[9] != 0 || a[10] != 0x5e ||
	    a[11] != 0xfe;
}

bool
ipguard_public(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		return public4(ntohl(in.sin_addr.s_addr));
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		return public6(in6.sin6_addr.s6_addr);
	}
	return false;
}

/*
 * The "ends in a number checker" of the URL Standard: such a host is an IPv4
 * address in some notation, and never a name.
 */
static bool
ends_in_number(const char *host)
{
	size_t end = strlen(host), start, n;
	const char *s;

	if (end > 0 && host[end - 1] == '.')
		end--;
	for (start = end; start > 0 && host[start - 1] != '.'; start--)
		;
	s = host + start;
	n = end - start;
	if (n >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return strspn(s + 2, "0123456789abcdefABCDEF") >= n - 2;
	return n > 0 && strspn(s, "0123456789") >= n;
}

enum ipguard
ipguard_host(const char *host)
{
	struct in6_addr in6;
	struct in_addr in;

	if (strchr(host, ':') != NULL)
		return inet_pton(AF_INET6, host, &in6) != 1 ? IPGUARD_FORM :
		    public6(in6.s6_addr) ? IPGUARD_OK : IPGUARD_NOT_PUBLIC;
	if (!ends_in_number(host))
		return IPGUARD_OK;
	/* inet_pton() wants four decimal numbers without leading zeros. */
	return inet_pton(AF_INET, host, &in) != 1 ? IPGUARD_FORM :
	    public4(ntohl(in.s_addr)) ? IPGUARD_OK : IPGUARD_NOT_PUBLIC;
}

bool
ipguard_network(const char *address, char out[IPGUARD_NETWORK], bool *local)
{
	struct in6_addr in6;
	struct in_addr in;

	*local = false;
	out[0] = '\0';
	if (inet_pton(AF_INET6, address, &in6) == 1) {
		if (!IN6_IS_ADDR_V4MAPPED(&in6)) {
			*local = IN6_IS_ADDR_LOOPBACK(&in6);
			if (!*local)
				memset(in6.s6_addr + 8, 0, 8);
			AN(inet_ntop(AF_INET6, &in6, out, IPGUARD_NETWORK));
			return true;
		}
		memcpy(&in, in6.s6_addr + 12, sizeof in);
	} else if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	*local = ntohl(in.s_addr) >> 24 == IN_LOOPBACKNET;
	AN(inet_ntop(AF_INET, &in, out, IPGUARD_NETWORK));
	return true;
}
