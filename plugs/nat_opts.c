/* SPDX-License-Identifier: MIT */
#include "plugs/nat_opts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat_forward.h"
#include "switchd/core/inet.h"
#include "switchd/core/mac.h"

#define POOL_FIRST       15 /* .15, where the network is large enough */
#define POOL_FIRST_SMALL 4
#define SMALL_BITS       28
#define NS_PER_S         1000000000LL

static_assert(NAT_PATH_SIZE == UNIX_PATH_SIZE, "a path is a path");

/* --- Types -------------------------------------------------------------- */

/* The length of a label as names of hosts have it (RFC 1123 2.1); 0: none. */
static size_t label_len(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	if (len > 0 && (text[0] == '-' || text[len - 1] == '-'))
		return 0;
	return len < NAT_NAME_SIZE ? len : 0;
}

static bool domain_parse(const struct opt *row, const struct opt_ctx *ctx,
			 const char *text, void *out, struct err *err)
{
	const char *label = text;
	size_t len;

	while ((len = label_len(label)) > 0 && label[len] == '.')
		label += len + 1;
	if (len == 0 || label[len] || strlen(text) >= NAT_DOMAIN_SIZE)
		return err_set(err, "is '%.40s', not a domain such as lab",
			       text);
	memset(out, 0, NAT_DOMAIN_SIZE);
	memcpy(out, text, strlen(text));
	return true;
}

static void domain_format(const struct opt *row, const void *value, char *buf,
			  size_t size)
{
	(void)snprintf(buf, size, "%s", (const char *)value);
}

static const struct opt_type domain_type = {"domain", domain_parse,
					    domain_format, false};

/* "web: 52:54:00:12:34:56 .20" */
static bool fixed_parse_one(const char *text, struct nat_fixed *fixed,
			    struct err *err)
{
	char name[NAT_NAME_SIZE], mac[MAC_TEXT_SIZE], addr[NAT_ADDR_SIZE];
	struct nat_fixed found;
	int end = 0;

	memset(&found, 0, sizeof(found));
	if (sscanf(text, "%63[^: ]: %17s %51s%n", name, mac, addr, &end) != 3 ||
	    text[end] || !mac_parse(mac, &found.mac) ||
	    !nat_addr_parse(addr, &found.addr, NULL) ||
	    found.addr.net.family != AF_INET)
		return err_set(err,
			       "is '%.60s', expected NAME: MAC ADDRESS, such "
			       "as web: \"52:54:00:12:34:56 .20\"",
			       text);
	if (label_len(name) != strlen(name))
		return err_set(err, "is no name: those of guests have letters, "
				    "digits and '-' only");
	if (mac_is_group(found.mac.b) || mac_is_zero(found.mac.b))
		return err_set(err, "has %s, not an address of one station",
			       mac);
	memcpy(found.name, name, strlen(name));
	memcpy(fixed, &found, sizeof(found));
	return true;
}

static bool fixed_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct nat_fixed *hosts = out;
	unsigned i = 0;

	while (i < NAT_HOSTS_MAX && hosts[i].name[0])
		i++;
	if (i == NAT_HOSTS_MAX)
		return err_set(err, "has more than %d guests", NAT_HOSTS_MAX);
	return fixed_parse_one(text, &hosts[i], err);
}

static void fixed_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	const struct nat_fixed *hosts = value;
	char mac[MAC_TEXT_SIZE], addr[NAT_ADDR_SIZE];

	buf[0] = '\0';
	for (int i = 0; i < NAT_HOSTS_MAX && hosts[i].name[0]; i++)
		opt_append(buf, size, "%s%s: %s %s", i ? ";" : "",
			   hosts[i].name, mac_format(&hosts[i].mac, mac),
			   nat_addr_format(&hosts[i].addr, addr));
}

static const struct opt_type fixed_type = {.name = "guests",
					   .parse = fixed_parse,
					   .format = fixed_format,
					   .list = true};

/* --- Rows --------------------------------------------------------------- */

const struct opt nat_opts_arg = {
	.key = "nat",
	.type = &nat_net4_type,
	OPT_AT(struct nat_opts, net),
	.def = "10.0.2.0/24",
	.help = "NETWORK/LENGTH of the guests",
};

