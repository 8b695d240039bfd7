/* SPDX-License-Identifier: MIT */
/*
 * plug_tap: a TAP, the kernel's own network interface whose wire is a file
 * descriptor. It is made (and vanishes with the port) or, if the name exists,
 * adopted. It may be moved to another network namespace and renamed while the
 * port is up. Set down, its frames are lost and counted; deleted, the port
 * goes down and makes it anew.
 */
#include <stdio.h>
#include <string.h>

#include "plugs/fdplug.h"

struct tap_conf {
	char ifname[sizeof(((struct tap_request *)0)->ifname)];
	char netns[sizeof(((struct tap_request *)0)->netns)];
	char owner[sizeof(((struct tap_request *)0)->owner)];
	char group[sizeof(((struct tap_request *)0)->group)];
	struct mac mac;
	bool up;
	uint32_t txqueuelen;
	bool merge;
};

/* --- Options ----------------------------------------------------------- */

static bool is_netns(const char *text)
{
	static const char not_in_names[] = "/ \t";

	if (text[0] == '/')
		return true;
	if (strncmp(text, "pid ", 4) == 0)
		return text[4] && strlen(text) <= 14 &&
		       text[4 + strspn(text + 4, "0123456789")] == '\0';
	return text[0] != '.' && !text[strcspn(text, not_in_names)];
}

static bool netns_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	if (!is_netns(text))
		return err_set(err,
			       "is '%.40s', expected the NAME of a network "
			       "namespace, a /path or 'pid N'",
			       text);
	return opt_text.parse(row, ctx, text, out, err);
}

static void netns_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	opt_text.format(row, value, buf, size);
}

static const struct opt_type netns_type = {"network namespace", netns_parse,
					   netns_format, false};

static const struct opt arg = {
	.key = "tap",
	.type = &opt_ifname,
	OPT_AT(struct tap_conf, ifname),
	.help = "name of the interface; the port's if not written",
};

static const struct opt rows[] = {
	{
		.key = "netns",
		.type = &netns_type,
		OPT_AT(struct tap_conf, netns),
		.help = "network namespace to make it in: NAME, /path or pid N",
	},
	{
		.key = "owner",
		.type = &opt_text,
		OPT_AT(struct tap_conf, owner),
		.help = "user who may open it, name or number",
	},
	{
		.key = "group",
		.type = &opt_text,
		OPT_AT(struct tap_conf, group),
		.help = "group that may open it, name or number",
	},
	{
		.key = "mac",
		.type = &opt_mac,
		OPT_AT(struct tap_conf, mac),
		.help = "MAC address of the interface; random if not written",
	},
	{
		.key = "up",
		.type = &opt_bool,
		OPT_AT(struct tap_conf, up),
		.def = "yes",
		.help = "set the interface up when it is made",
	},
	FDPLUG_TXQUEUELEN(struct tap_conf),
	FDPLUG_MERGE(struct tap_conf),
	OPT_END,
};

static bool tap_finish(void *conf, const char *port_name, struct err *err)
{
	struct tap_conf *c = conf;

	if (!c->ifname[0])
		return opt_ifname.parse(&arg, NULL, port_name, c->ifname, err);
	return true;
}

static void tap_claim(const void *conf, char *buf, size_t size)
{
	const struct tap_conf *c = conf;

	(void)snprintf(buf, size, "TAP %s%s%s", c->ifname,
		       c->netns[0] ? " in netns " : "", c->netns);
}

/* --- The class --------------------------------------------------------- */

static int open_tap(const struct plug *plug, struct err *err)
{
	const struct tap_conf *c = plug->conf;
	const struct priv *priv = plug->env->priv;
	struct tap_request req = {.mtu = plug->mtu,
				  .txqueuelen = c->txqueuelen,
				  .mac = c->mac,
				  .up = c->up};
	bool made;

	memcpy(req.ifname, c->ifname, sizeof(req.ifname));
	memcpy(req.netns, c->netns, sizeof(req.netns));
	memcpy(req.owner, c->owner, sizeof(req.owner));
	memcpy(req.group, c->group, sizeof(req.group));
	return priv->ops->tap_open(priv->ctx, &req, &made, err);
}

static bool tap_open(struct plug *plug, struct fdset *inherited,
		     struct err *err)
{
	const struct tap_conf *c = plug->conf;
	int fd = fdplug_inherit(inherited);

	if (fd < 0)
		fd = open_tap(plug, err);
	return fd >= 0 &&
	       fdplug_start_tap(plug, fd, c->txqueuelen, c->merge, err);
}

/* How to run a command where the interface is; "" for here. */
static void write_way(const char *netns, char *buf, size_t size)
{
	if (!netns[0])
		buf[0] = '\0';
	else if (netns[0] == '/')
		(void)snprintf(buf, size, "nsenter --net=%s ", netns);
	else if (strncmp(netns, "pid ", 4) == 0)
		(void)snprintf(buf, size, "nsenter -t %s -n ", netns + 4);
	else
		(void)snprintf(buf, size, "ip netns exec %s ", netns);
}

static void tap_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct tap_conf *c = plug->conf;
	char way[sizeof(c->netns) + 32];
	char up[sizeof(way) + 32] = "";

	write_way(c->netns, way, sizeof(way));
	if (!c->up)
		(void)snprintf(up, sizeof(up), "%sip link set %s up\n", way,
			       c->ifname);
	(void)snprintf(buf, size, "%s%sip addr add 10.0.0.%d/24 dev %s\n", up,
		       way, (plug->number - 1) % 254 + 1, c->ifname);
}

static void tap_reconfigure(struct plug *plug)
{
	const struct tap_conf *c = plug->conf;
	char way[sizeof(c->netns) + 32];
	const struct fdplug_link link = {way, c->ifname, c->txqueuelen};

	write_way(c->netns, way, sizeof(way));
	fdplug_set_merge(plug, c->merge);
	fdplug_note_link(plug, &link);
}

const struct plug_class plug_tap_class = {
	.kind =
		{
			.name = "tap",
			.help = "network interface of this machine or of a "
				"network namespace",
			.arg = &arg,
			.rows = rows,
			.conf_size = sizeof(struct tap_conf),
			.mtu = 1500,
			.finish = tap_finish,
			.claim = tap_claim,
		},
	.size = sizeof(struct fdplug),
	.open = tap_open,
	.send = fdplug_send,
	.close = fdplug_close,
	.attach = tap_attach,
	.held = fdplug_held,
	.give = fdplug_give,
	.reconfigure = tap_reconfigure,
};
