/* SPDX-License-Identifier: MIT */
/*
 * priv_tap: creates or adopts a TAP.
 *
 * IFF_TUN_EXCL, tried first, tells without a race whether the name was free.
 * Then the interface is ours: it is configured, and vanishes with its
 * descriptor. Otherwise somebody has made it (`ip tuntap add`) and decided
 * about its mtu, MAC and state: it is used as it is.
 *
 * A descriptor belongs to the namespace in which /dev/net/tun is opened, and
 * still works when the interface is moved to another one.
 */
#include "plugs/priv_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/priv_rtnl.h"

#define DEVICE      "/dev/net/tun"
#define VNET_HEADER 10 /* struct virtio_net_hdr */

static int open_device(struct err *err)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	bool missing = errno == ENOENT || errno == ENODEV || errno == ENXIO;

	if (fd < 0)
		(void)err_sys(err, "cannot open " DEVICE " (%s)",
			      missing ? "`modprobe tun`; a container must be "
					"given the device"
				      : "run as root, or `chmod 0666 " DEVICE
					"` as root");
	return fd;
}

/* What to do about a TUNSETIFF that has failed. */
static bool refuse(const char *ifname, bool exists, struct err *err)
{
	switch (errno) {
	case EPERM:
		if (exists)
			return err_sys(err,
				       "TAP %s belongs to another user (run as "
				       "root, or as its owner)",
				       ifname);
		return err_sys(err,
			       "may not make TAP %s (run as root, or `ip "
			       "tuntap add %s mode tap user USER` first)",
			       ifname, ifname);
	case EBUSY:
		return err_sys(err, "TAP %s is used by another program",
			       ifname);
	case EINVAL:
		return err_sys(err,
			       "interface %s exists and is no TAP of one queue "
			       "(choose another name)",
			       ifname);
	default:
		return err_sys(err, "cannot open TAP %s", ifname);
	}
}

static bool attach(int fd, const char *ifname, bool *made, struct err *err)
{
	const int flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	struct ifreq ifr = {.ifr_flags = (short)(flags | IFF_TUN_EXCL)};
	int header = VNET_HEADER;

	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	*made = ioctl(fd, TUNSETIFF, &ifr) == 0;
	if (!*made && errno != EBUSY)
		return refuse(ifname, false, err);
	ifr.ifr_flags = (short)flags;
	if (!*made && ioctl(fd, TUNSETIFF, &ifr) < 0)
		return refuse(ifname, true, err);
	if (ioctl(fd, TUNSETVNETHDRSZ, &header) < 0)
		return err_sys(err, "cannot configure TAP %s", ifname);
	return true;
}

static bool set_owner(int fd, const struct tap_request *req, struct err *err)
{
	uid_t uid;
	gid_t gid;

	if (req->owner[0]) {
		if (!priv_uid(req->owner, &uid, err))
			return false;
		if (ioctl(fd, TUNSETOWNER, uid) < 0)
			return err_sys(err, "cannot give TAP %s to %s",
				       req->ifname, req->owner);
	}
	if (req->group[0]) {
		if (!priv_gid(req->group, &gid, err))
			return false;
		if (ioctl(fd, TUNSETGROUP, gid) < 0)
			return err_sys(err, "cannot give TAP %s to group %s",
				       req->ifname, req->group);
	}
	return true;
}

/* The other flags stay: without IFF_MULTICAST, routing and mDNS daemons pass
 * an interface over. */
static bool set_up(int sock, struct ifreq *ifr, struct err *err)
{
	if (ioctl(sock, SIOCGIFFLAGS, ifr) == 0) {
		ifr->ifr_flags |= IFF_UP;
		if (ioctl(sock, SIOCSIFFLAGS, ifr) == 0)
			return true;
	}
	return err_sys(err, "cannot set TAP %s up", ifr->ifr_name);
}

/* By rtnetlink: the ioctl wants privileges outside of a user namespace, too. */
static bool set_queue(const struct tap_request *req, struct err *err)
{
	int sock = rtnl_open(err);
	union rtnl_msg msg;
	bool ok;

	if (sock < 0)
		return false;
	rtnl_link_queue(&msg, if_nametoindex(req->ifname), req->txqueuelen);
	errno = rtnl_request(sock, &msg);
	ok = errno == 0 ||
	     err_sys(err, "cannot set the queue of TAP %s", req->ifname);
	(void)close(sock);
	return ok;
}

/* sock is any socket: interfaces are configured through one. */
static bool set_link(int sock, const struct tap_request *req, struct err *err)
{
	struct ifreq ifr = {0};

	(void)snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", req->ifname);
	if (req->mtu) {
		ifr.ifr_mtu = (int)req->mtu;
		if (ioctl(sock, SIOCSIFMTU, &ifr) < 0)
			return err_sys(err, "cannot set mtu %d on TAP %s",
				       ifr.ifr_mtu, req->ifname);
	}
	if (!mac_is_zero(req->mac.b)) {
		ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
		memcpy(ifr.ifr_hwaddr.sa_data, req->mac.b, sizeof(req->mac.b));
		if (ioctl(sock, SIOCSIFHWADDR, &ifr) < 0)
			return err_sys(err, "cannot set the MAC of TAP %s",
				       req->ifname);
	}
	if (req->txqueuelen && !set_queue(req, err))
		return false;
	return !req->up || set_up(sock, &ifr, err);
}

static bool configure(int fd, const struct tap_request *req, struct err *err)
{
	int sock;
	bool ok;

	if (!set_owner(fd, req, err))
		return false;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return err_sys(err, "cannot open a socket");
	ok = set_link(sock, req, err);
	(void)close(sock);
	return ok;
}

int priv_tap_open(void *ctx, const struct tap_request *req, bool *made,
		  struct err *err)
{
	int own;
	int fd;

	if (!priv_netns_enter(req->netns, &own, err))
		return -1;
	fd = priv_tap_open_here(req, made, err);
	priv_netns_leave(own);
	return fd;
}

int priv_tap_open_here(const struct tap_request *req, bool *made,
		       struct err *err)
{
	int fd = open_device(err);

	if (fd < 0)
		return -1;
	if (attach(fd, req->ifname, made, err) &&
	    (!*made || configure(fd, req, err)))
		return fd;
	(void)close(fd);
	return -1;
}