const struct opt nat_opts_rows[] = {
	{
		.key = "gateway",
		.type = &nat_addr_type,
		OPT_AT(struct nat_opts, gateway),
		.def = ".2",
		.help = "the NAT's own address, the guests' router",
	},
	{
		.key = "dns-address",
		.type = &nat_addr_type,
		OPT_AT(struct nat_opts, dns_address),
		.def = ".3",
		.help = "where guests find the name server",
	},
	{
		.key = "dns",
		.type = &nat_servers_type,
		OPT_AT(struct nat_opts, dns),
		.def = "host",
		.help = "servers that are asked: host, off, or addresses",
	},
	{
		.key = "dhcp",
		.type = &nat_pool_type,
		OPT_AT(struct nat_opts, pool),
		.help = "addresses to lease: on, off or FIRST - LAST",
	},
	{
		.key = "lease",
		.type = &opt_duration,
		OPT_AT(struct nat_opts, lease_ns),
		.min = 10 * NS_PER_S,
		.max = 8760 * (3600 * NS_PER_S),
		.def = "1h",
		.help = "how long a guest may keep an address unasked",
	},
	{
		.key = "domain",
		.type = &domain_type,
		OPT_AT(struct nat_opts, domain),
		.def = "lab",
		.help = "guests are known as NAME.DOMAIN",
	},
	{
		.key = "hosts",
		.type = &fixed_type,
		OPT_AT(struct nat_opts, hosts),
		.flags = OPT_KEYED,
		.help = "NAME: MAC ADDRESS of guests with a fixed address",
	},
	{
		.key = "forward",
		.type = &nat_rules_type,
		OPT_AT(struct nat_opts, rules),
		.flags = OPT_LIVE,
		.help = "tcp|udp OUTSIDE -> GUEST:PORT, a way in",
	},
	{
		.key = "host-loopback",
		.type = &opt_bool,
		OPT_AT(struct nat_opts, host_loopback),
		.def = "no",
		.help = "the gateway leads to 127.0.0.1 of this machine",
	},
	{
		.key = "restrict",
		.type = &opt_bool,
		OPT_AT(struct nat_opts, restricted),
		.def = "no",
		.help = "no way out, only DHCP, DNS and forwards",
	},
	{
		.key = "outbound",
		.type = &nat_outbound_type,
		OPT_AT(struct nat_opts, outbound),
		.help = "source address of what leaves, one of each family",
	},
	{
		.key = "ipv6",
		.type = &nat_net6_type,
		OPT_AT(struct nat_opts, net6),
		.def = "fec0::/64",
		.help = "off, or the /64 of the guests",
	},
	OPT_END,
};

/* --- Meaning ------------------------------------------------------------ */

static bool check_own(const struct nat_conf *conf, const char *what,
		      const struct net *addr, struct err *err)
{
	char text[NET_TEXT_SIZE], net[NET_TEXT_SIZE];

	return nat_is_usable(&conf->net, addr) ||
	       err_set(err, "has %s %s, which is no address in %s", what,
		       net_format_addr(addr, text),
		       net_format(&conf->net, net));
}

static bool resolve_own(const struct nat_opts *opts, struct nat_conf *conf,
			struct err *err)
{
	conf->gateway = nat_addr_in(&opts->gateway, &conf->net);
	conf->dns = nat_addr_in(&opts->dns_address, &conf->net);
	if (!check_own(conf, "gateway", &conf->gateway, err) ||
	    !check_own(conf, "dns-address", &conf->dns, err))
		return false;
	return !nat_addr_same(&conf->gateway, &conf->dns) ||
	       err_set(err, "has the same gateway and dns-address");
}

static void default_pool(struct nat_conf *conf)
{
	uint32_t base = get32(conf->net.addr);
	bool small = conf->net.bits >= SMALL_BITS;

	conf->pool_first =
		nat_addr_of(base + (small ? POOL_FIRST_SMALL : POOL_FIRST));
	conf->pool_last = nat_addr_of(nat_net_last(&conf->net) - 1);
}

/* Whether an address is in the pool. */
static bool leases(const struct nat_conf *conf, const struct net *addr)
{
	return get32(addr->addr) >= get32(conf->pool_first.addr) &&
	       get32(addr->addr) <= get32(conf->pool_last.addr);
}

static bool resolve_pool(const struct nat_opts *opts, struct nat_conf *conf,
			 struct err *err)
{
	const struct nat_pool *pool = &opts->pool;
	char net[NET_TEXT_SIZE];

