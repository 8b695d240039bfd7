/* SPDX-License-Identifier: MIT */
/*
 * plug_host: an interface of a host, a network namespace that exists for the
 * lab. The interface is a TAP in it; namespace, addresses and routes are made
 * by the helper (priv_hosts.h). Two ports with one `name:` are interfaces of
 * one host. The host outlives its interfaces: it goes when the topology has no
 * port of it any more.
 */
#include <stdio.h>
#include <string.h>

#include "plugs/fdplug.h"
#include "plugs/host_nets.h"

#define VLAN_IFNAME_MAX 10 /* with ".4094" it is 15 */

struct host_conf {
	struct host_nets nets;
	char name[HOST_NAME_SIZE];
	char ifname[HOST_IFNAME_SIZE];
	struct mac mac;
	bool up;
	uint32_t txqueuelen;
	bool merge;
	struct host_vlan vlans[HOST_VLANS_MAX];
};

/* --- Options ------------------------------------------------------------ */

static const struct opt arg = {
	.key = "host",
	.type = &host_nets_type,
	OPT_AT(struct host_conf, nets),
	.help = "ADDRESS/LENGTH, ... via GATEWAY, or dhcp; none if not written",
};

enum { ROW_NAME, ROW_IFNAME };

static const struct opt rows[] = {
	[ROW_NAME] =
		{
			.key = "name",
			.type = &opt_name,
			OPT_AT(struct host_conf, name),
			.help = "name of the host; the port's if not written",
		},
	[ROW_IFNAME] =
		{
			.key = "ifname",
			.type = &opt_ifname,
			OPT_AT(struct host_conf, ifname),
			.help = "name of the interface; eth0, eth1 ... if not "
				"written",
		},
	{
		.key = "mac",
		.type = &opt_mac,
		OPT_AT(struct host_conf, mac),
		.help = "MAC address of the interface; random if not written",
	},
	{
		.key = "up",
		.type = &opt_bool,
		OPT_AT(struct host_conf, up),
		.def = "yes",
		.help = "set the interface up",
	},
	FDPLUG_TXQUEUELEN(struct host_conf),
	FDPLUG_MERGE(struct host_conf),
	{
		.key = "vlans",
		.type = &host_vlans_type,
		OPT_AT(struct host_conf, vlans),
		.flags = OPT_KEYED,
		.help = "addresses of tagged subinterfaces, by VLAN",
	},
	OPT_END,
};

static bool host_finish(void *conf, const char *port_name, struct err *err)
{
	struct host_conf *c = conf;

	if (!c->name[0])
		(void)snprintf(c->name, sizeof(c->name), "%s", port_name);
	if (c->vlans[0].vid && strlen(c->ifname) > VLAN_IFNAME_MAX)
		return err_set(err,
			       "has 'vlans': then its 'ifname' has at most %d "
			       "characters",
			       VLAN_IFNAME_MAX);
	return true;
}

static void host_claim(const void *conf, char *buf, size_t size)
{
	const struct host_conf *c = conf;

	if (c->ifname[0])
		(void)snprintf(buf, size, "%s of host %s", c->ifname, c->name);
}

static bool host_reaches(const void *conf, const struct net *gateway)
{
	const struct host_conf *c = conf;

	for (int i = 0; i < HOST_VLANS_MAX && c->vlans[i].vid; i++) {
		if (host_nets_has(&c->vlans[i].nets, gateway))
			return true;
	}
	return host_nets_has(&c->nets, gateway);
}

/* --- The class ---------------------------------------------------------- */

static int open_host(const struct plug *plug, struct err *err)
{
	const struct host_conf *c = plug->conf;
	const struct priv *priv = plug->env->priv;
	struct host_request req = {.mtu = plug->mtu,
				   .txqueuelen = c->txqueuelen,
				   .mac = c->mac,
				   .up = c->up,
				   .nets = c->nets,
				   .conf = *plug->host_conf};

	memcpy(req.name, c->name, sizeof(req.name));
	memcpy(req.vlans, c->vlans, sizeof(req.vlans));
	(void)snprintf(req.ifname, sizeof(req.ifname), "%s", plug->ifname);
	return priv->ops->host_open(priv->ctx, &req, err);
}

static bool host_open(struct plug *plug, struct fdset *inherited,
		      struct err *err)
{
	const struct host_conf *c = plug->conf;
	int fd = fdplug_inherit(inherited);

	if (fd < 0)
		fd = open_host(plug, err);
	return fd >= 0 &&
	       fdplug_start_tap(plug, fd, c->txqueuelen, c->merge, err);
}

static void host_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct host_conf *c = plug->conf;
	char text[NET_TEXT_SIZE];

	if (c->nets.via[0].family)
		(void)snprintf(buf, size, "switchctl exec %s ping %s\n",
			       c->name, net_format_addr(&c->nets.via[0], text));
	else if (c->nets.dhcp)
		(void)snprintf(buf, size, "switchctl exec %s ip addr\n",
			       c->name);
	else
		(void)snprintf(buf, size, "switchctl shell %s\n", c->name);
}

static void host_reconfigure(struct plug *plug)
{
	const struct host_conf *c = plug->conf;
	char way[sizeof(c->name) + 32];
	const struct fdplug_link link = {way, plug->ifname, c->txqueuelen};

	(void)snprintf(way, sizeof(way), "switchctl exec %s ", c->name);
	fdplug_set_merge(plug, c->merge);
	fdplug_note_link(plug, &link);
}

const struct plug_class plug_host_class = {
	.kind =
		{
			.name = "host",
			.help = "a host made for the lab, as a network "
				"namespace",
			.arg = &arg,
			.rows = rows,
			.conf_size = sizeof(struct host_conf),
			.mtu = 1500,
			.finish = host_finish,
			.claim = host_claim,
			.host = &rows[ROW_NAME],
			.ifname = &rows[ROW_IFNAME],
			.reaches = host_reaches,
		},
	.size = sizeof(struct fdplug),
	.open = host_open,
	.send = fdplug_send,
	.close = fdplug_close,
	.attach = host_attach,
	.held = fdplug_held,
	.give = fdplug_give,
	.reconfigure = host_reconfigure,
};
