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

#define VIA "via"

struct host_conf {
	struct host_nets nets;
	char name[HOST_NAME_SIZE];
	char ifname[HOST_IFNAME_SIZE];
	struct mac mac;
	bool up;
};

/* --- Addresses ---------------------------------------------------------- */

/* One word of a list that commas divide: from text, which then is after it. */
static bool next_word(const char **text, char *word, size_t size)
{
	const char *from = *text + strspn(*text, " ");
	size_t len = strcspn(from, ", ");

	*text = from + len;
	*text += strspn(*text, " ");
	(void)snprintf(word, size, "%.*s", (int)len, from);
	return len < size;
}

typedef bool parse_net_fn(const char *text, struct net *net, struct err *err);

/* Addresses up to the end or, if one is allowed, to `via`. */
static bool parse_list(const char **text, parse_net_fn *parse, struct net *list,
		       int room, struct err *err)
{
	for (int i = 0;; i++) {
		char word[64];
		struct err why;

		if (i == room)
			return err_set(err, "has more than %d %s", room,
				       parse == net_parse ? "addresses"
							  : "gateways");
		if (!next_word(text, word, sizeof(word)) ||
		    !parse(word, &list[i], &why))
			return err_set(err, "is '%.40s', expected %s", word,
				       parse == net_parse
					       ? "an address such as "
						 "10.0.0.1/24"
					       : "the address of a gateway");
		if (**text != ',')
			return true;
		++*text;
	}
}

static bool is_on_link(const struct host_nets *nets, const struct net *addr)
{
	for (int i = 0; i < HOST_NETS_MAX; i++) {
		if (nets->addr[i].family && net_has(&nets->addr[i], addr))
			return true;
	}
	return false;
}

static bool check_gateways(const struct host_nets *nets, struct err *err)
{
	char text[NET_TEXT_SIZE];

	for (int i = 0; i < 2 && nets->via[i].family; i++) {
		const struct net *via = &nets->via[i];

		if (!is_on_link(nets, via) && !net_is_link_local(via))
			return err_set(err,
				       "has gateway %s, which is on none of "
				       "its networks",
				       net_format_addr(via, text));
	}
	return true;
}

static bool nets_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct host_nets nets;

	memset(&nets, 0, sizeof(nets));
	if (!parse_list(&text, net_parse, nets.addr, HOST_NETS_MAX, err))
		return false;
	if (strncmp(text, VIA " ", strlen(VIA " ")) == 0) {
		text += strlen(VIA " ");
		if (!parse_list(&text, net_parse_addr, nets.via, 2, err))
			return false;
	}
	if (*text)
		return err_set(err,
			       "has '%.40s', expected a comma, or %s and a "
			       "gateway",
			       text, VIA);
	if (!check_gateways(&nets, err))
		return false;
	memcpy(out, &nets, sizeof(nets));
	return true;
}

static void nets_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	const struct host_nets *nets = value;
	char text[NET_TEXT_SIZE];
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 0; i < HOST_NETS_MAX && nets->addr[i].family; i++) {
		if (used < size)
			used += (size_t)snprintf(
				buf + used, size - used, "%s%s", i ? ", " : "",
				net_format(&nets->addr[i], text));
	}
	for (int i = 0; i < 2 && nets->via[i].family; i++) {
		if (used < size)
			used += (size_t)snprintf(
				buf + used, size - used, "%s%s",
				i ? ", " : " " VIA " ",
				net_format_addr(&nets->via[i], text));
	}
}

static const struct opt_type nets_type = {"addresses", nets_parse, nets_format,
					  false};

/* --- Options ------------------------------------------------------------ */

static const struct opt arg = {
	.key = "host",
	.type = &nets_type,
	OPT_AT(struct host_conf, nets),
	.help = "ADDRESS/LENGTH, ... via GATEWAY; none if not written",
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
	OPT_END,
};

static bool host_finish(void *conf, const char *port_name, struct err *err)
{
	struct host_conf *c = conf;

	if (!c->name[0])
		(void)snprintf(c->name, sizeof(c->name), "%s", port_name);
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

	return is_on_link(&c->nets, gateway);
}

/* --- The class ---------------------------------------------------------- */

static int open_host(const struct plug *plug, struct err *err)
{
	const struct host_conf *c = plug->conf;
	const struct priv *priv = plug->env->priv;
	struct host_request req = {.mtu = plug->mtu,
				   .mac = c->mac,
				   .up = c->up,
				   .nets = c->nets,
				   .conf = *plug->host_conf};

	memcpy(req.name, c->name, sizeof(req.name));
	(void)snprintf(req.ifname, sizeof(req.ifname), "%s", plug->ifname);
	return priv->ops->host_open(priv->ctx, &req, err);
}

static bool host_open(struct plug *plug, struct fdset *inherited,
		      struct err *err)
{
	int fd = fdplug_inherit(inherited);

	if (fd < 0)
		fd = open_host(plug, err);
	return fd >= 0 &&
	       fdplug_start(plug, fd, IO_TAP, "the interface was deleted", err);
}

static void host_attach(const struct plug *plug, char *buf, size_t size)
{
	const struct host_conf *c = plug->conf;
	char text[NET_TEXT_SIZE];

	if (c->nets.via[0].family)
		(void)snprintf(buf, size, "switchctl exec %s ping %s\n",
			       c->name, net_format_addr(&c->nets.via[0], text));
	else
		(void)snprintf(buf, size, "switchctl shell %s\n", c->name);
}

static void host_reconfigure(struct plug *plug)
{
	const struct host_conf *c = plug->conf;
	char way[sizeof(c->name) + 32];

	(void)snprintf(way, sizeof(way), "switchctl exec %s ", c->name);
	fdplug_note_mtu(plug, way, plug->ifname);
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
