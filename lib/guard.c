/*
 * guard - see guard.h
 */
#include "config.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "guard.h"

struct net4 {
	uint32_t	 net;
	int		 bits;
};

/* iana-ipv4-special-registry, plus multicast and class E */
static const struct net4 special4[] = {
	{ 0x00000000,  8 },	/* this network */
	{ 0x0a000000,  8 },	/* private */
	{ 0x64400000, 10 },	/* shared, carrier NAT */
	{ 0x7f000000,  8 },	/* loopback */
	{ 0xa9fe0000, 16 },	/* link local, metadata services */
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

static bool
public6(const unsigned char *a)
{
	/* Only 2000::/3 is global unicast; mapped, ::1, fe80, fc00, ff00,
	 * 64:ff9b::/96 and the rest fall outside it. */
	if ((a[0] & 0xe0) != 0x20)
		return false;
	/* 2001::/23 holds Teredo, ORCHID, benchmarking; nothing we need. */
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 0x02)
		return false;
	if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8)
		return false;		/* documentation */
	if (a[0] == 0x20 && a[1] == 0x02)
		return false;		/* 6to4: an IPv4 address inside */
	if (a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0)
		return false;		/* 3fff::/20, documentation */
	return true;
}

bool
guard_public(const struct sockaddr *sa)
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
