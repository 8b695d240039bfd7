/* SPDX-License-Identifier: MIT */
/*
 * Messages as rtnetlink(7) has them, and what the kernel makes of them.
 */
#include "tests/unit/plugs/netns.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "plugs/priv_rtnl.h"

static struct net net_of(const char *text)
{
	struct net net;

	assert_true(net_parse(text, &net, NULL));
	return net;
}

static struct net addr_of(const char *text)
{
	struct net net;

	assert_true(net_parse_addr(text, &net, NULL));
	return net;
}

/* The attribute `type` behind len bytes of attributes, or NULL. */
static const struct rtattr *attr(const void *first, size_t len, int type)
{
	const unsigned char *at = first; /* aligned as the kernel wants it */

	while (len >= sizeof(struct rtattr)) {
		const struct rtattr *a = (const void *)at;
		size_t step = RTA_ALIGN((size_t)a->rta_len);

		assert_true(a->rta_len >= sizeof(*a) && a->rta_len <= len);
		if (a->rta_type == type)
			return a;
		at += step;
		len -= step < len ? step : len;
	}
	return NULL;
}

/* Asserts what a message's attribute `type`, behind `skip` bytes, is. */
static void assert_attr(const union rtnl_msg *msg, size_t skip, int type,
			const void *data, size_t len)
{
	size_t at = NLMSG_LENGTH(NLMSG_ALIGN(skip));
	const struct rtattr *a =
		attr(msg->bytes + at, msg->header.nlmsg_len - at, type);

	assert_non_null(a);
	assert_int_equal(RTA_PAYLOAD(a), len);
	assert_memory_equal(RTA_DATA(a), data, len);
}

static void addresses(void **state)
{
	struct net net = net_of("10.1.2.3/24"), net6 = net_of("2001:db8::1/64");
	union rtnl_msg msg;
	const struct ifaddrmsg *info = NLMSG_DATA(&msg.header);

	rtnl_addr_new(&msg, 7, &net);
	assert_int_equal(msg.header.nlmsg_type, RTM_NEWADDR);
	assert_int_equal(info->ifa_family, AF_INET);
	assert_int_equal(info->ifa_prefixlen, 24);
	assert_int_equal(info->ifa_index, 7);
	assert_int_equal(info->ifa_flags, 0);
	assert_attr(&msg, sizeof(*info), IFA_LOCAL, "\x0a\x01\x02\x03", 4);
	rtnl_addr_new(&msg, 7, &net6);
	assert_int_equal(info->ifa_family, AF_INET6);
	assert_int_equal(info->ifa_flags, IFA_F_NODAD);
	assert_attr(&msg, sizeof(*info), IFA_LOCAL, net6.addr, 16);
}

/* The value of attribute `type` among those in a, or NULL. */
static const void *inner(const struct rtattr *a, int type, size_t len)
{
	const struct rtattr *found = attr(RTA_DATA(a), RTA_PAYLOAD(a), type);

	assert_non_null(found);
	assert_int_equal(RTA_PAYLOAD(found), len);
	return RTA_DATA(found);
}

