/* SPDX-License-Identifier: MIT */
#include "plugs/priv_rtnl.h"

#include <assert.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Messages ----------------------------------------------------------- */

/* Starts a request with a header of its family; returns where that is. */
static void *begin(union rtnl_msg *msg, uint16_t type, uint16_t flags,
		   size_t len)
{
	memset(msg, 0, sizeof(*msg));
	msg->header = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
	};
	return msg->bytes + NLMSG_HDRLEN;
}

static void put(union rtnl_msg *msg, uint16_t type, const void *data,
		size_t len)
{
	size_t at = NLMSG_ALIGN(msg->header.nlmsg_len);
	const struct rtattr attr = {.rta_len = (uint16_t)RTA_LENGTH(len),
				    .rta_type = type};

	assert(at + RTA_SPACE(len) <= sizeof(msg->bytes));
	memcpy(msg->bytes + at, &attr, sizeof(attr));
	if (len > 0)
		memcpy(msg->bytes + at + RTA_LENGTH(0), data, len);
	msg->header.nlmsg_len = (uint32_t)(at + RTA_LENGTH(len));
}

/* Begins an attribute made of attributes; returns where, for end_nest(). */
static size_t nest(union rtnl_msg *msg, uint16_t type)
{
	size_t at = NLMSG_ALIGN(msg->header.nlmsg_len);

	put(msg, type | NLA_F_NESTED, NULL, 0);
	return at;
}

static void end_nest(union rtnl_msg *msg, size_t at)
{
	const uint16_t len = (uint16_t)(msg->header.nlmsg_len - at);

	memcpy(msg->bytes + at, &len, sizeof(len)); /* rta_len */
}

static size_t width(const struct net *net)
{
	return net_width(net->family) / 8u;
}

void rtnl_link_queue(union rtnl_msg *msg, unsigned ifindex, uint32_t frames)
{
	struct ifinfomsg *info = begin(msg, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	put(msg, IFLA_TXQLEN, &frames, sizeof(frames));
}

void rtnl_vlan_new(union rtnl_msg *msg, unsigned ifindex, const char *name,
		   uint16_t vid)
{
	size_t info, data;

	(void)begin(msg, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
		    sizeof(struct ifinfomsg));
	put(msg, IFLA_LINK, &ifindex, sizeof(uint32_t));
	put(msg, IFLA_IFNAME, name, strlen(name) + 1);
	info = nest(msg, IFLA_LINKINFO);
	put(msg, IFLA_INFO_KIND, "vlan", strlen("vlan"));
	data = nest(msg, IFLA_INFO_DATA);
	put(msg, IFLA_VLAN_ID, &vid, sizeof(vid));
	end_nest(msg, data);
	end_nest(msg, info);
}

void rtnl_link_up(union rtnl_msg *msg, unsigned ifindex)
{
	struct ifinfomsg *info = begin(msg, RTM_NEWLINK, 0, sizeof(*info));

	info->ifi_index = (int)ifindex;
	info->ifi_flags = info->ifi_change = IFF_UP;
}

void rtnl_addr_new(union rtnl_msg *msg, unsigned ifindex,
		   const struct net *addr)
{
	struct ifaddrmsg *info = begin(
		msg, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*info));

	info->ifa_family = addr->family;
	info->ifa_prefixlen = addr->bits;
	info->ifa_flags = addr->family == AF_INET6 ? IFA_F_NODAD : 0;
	info->ifa_index = ifindex;
	put(msg, IFA_LOCAL, addr->addr, width(addr));
	put(msg, IFA_ADDRESS, addr->addr, width(addr));
}

void rtnl_route_new(union rtnl_msg *msg, unsigned ifindex, const struct net *to,
		    const struct net *via)
{
	struct rtmsg *info = begin(msg, RTM_NEWROUTE,
				   NLM_F_CREATE | NLM_F_APPEND, sizeof(*info));

	info->rtm_family = via->family;
	info->rtm_dst_len = to->bits;
	info->rtm_table = RT_TABLE_MAIN;
	info->rtm_protocol = RTPROT_STATIC;
	info->rtm_scope = RT_SCOPE_UNIVERSE;
	info->rtm_type = RTN_UNICAST;
	if (to->bits > 0)
		put(msg, RTA_DST, to->addr, width(via));
	put(msg, RTA_GATEWAY, via->addr, width(via));
	put(msg, RTA_OIF, &ifindex, sizeof(uint32_t));
}

/* --- The socket --------------------------------------------------------- */

int rtnl_open(struct err *err)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (sock < 0)
		(void)err_sys(err, "cannot open an rtnetlink socket");
	return sock;
}

int rtnl_watch_links(struct err *err)
{
	const struct sockaddr_nl links = {.nl_family = AF_NETLINK,
					  .nl_groups = RTMGRP_LINK};
	int sock = rtnl_open(err);

	if (sock < 0 ||
	    bind(sock, (const struct sockaddr *)&links, sizeof(links)) == 0)
		return sock;
	(void)err_sys(err, "cannot watch interfaces");
	(void)close(sock);
	return -1;
}

int rtnl_request(int sock, union rtnl_msg *msg)
{
	_Alignas(struct nlmsghdr) unsigned char answer[1024];
	struct nlmsghdr header;
	struct nlmsgerr result;
	ssize_t n;

	if (send(sock, msg, msg->header.nlmsg_len, 0) < 0)
		return errno;
	do
		n = recv(sock, answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(result)))
		return EPROTO;
	memcpy(&header, answer, sizeof(header));
	memcpy(&result, answer + NLMSG_HDRLEN, sizeof(result));
	return header.nlmsg_type == NLMSG_ERROR ? -result.error : EPROTO;
}
