/* SPDX-License-Identifier: MIT */
#include "plugs/priv_iface.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugs/host_nets.h"
#include "plugs/priv_dhcp.h"
#include "plugs/priv_parts.h"
#include "plugs/priv_rtnl.h"

static const struct net everything; /* the default route's network */

/* An interface under work. */
struct iface {
	int sock; /* rtnl_open() */
	char name[HOST_IFNAME_SIZE];
	unsigned index;
};

/* Leaves the kernel's errno for err_sys(). */
static bool request(const struct iface *iface, union rtnl_msg *msg)
{
	errno = rtnl_request(iface->sock, msg);
	return errno == 0;
}

static bool set_up(const struct iface *iface, struct err *err)
{
	union rtnl_msg msg;

	rtnl_link_up(&msg, iface->index);
	return request(iface, &msg) ||
	       err_sys(err, "cannot set %s up", iface->name);
}

static bool find(struct iface *iface, const char *name, struct err *err)
{
	(void)snprintf(iface->name, sizeof(iface->name), "%s", name);
	iface->index = if_nametoindex(name);
	return iface->index > 0 ||
	       err_sys(err, "cannot find interface %s", name);
}

static bool write_flag(const char *path, bool flag)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, flag ? "1" : "0", 1) == 1;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* --- Addresses and routes ----------------------------------------------- */

static bool add_addr(const struct iface *iface, const struct net *addr,
		     struct err *err)
{
	char text[NET_TEXT_SIZE];
	union rtnl_msg msg;

	rtnl_addr_new(&msg, iface->index, addr);
	return request(iface, &msg) ||
	       err_sys(err, "cannot give %s to %s", net_format(addr, text),
		       iface->name);
}

static bool add_route(const struct iface *iface, const struct net *to,
		      const struct net *via, struct err *err)
{
	char gateway[NET_TEXT_SIZE];
	union rtnl_msg msg;

	rtnl_route_new(&msg, iface->index, to, via);
	return request(iface, &msg) ||
	       err_sys(err, "cannot route via %s on %s",
		       net_format_addr(via, gateway), iface->name);
}

static bool add_nets(const struct iface *iface, const struct host_nets *nets,
		     struct err *err)
{
	for (int i = 0; i < HOST_NETS_MAX && nets->addr[i].family; i++) {
		if (!add_addr(iface, &nets->addr[i], err))
			return false;
	}
	return true;
}

/* Those of the interface itself, and those of the host that lead through it.
 */
static bool add_routes(const struct iface *iface, const struct host_nets *nets,
		       const struct opt_host *host, struct err *err)
{
	for (int i = 0; i < 2 && nets->via[i].family; i++) {
		if (!add_route(iface, &everything, &nets->via[i], err))
			return false;
	}
	for (int i = 0; i < OPT_ROUTES_MAX; i++) {
		const struct opt_route *route = &host->routes[i];

		if (route->via.family && host_nets_has(nets, &route->via) &&
		    !add_route(iface, &route->to, &route->via, err))
			return false;
	}
	return true;
}

/*
 * Has the kernel tell the neighbours when the interface comes up: one that is
 * made anew has another MAC, and they would look for the old one for half a
 * minute. Best effort.
 */
static void announce(const struct iface *iface)
{
	char path[96];

	(void)snprintf(path, sizeof(path),
		       "/proc/sys/net/ipv4/conf/%s/arp_notify", iface->name);
	(void)write_flag(path, true);
	(void)snprintf(path, sizeof(path),
		       "/proc/sys/net/ipv6/conf/%s/ndisc_notify", iface->name);
	(void)write_flag(path, true);
}

static bool set_nets(const struct iface *iface, const struct host_nets *nets,
		     const struct host_request *req, struct err *err)
{
	if (!add_nets(iface, nets, err))
		return false;
	if (!req->up)
		return true;
	announce(iface);
	return set_up(iface, err) && add_routes(iface, nets, &req->conf, err);
}

/* --- Subinterfaces ------------------------------------------------------ */

static bool add_vlan(const struct iface *parent, const struct host_vlan *vlan,
		     const struct host_request *req, struct err *err)
{
	struct iface iface = {.sock = parent->sock};
	char name[HOST_IFNAME_SIZE];
	union rtnl_msg msg;

	if (snprintf(name, sizeof(name), "%s.%u", parent->name, vlan->vid) >=
	    (int)sizeof(name))
		return err_set(err, "the name %s.%u is too long", parent->name,
			       vlan->vid);
	rtnl_vlan_new(&msg, parent->index, name, vlan->vid);
	if (!request(parent, &msg))
		return errno == EOPNOTSUPP
			       ? err_set(err,
					 "cannot make %s: this kernel has no "
					 "VLAN devices: modprobe 8021q",
					 name)
			       : err_sys(err, "cannot make %s", name);
	return find(&iface, name, err) &&
	       set_nets(&iface, &vlan->nets, req, err);
}

static bool add_vlans(const struct iface *parent,
		      const struct host_request *req, struct err *err)
{
	for (int i = 0; i < HOST_VLANS_MAX && req->vlans[i].vid; i++) {
		if (!add_vlan(parent, &req->vlans[i], req, err))
			return false;
	}
	return true;
}

/* --- The host ----------------------------------------------------------- */

/* A kernel without IPv6 has nothing to be set. */
static bool set_host(const struct opt_host *host, struct err *err)
{
	const char *ip4 = "/proc/sys/net/ipv4/ip_forward";
	const char *ip6 = "/proc/sys/net/ipv6/conf/all/forwarding";

	if (!write_flag(ip4, host->forward) && host->forward)
		return err_sys(err, "cannot write %s", ip4);
	if (!write_flag(ip6, host->forward) && host->forward && errno != ENOENT)
		return err_sys(err, "cannot write %s", ip6);
	return true;
}

static bool start_dhcp(const struct iface *iface,
		       const struct iface_order *order, struct err *err)
{
	const struct dhcp_request dhcp = {.ifindex = iface->index,
					  .mtu = order->req->mtu,
					  .host = order->req->name,
					  .resolv = order->resolv};

	return !order->req->nets.dhcp || dhcp_start(&dhcp, err);
}

static bool configure(struct iface *iface, const struct iface_order *order,
		      struct err *err)
{
	const struct host_request *req = order->req;

	return find(iface, "lo", err) && set_up(iface, err) &&
	       set_host(&req->conf, err) && find(iface, req->ifname, err) &&
	       set_nets(iface, &req->nets, req, err) &&
	       add_vlans(iface, req, err) && start_dhcp(iface, order, err);
}

int iface_open(const void *arg, struct err *err)
{
	const struct iface_order *order = arg;
	const struct host_request *req = order->req;
	struct tap_request tap = {.mtu = req->mtu,
				  .txqueuelen = req->txqueuelen,
				  .mac = req->mac};
	struct iface iface = {.sock = -1};
	bool made;
	int fd;

	memcpy(tap.ifname, req->ifname, sizeof(tap.ifname));
	fd = priv_tap_open_here(&tap, &made, err);
	if (fd < 0)
		return -1;
	iface.sock = rtnl_open(err);
	if (iface.sock >= 0 && configure(&iface, order, err)) {
		(void)close(iface.sock);
		return fd;
	}
	if (iface.sock >= 0)
		(void)close(iface.sock);
	(void)close(fd);
	return -1;
}
