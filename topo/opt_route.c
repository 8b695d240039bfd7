/* SPDX-License-Identifier: MIT */
/*
 * The type of `routes:` of a host: [NETWORK via GATEWAY, ...], NETWORK being
 * an address with the length of its network, or "default".
 */
#include "topo/opt.h"

#include <stdio.h>
#include <string.h>

#define VIA " via "

/* The kernel takes no route to an address that has more bits than it says. */
static bool has_host_bits(const struct net *net)
{
	struct net zero = *net;
	size_t bytes = net->bits / 8;

	if (net->bits == net_width(net->family))
		return false;
	zero.addr[bytes] &= (uint8_t)(0xff00u >> (net->bits % 8));
	memset(zero.addr + bytes + 1, 0, sizeof(zero.addr) - bytes - 1);
	return memcmp(zero.addr, net->addr, sizeof(zero.addr)) != 0;
}

static bool parse_route(const char *text, struct opt_route *out,
			struct err *err)
{
	struct opt_route route;
	const char *via = strstr(text, VIA);
	char to[NET_TEXT_SIZE];
	struct err why;

	if (!via)
		return err_set(
			err,
			"has '%.60s', expected NETWORK via GATEWAY, such "
			"as 10.0.3.0/24 via 10.0.1.2",
			text);
	(void)snprintf(to, sizeof(to), "%.*s", (int)(via - text), text);
	if (!net_parse_addr(via + strlen(VIA), &route.via, &why))
		return err_set(err, "has %s", why.msg);
	if (strcmp(to, "default") == 0) {
		route.to = (struct net){.family = route.via.family};
		*out = route;
		return true;
	}
	if (!net_parse(to, &route.to, &why))
		return err_set(err, "has %s", why.msg);
	if (route.to.family != route.via.family)
		return err_set(err, "has '%.80s', of IPv4 and of IPv6", text);
	if (has_host_bits(&route.to))
		return err_set(err,
			       "has '%.50s', an address in a network, not the "
			       "network",
			       to);
	*out = route;
	return true;
}

static bool routes_parse(const struct opt *row, const struct opt_ctx *ctx,
			 const char *text, void *out, struct err *err)
{
	struct opt_route *routes = out;
	unsigned i = 0;

	while (i < OPT_ROUTES_MAX && routes[i].via.family)
		i++;
	if (i == OPT_ROUTES_MAX)
		return err_set(err, "has more than %d routes", OPT_ROUTES_MAX);
	return parse_route(text, &routes[i], err);
}

static void routes_format(const struct opt *row, const void *value, char *buf,
			  size_t size)
{
	const struct opt_route *routes = value;
	char to[NET_TEXT_SIZE], via[NET_TEXT_SIZE];

	buf[0] = '\0';
	for (unsigned i = 0; i < OPT_ROUTES_MAX && routes[i].via.family; i++) {
		const struct opt_route *route = &routes[i];

		opt_append(buf, size, "%s%s" VIA "%s", i ? "," : "",
			   route->to.bits ? net_format(&route->to, to)
					  : "default",
			   net_format_addr(&route->via, via));
	}
}

const struct opt_type opt_routes = {"routes", routes_parse, routes_format,
				    true};
