/*
 * test-ipguard - public and special addresses
 *
 * Each special range of the IANA registries with its first and last address,
 * and the neighbours just outside.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../unit.h"
#include "base/ipguard.h"

static bool
public(const char *s)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ss;

	if (strchr(s, ':') == NULL) {
		in->sin_family = AF_INET;
		ck_assert_msg(inet_pton(AF_INET, s, &in->sin_addr) == 1,
		    "%s", s);
	} else {
		in6->sin6_family = AF_INET6;
		ck_assert_msg(inet_pton(AF_INET6, s, &in6->sin6_addr) == 1,
		    "%s", s);
	}
	return ipguard_public((struct sockaddr *)&ss);
}

/* The last address before, the first and last inside, the first after;
 * NULL where the neighbour is special too or does not exist. */
static const char *const ranges[][4] = {
	{ NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0" },
	{ "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
	{ "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0" },
	{ "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0" },
	{ "168.63.129.15", "168.63.129.16", "168.63.129.16",
	    "168.63.129.17" },
	{ "169.253.255.255", "169.254.0.0", "169.254.255.255",
	    "169.255.0.0" },
	{ "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0" },
	{ "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0" },
	{ "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0" },
	{ "192.31.195.255", "192.31.196.0", "192.31.196.255",
	    "192.31.197.0" },
	{ "192.52.192.255", "192.52.193.0", "192.52.193.255",
	    "192.52.194.0" },
	{ "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0" },
	{ "192.167.255.255", "192.168.0.0", "192.168.255.255",
	    "192.169.0.0" },
	{ "192.175.47.255", "192.175.48.0", "192.175.48.255",
	    "192.175.49.0" },
	{ "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0" },
	{ "198.51.99.255", "198.51.100.0", "198.51.100.255",
	    "198.51.101.0" },
	{ "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0" },
	{ "223.255.255.255", "224.0.0.0", "239.255.255.255", NULL },
	{ NULL, "240.0.0.0", "255.255.255.255", NULL },

	{ NULL, "::", "::", NULL },			/* unspecified */
	{ NULL, "::1", "::1", NULL },			/* loopback */
	{ NULL, "::ffff:0:0", "::ffff:ffff:ffff", NULL },	/* mapped */
	{ NULL, "64:ff9b::", "64:ff9b::ffff:ffff", NULL },	/* NAT64 */
	{ NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL },	/* discard */
	{ NULL, "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:1::1", "2001:1::3", NULL },
	{ NULL, "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff", NULL },
	{ "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::",
	    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
	{ "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
	    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
	{ "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
	    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
	{ "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::",
	    "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::" },
	{ "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
	    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
	{ NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	/* Outside 2000::/3 nothing is allocated. */
	{ NULL, "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
	{ NULL, "::2", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::" },
};

START_TEST(the_registries)
{
	const char *const *r = ranges[_i];

	ck_assert_msg(!public(r[1]), "first %s", r[1]);
	ck_assert_msg(!public(r[2]), "last %s", r[2]);
	if (r[0] != NULL)
		ck_assert_msg(public(r[0]), "before %s", r[0]);
	if (r[3] != NULL)
		ck_assert_msg(public(r[3]), "after %s", r[3]);
}
END_TEST

START_TEST(well_known)
{
	static const char *const yes[] = { "1.1.1.1", "8.8.8.8",
	    "93.184.216.34", "172.217.0.1", "192.1.0.1", "203.0.112.7",
	    "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450::1",
	    "2001:200::1", NULL };
	static const char *const no[] = { "169.254.169.254", "100.100.100.200",
	    "127.0.0.53", "10.1.2.3", "172.17.0.1", "192.168.1.1", "0.0.0.0",
	    "255.255.255.255", "fd00:ec2::254", "fe80::1", "::1", NULL };

	for (int i = 0; yes[i] != NULL; i++)
		ck_assert_msg(public(yes[i]), "%s", yes[i]);
	for (int i = 0; no[i] != NULL; i++)
		ck_assert_msg(!public(no[i]), "%s", no[i]);
}
END_TEST

/* Refused also where the IPv4 address inside is public. */
START_TEST(hidden_inside_ipv6)
{
	static const char *const no[] = { "::ffff:127.0.0.1",
	    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
	    "::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
	    "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
	    "2002:a9fe:a9fe::1", "2001:0:53aa:64c::80ff:fffe",
	    "::ffff:0:127.0.0.1", "2606:4700::5efe:10.0.0.1",
	    "2606:4700:0:1:200:5efe:127.0.0.1", NULL };
	static const char *const yes[] = { "2606:4700::5eff:a00:1",
	    "2606:4700::1:5efe:a00:1", "2606:4700::100:5efe:a00:1", NULL };

	for (int i = 0; no[i] != NULL; i++)
		ck_assert_msg(!public(no[i]), "%s", no[i]);
	for (int i = 0; yes[i] != NULL; i++)
		ck_assert_msg(public(yes[i]), "%s", yes[i]);
}
END_TEST

/* Hosts as they are in a URL, before a name is looked up. */
START_TEST(hosts)
{
	static const char *const ok[] = { "1.1.1.1", "example.com",
	    "example.com.", "localhost", "a", "1.example", "0x7f.example",
	    "1.2.3.4.example", "127.0.0.1.nip.example", "x0", "0xg", "a.0xg",
	    "0x7f.1.com", "-", "", ".", "2606:4700:4700::1111", NULL };
	static const char *const away[] = { "127.0.0.1", "0.0.0.0",
	    "10.0.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.1",
	    "198.18.0.1", "240.0.0.1", "255.255.255.255", "::1", "::",
	    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
	    "2002:7f00:1::", "fd00::1", "fe80::1", "ff02::1", NULL };
	static const char *const odd[] = { "2130706433", "017700000001",
	    "0x7f000001", "0x7F000001", "0x7f.0.0.1", "0x7f.1", "127.1",
	    "127.0.1", "0", "0x", "0x0", "1.2.3", "1.2.3.4.5", "127.0.0.01",
	    "0177.0.0.1", "127.0.0.1.", "127.0.0.0x1", "256.1.1.1",
	    "1.1.1.256", "4294967297", "1..1", ".1", "a.1", "example.0x7f",
	    "99999999999999999999", ":", "::1::", "12345::", "1:2:3", NULL };

	for (int i = 0; ok[i] != NULL; i++)
		ck_assert_msg(ipguard_host(ok[i]) == IPGUARD_OK, "%s", ok[i]);
	for (int i = 0; away[i] != NULL; i++)
		ck_assert_msg(ipguard_host(away[i]) == IPGUARD_NOT_PUBLIC,
		    "%s", away[i]);
	for (int i = 0; odd[i] != NULL; i++)
		ck_assert_msg(ipguard_host(odd[i]) == IPGUARD_FORM, "%s",
		    odd[i]);
}
END_TEST

START_TEST(other_families)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_storage ss = { 0 };

	ck_assert(!ipguard_public((struct sockaddr *)&un));
	ck_assert(!ipguard_public((struct sockaddr *)&ss));
}
END_TEST

START_TEST(one_client)
{
	static const struct {
		const char *address, *network;
		bool local;
	} of[] = {
		{ "203.0.113.7", "203.0.113.7", false },
		{ "::ffff:203.0.113.7", "203.0.113.7", false },
		{ "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", false },
		{ "2001:db8:1:2:ffff::", "2001:db8:1:2::", false },
		{ "127.0.0.1", "127.0.0.1", true },
		{ "::ffff:127.8.8.8", "127.8.8.8", true },
		{ "::1", "::1", true },
	};
	char out[IPGUARD_NETWORK];
	bool local;

	for (size_t i = 0; i < N_OF(of); i++) {
		ck_assert(ipguard_network(of[i].address, out, &local));
		ck_assert_str_eq(out, of[i].network);
		ck_assert(local == of[i].local);
	}
	ck_assert(!ipguard_network("", out, &local));
	ck_assert(!ipguard_network("unix:", out, &local));
	ck_assert_str_eq(out, "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("guard");
	TCase *tc = unit_case(s, "guard");

	tcase_add_loop_test(tc, the_registries, 0, (int)N_OF(ranges));
	tcase_add_test(tc, well_known);
	tcase_add_test(tc, hidden_inside_ipv6);
	tcase_add_test(tc, hosts);
	tcase_add_test(tc, other_families);
	tcase_add_test(tc, one_client);
	return s;
}

int
main(void)
{
	return unit_main(suite());
}
