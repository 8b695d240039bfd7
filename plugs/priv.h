/* SPDX-License-Identifier: MIT */
/*
 * priv: the few things that need privileges.
 *
 * The forwarding process has none. What it cannot do itself it asks for
 * through this table; in the daemon each call is a message to the helper
 * process, in tests it may be made directly (priv_local). Calls block for as
 * long as the kernel needs for them, at most a few milliseconds.
 *
 * The helper is no deputy of clients: which TAPs, namespaces, groups and
 * directories it touches comes from the topology alone. The one thing that a
 * VDE client names, the path of its data socket, is checked against the uid
 * of the client's own process (priv_connect).
 */
#ifndef LABSWITCH_PLUGS_PRIV_H
#define LABSWITCH_PLUGS_PRIV_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "switchd/core/err.h"
#include "switchd/core/mac.h"
#include "topo/opt.h"

#define PRIV_SNDBUF      (4 << 20) /* bytes, of a socket that is connected */
#define HOST_NAME_SIZE   33        /* as in the topology */
#define HOST_NETS_MAX    8         /* addresses of an interface */
#define HOST_IFNAME_SIZE 16        /* IFNAMSIZ */
#define HOST_VLANS_MAX   8         /* tagged subinterfaces of an interface */

struct tap_request {
	char ifname[16];
	/* "" the caller's; "NAME" as in `ip netns`; "/path"; "pid N" */
	char netns[108];
	char owner[33];      /* user name or uid, "" = not set */
	char group[33];      /* group name or gid, "" = not set */
	uint32_t mtu;        /* 0: leave it */
	uint32_t txqueuelen; /* frames that wait for us; 0: leave it */
	struct mac mac;      /* zero: leave it */
	bool up;             /* set the interface up if we made it */
};

/* Addresses of an interface, and the gateways of default routes. */
struct host_nets {
	bool dhcp;                      /* they are asked for; none here */
	struct net addr[HOST_NETS_MAX]; /* family is 0: no more */
	struct net via[2];              /* likewise */
};

/* A tagged subinterface: eth0.10. */
struct host_vlan {
	uint16_t vid; /* 0: no more */
	struct host_nets nets;
};

/* An interface of a host, and what the host itself is to be. */
struct host_request {
	char name[HOST_NAME_SIZE];
	char ifname[HOST_IFNAME_SIZE];
	uint32_t mtu;
	uint32_t txqueuelen;
	struct mac mac; /* zero: random */
	bool up;
	struct host_nets nets;
	struct host_vlan vlans[HOST_VLANS_MAX];
	struct opt_host conf;
};

/* Where a host is, as paths for setns(2) and the like. */
struct host_place {
	char net[64];
	char user[64];    /* "": in the caller's user namespace */
	char resolv[160]; /* its /etc/resolv.conf */
};

struct priv_ops {
	/*
	 * Creates or adopts a TAP with IFF_NO_PI and IFF_VNET_HDR (10-byte
	 * header), with all offloads of TCP, non-blocking. Returns the
	 * descriptor, or -1 and err with what to do about it. *made tells
	 * whether the interface is new (it then vanishes with the descriptor).
	 */
	int (*tap_open)(void *ctx, const struct tap_request *req, bool *made,
			struct err *err);
	/*
	 * Connects the datagram socket `sock` to the socket file at path, if
	 * that is a socket that belongs to uid: opened O_PATH|O_NOFOLLOW,
	 * checked by fstat, reached through /proc/self/fd, so that no rename
	 * or symbolic link in between can redirect it. Its send buffer becomes
	 * PRIV_SNDBUF, past the system's limit if that is allowed.
	 */
	bool (*connect)(void *ctx, int sock, const char *path, uid_t uid,
			struct err *err);
	/* Gives the file or directory to a group (name or number). */
	bool (*chgrp)(void *ctx, const char *path, const char *group,
		      struct err *err);
	/*
	 * Remembers a file, socket or empty directory that is to go when this
	 * process ends, however it ends; or forgets it. Removal is in the
	 * reverse order. Best effort: no error.
	 */
	void (*keep)(void *ctx, const char *path);
	void (*forget)(void *ctx, const char *path);
	/*
	 * Makes an interface of a host, and the host if it is not there yet:
	 * a network namespace that `ip netns` shows, or, without root, one in
	 * a user namespace of ours. Returns the descriptor as tap_open().
	 */
	int (*host_open)(void *ctx, const struct host_request *req,
			 struct err *err);
	/* Ends a host: nothing of it is left but what users run in it. */
	void (*host_forget)(void *ctx, const char *name);
	bool (*host_find)(void *ctx, const char *name, struct host_place *place,
			  struct err *err);
};

struct priv {
	const struct priv_ops *ops;
	void *ctx;
};

/*
 * Does it all in the calling process; keep and forget do nothing. ctx is a
 * struct hosts (priv_hosts.h), or NULL if no host is ever made.
 */
extern const struct priv_ops priv_local;

#endif