static void vlans(void **state)
{
	const uint32_t parent = 7;
	const uint16_t vid = 4094;
	union rtnl_msg msg;
	const struct rtattr *info, *data;
	size_t at = NLMSG_LENGTH(sizeof(struct ifinfomsg));

	rtnl_vlan_new(&msg, parent, "eth0.4094", vid);
	assert_int_equal(msg.header.nlmsg_type, RTM_NEWLINK);
	assert_int_equal(msg.header.nlmsg_flags,
			 NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_attr(&msg, sizeof(struct ifinfomsg), IFLA_LINK, &parent, 4);
	assert_attr(&msg, sizeof(struct ifinfomsg), IFLA_IFNAME, "eth0.4094",
		    sizeof("eth0.4094"));
	info = attr(msg.bytes + at, msg.header.nlmsg_len - at,
		    IFLA_LINKINFO | NLA_F_NESTED);
	assert_non_null(info);
	assert_memory_equal(inner(info, IFLA_INFO_KIND, 4), "vlan", 4);
	data = attr(RTA_DATA(info), RTA_PAYLOAD(info),
		    IFLA_INFO_DATA | NLA_F_NESTED);
	assert_non_null(data);
	assert_memory_equal(inner(data, IFLA_VLAN_ID, 2), &vid, 2);
}

static void routes(void **state)
{
	struct net to = net_of("10.9.0.0/16"), via = addr_of("10.1.2.254");
	const struct net everything = {.bits = 0};
	const uint32_t index = 7;
	union rtnl_msg msg;
	const struct rtmsg *info = NLMSG_DATA(&msg.header);
	size_t at = NLMSG_LENGTH(sizeof(*info));

	rtnl_route_new(&msg, index, &to, &via);
	assert_int_equal(msg.header.nlmsg_type, RTM_NEWROUTE);
	assert_int_equal(info->rtm_dst_len, 16);
	assert_attr(&msg, sizeof(*info), RTA_DST, "\x0a\x09\x00\x00", 4);
	assert_attr(&msg, sizeof(*info), RTA_GATEWAY, via.addr, 4);
	assert_attr(&msg, sizeof(*info), RTA_OIF, &index, 4);
	rtnl_route_new(&msg, index, &everything, &via);
	assert_int_equal(info->rtm_dst_len, 0);
	assert_null(attr(msg.bytes + at, msg.header.nlmsg_len - at, RTA_DST));
}

/* What a command prints is what it should. */
static void assert_shows(const char *command, const char *says)
{
	char text[1024];
	FILE *out = popen(command, "r");
	size_t n;

	assert_non_null(out);
	n = fread(text, 1, sizeof(text) - 1, out);
	text[n] = '\0';
	(void)pclose(out);
	if (!strstr(text, says))
		fail_msg("%s: no '%s' in: %s", command, says, text);
}

static void the_kernel_understands(void **state)
{
	struct net net = net_of("10.1.2.3/24"), net6 = net_of("2001:db8::1/64");
	struct net to = net_of("10.9.0.0/16"), via = addr_of("10.1.2.254");
	struct net bad = addr_of("10.200.0.1");
	unsigned index;
	union rtnl_msg msg;
	int sock;

	netns_unshare();
	sock = rtnl_open(NULL);
	assert_true(sock >= 0);
	index = if_nametoindex("lo");
	rtnl_link_up(&msg, index);
	assert_int_equal(rtnl_request(sock, &msg), 0);
	rtnl_addr_new(&msg, index, &net);
	assert_int_equal(rtnl_request(sock, &msg), 0);
	rtnl_addr_new(&msg, index, &net6);
	assert_int_equal(rtnl_request(sock, &msg), 0);
	rtnl_route_new(&msg, index, &to, &via);
	assert_int_equal(rtnl_request(sock, &msg), 0);
	assert_shows("ip addr show lo", "inet 10.1.2.3/24");
	assert_shows("ip addr show lo", "inet6 2001:db8::1/64");
	assert_shows("ip route", "10.9.0.0/16 via 10.1.2.254 dev lo");
	rtnl_route_new(&msg, index, &to, &bad);
	assert_int_equal(rtnl_request(sock, &msg), ENETUNREACH);
	(void)close(sock);
}

static void changes_of_links_are_heard(void **state)
{
	union rtnl_msg msg;
	int links, sock;

	netns_unshare();
	links = rtnl_watch_links(NULL);
	sock = rtnl_open(NULL);
	assert_true(links >= 0 && sock >= 0);
	assert_int_equal(recv(links, &msg, sizeof(msg), MSG_DONTWAIT), -1);
	rtnl_link_up(&msg, if_nametoindex("lo"));
	assert_int_equal(rtnl_request(sock, &msg), 0);
	assert_true(recv(links, &msg, sizeof(msg), MSG_TRUNC) > 0);
	(void)close(links);
	(void)close(sock);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(vlans),
		cmocka_unit_test(routes),
		cmocka_unit_test(changes_of_links_are_heard),
		cmocka_unit_test(the_kernel_understands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