	if (pool->off)
		return true;
	if (pool->first.net.family) {
		conf->pool_first = nat_addr_in(&pool->first, &conf->net);
		conf->pool_last = nat_addr_in(&pool->last, &conf->net);
	} else {
		default_pool(conf);
	}
	if (!nat_is_usable(&conf->net, &conf->pool_first) ||
	    !nat_is_usable(&conf->net, &conf->pool_last) ||
	    get32(conf->pool_first.addr) > get32(conf->pool_last.addr))
		return err_set(err, "has 'dhcp', which is no range in %s",
			       net_format(&conf->net, net));
	if (leases(conf, &conf->gateway) || leases(conf, &conf->dns))
		return err_set(err, "has 'dhcp' with its own %s in it",
			       leases(conf, &conf->gateway) ? "gateway"
							    : "dns-address");
	return true;
}

static bool check_host(const struct nat_conf *conf, unsigned i, struct err *err)
{
	const struct nat_host *host = &conf->hosts[i];
	char text[NET_TEXT_SIZE];

	if (!nat_is_guest(conf, &host->addr))
		return err_set(err, "has host %s at %s, where no guest can be",
			       host->name, net_format_addr(&host->addr, text));
	for (unsigned k = 0; k < i; k++) {
		const struct nat_host *other = &conf->hosts[k];
		bool addr = nat_addr_same(&host->addr, &other->addr);

		if (addr ||
		    memcmp(&host->mac, &other->mac, sizeof(host->mac)) == 0 ||
		    strcmp(host->name, other->name) == 0)
			return err_set(err,
				       "has hosts %s and %s with the same %s",
				       other->name, host->name,
				       addr ? "address" : "name or MAC");
	}
	return true;
}

static bool resolve_hosts(const struct nat_opts *opts, struct nat_conf *conf,
			  struct err *err)
{
	for (unsigned i = 0; i < NAT_HOSTS_MAX && opts->hosts[i].name[0]; i++) {
		const struct nat_fixed *fixed = &opts->hosts[i];
		struct nat_host *host = &conf->hosts[i];

		memcpy(host->name, fixed->name, sizeof(host->name));
		host->mac = fixed->mac;
		host->addr = nat_addr_in(&fixed->addr, &conf->net);
		if (!check_host(conf, i, err))
			return false;
	}
	return true;
}

static void resolve_ipv6(const struct nat_opts *opts, struct nat_conf *conf)
{
	conf->net6 = opts->net6;
	if (!conf->net6.family)
		return;
	conf->gateway6 = conf->dns6 = conf->net6;
	conf->gateway6.bits = conf->dns6.bits = 128;
	conf->gateway6.addr[15] = 2; /* as QEMU's users know them */
	conf->dns6.addr[15] = 3;
}

static bool check_rules(const struct nat_opts *opts,
			const struct nat_conf *conf, struct err *err)
{
	struct nat_forward seen[NAT_FORWARDS_MAX];
	char text[NAT_FORWARD_SIZE], other[NAT_FORWARD_SIZE];

	for (unsigned i = 0; i < NAT_FORWARDS_MAX && opts->rules[i].inner_port;
	     i++) {
		if (!nat_rule_resolve(&opts->rules[i], conf, &seen[i], err))
			return false;
		for (unsigned k = 0; k < i; k++) {
			const char *clash =
				nat_forward_clash(&seen[i], &seen[k]);

			if (clash)
				return err_set(
					err,
					"has forwards '%.90s' and '%.90s', "
					"which %s",
					nat_forward_format(&seen[k], other),
					nat_forward_format(&seen[i], text),
					clash);
		}
	}
	return true;
}

bool nat_opts_resolve(const struct nat_opts *opts, uint32_t mtu,
		      struct nat_conf *conf, struct err *err)
{
	memset(conf, 0, sizeof(*conf));
	conf->net = opts->net;
	conf->lease_ns = opts->lease_ns;
	conf->dns_mode = (enum nat_dns)(opts->dns.mode - 1);
	conf->host_loopback = opts->host_loopback;
	conf->restricted = opts->restricted;
	conf->outbound = opts->outbound[0];
	conf->outbound6 = opts->outbound[1];
	conf->mtu = mtu;
	memcpy(conf->domain, opts->domain, sizeof(conf->domain));
	memcpy(conf->servers, opts->dns.addr, sizeof(conf->servers));
	resolve_ipv6(opts, conf);
	return resolve_own(opts, conf, err) && resolve_pool(opts, conf, err) &&
	       resolve_hosts(opts, conf, err) && check_rules(opts, conf, err);
}
