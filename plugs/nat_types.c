/* SPDX-License-Identifier: MIT */
#include "plugs/nat_types.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "switchd/core/inet.h"

#define NET_BITS_MIN 8
#define NET_BITS_MAX 29
#define DASH         " - "

/* --- Addresses ---------------------------------------------------------- */

/* The rest of ".9" or ".1.2" after its first dot. */
static bool parse_short(const char *text, struct net *net)
{
	uint8_t parts[3];
	size_t count = 0;

	do {
		size_t len = strspn(text, "0123456789");
		unsigned n = 0;

		if (count == 3 || len == 0 || len > 3 ||
		    (text[0] == '0' && len > 1))
			return false;
		for (size_t i = 0; i < len; i++)
			n = 10 * n + (unsigned)(text[i] - '0');
		if (n > 255)
			return false;
		parts[count++] = (uint8_t)n;
		text += len;
	} while (*text++ == '.');
	if (text[-1])
		return false;
	*net = (struct net){.family = AF_INET, .bits = 32};
	memcpy(net->addr + 4 - count, parts, count);
	return true;
}

bool nat_addr_parse(const char *text, struct nat_addr *addr, struct err *err)
{
	struct nat_addr found = {.is_short = text[0] == '.'};

	if (found.is_short ? !parse_short(text + 1, &found.net)
			   : !net_parse_addr(text, &found.net, NULL))
		return err_set(err,
			       "'%.40s', expected an address such as .15 or "
			       "10.0.2.15",
			       text);
	*addr = found;
	return true;
}

const char *nat_addr_format(const struct nat_addr *addr,
			    char buf[NAT_ADDR_SIZE])
{
	const uint8_t *b = addr->net.addr;

	if (!addr->is_short)
		return net_format_addr(&addr->net, buf);
	if (b[1])
		(void)snprintf(buf, NAT_ADDR_SIZE, ".%u.%u.%u", b[1], b[2],
			       b[3]);
	else if (b[2])
		(void)snprintf(buf, NAT_ADDR_SIZE, ".%u.%u", b[2], b[3]);
	else
		(void)snprintf(buf, NAT_ADDR_SIZE, ".%u", b[3]);
	return buf;
}

struct net nat_addr_of(uint32_t number)
{
	struct net net = {.family = AF_INET, .bits = 32};

	put32(net.addr, number);
	return net;
}

struct net nat_addr_in(const struct nat_addr *addr, const struct net *net)
{
	if (!addr->is_short)
		return addr->net;
	return nat_addr_of(get32(net->addr) + get32(addr->net.addr));
}

/* --- Types: the network ------------------------------------------------- */

/* Networks that mean something else: 0/8, loopback, multicast and above. */
static bool is_special(const struct net *net)
{
	return net->addr[0] == 0 || net->addr[0] == 127 || net->addr[0] >= 224;
}

/* Whether the bits after those of the network are zero. */
static bool is_network(const struct net *net)
{
	struct net masked = {.family = net->family, .bits = net->bits};
	size_t bytes = net->bits / 8;

	memcpy(masked.addr, net->addr, bytes);
	if (net->bits % 8)
		masked.addr[bytes] = (uint8_t)(net->addr[bytes] &
					       0xff00u >> (net->bits % 8));
	return nat_addr_same(&masked, net);
}

static bool net4_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct err why;
	struct net net;

	if (!net_parse(text, &net, &why))
		return err_set(err, "is %s", why.msg);
	if (net.family != AF_INET || net.bits < NET_BITS_MIN ||
	    net.bits > NET_BITS_MAX)
		return err_set(err,
			       "is %.50s, expected an IPv4 network of /%d to "
			       "/%d",
			       text, NET_BITS_MIN, NET_BITS_MAX);
	if (!is_network(&net))
		return err_set(err,
			       "is %.50s, an address in a network, not the "
			       "network",
			       text);
	if (is_special(&net))
		return err_set(err, "is %.50s, which guests cannot have", text);
	memcpy(out, &net, sizeof(net));
	return true;
}

static void net_format_row(const struct opt *row, const void *value, char *buf,
			   size_t size)
{
	char text[NET_TEXT_SIZE];
	const struct net *net = value;

	(void)snprintf(buf, size, "%s",
		       net->family ? net_format(net, text) : "off");
}

const struct opt_type nat_net4_type = {"network", net4_parse, net_format_row,
				       false};

static bool net6_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct net net = {.family = 0};

	if (strcmp(text, "off") != 0 && strcmp(text, "no") != 0 &&
	    (!net_parse(text, &net, NULL) || net.family != AF_INET6 ||
	     net.bits != 64 || !is_network(&net)))
		return err_set(err,
			       "is '%.50s', expected off or a network such as "
			       "fd00::/64",
			       text);
	memcpy(out, &net, sizeof(net));
	return true;
}

const struct opt_type nat_net6_type = {"network", net6_parse, net_format_row,
				       false};

/* --- Types: addresses --------------------------------------------------- */

static bool addr4_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct nat_addr addr = {.is_short = false};
	struct err why;

	if (!nat_addr_parse(text, &addr, &why))
		return err_set(err, "is %s", why.msg);
	if (addr.net.family != AF_INET)
		return err_set(err, "is '%.40s', not an IPv4 address", text);
	memcpy(out, &addr, sizeof(addr));
	return true;
}

static void addr_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	char text[NAT_ADDR_SIZE];

	(void)snprintf(buf, size, "%s", nat_addr_format(value, text));
}

const struct opt_type nat_addr_type = {"address", addr4_parse, addr_format,
				       false};

static bool pool_ends_parse(const char *text, struct nat_pool *pool)
{
	const char *dash = strstr(text, DASH);
	char first[NAT_ADDR_SIZE];

	if (!dash)
		return false;
	(void)snprintf(first, sizeof(first), "%.*s", (int)(dash - text), text);
	return nat_addr_parse(first, &pool->first, NULL) &&
	       nat_addr_parse(dash + strlen(DASH), &pool->last, NULL) &&
	       pool->first.net.family == AF_INET &&
	       pool->last.net.family == AF_INET;
}

static bool pool_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct nat_pool pool;

	memset(&pool, 0, sizeof(pool));
	pool.off = strcmp(text, "off") == 0 || strcmp(text, "no") == 0;
	if (!pool.off && strcmp(text, "on") != 0 && strcmp(text, "yes") != 0 &&
	    !pool_ends_parse(text, &pool))
		return err_set(err,
			       "is '%.40s', expected on, off or FIRST - LAST, "
			       "such as .9 - .31",
			       text);
	memcpy(out, &pool, sizeof(pool));
	return true;
}

static void pool_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	const struct nat_pool *pool = value;
	char first[NAT_ADDR_SIZE], last[NAT_ADDR_SIZE];

	if (!pool->first.net.family)
		(void)snprintf(buf, size, "%s", pool->off ? "off" : "on");
	else
		(void)snprintf(buf, size, "%s" DASH "%s",
			       nat_addr_format(&pool->first, first),
			       nat_addr_format(&pool->last, last));
}

const struct opt_type nat_pool_type = {"range of addresses", pool_parse,
				       pool_format, false};

/* Those of family 0 are not there. */
static void format_list(const struct net *list, int max, char *buf, size_t size)
{
	char text[NET_TEXT_SIZE];

	buf[0] = '\0';
	for (int i = 0; i < max; i++) {
		if (list[i].family)
			opt_append(buf, size, "%s%s", buf[0] ? "," : "",
				   net_format_addr(&list[i], text));
	}
}

static bool servers_parse(const struct opt *row, const struct opt_ctx *ctx,
			  const char *text, void *out, struct err *err)
{
	struct nat_servers *servers = out;
	bool off = strcmp(text, "off") == 0 || strcmp(text, "no") == 0;
	bool word = off || strcmp(text, "host") == 0;
	struct net addr;
	int i = 0;

	if (servers->mode && (word || servers->mode != 1 + NAT_DNS_SERVERS))
		return err_set(err, "is a list with host or off in it");
	if (word) {
		servers->mode = 1 + (off ? NAT_DNS_OFF : NAT_DNS_HOST);
		return true;
	}
	if (!net_parse_addr(text, &addr, NULL))
		return err_set(err,
			       "is '%.40s', expected host, off or the "
			       "addresses of servers",
			       text);
	while (i < NAT_SERVERS_MAX && servers->addr[i].family)
		i++;
	if (i == NAT_SERVERS_MAX)
		return err_set(err, "has more than %d servers",
			       NAT_SERVERS_MAX);
	servers->addr[i] = addr;
	servers->mode = 1 + NAT_DNS_SERVERS;
	return true;
}

static void servers_format(const struct opt *row, const void *value, char *buf,
			   size_t size)
{
	const struct nat_servers *servers = value;

	if (servers->mode == 1 + NAT_DNS_SERVERS)
		format_list(servers->addr, NAT_SERVERS_MAX, buf, size);
	else
		(void)snprintf(buf, size, "%s",
			       servers->mode == 1 + NAT_DNS_OFF ? "off"
								: "host");
}

const struct opt_type nat_servers_type = {.name = "name servers",
					  .parse = servers_parse,
					  .format = servers_format,
					  .list = true};

static bool outbound_parse(const struct opt *row, const struct opt_ctx *ctx,
			   const char *text, void *out, struct err *err)
{
	struct net *list = out;
	struct net addr;
	struct err why;

	if (!net_parse_addr(text, &addr, &why))
		return err_set(err, "is %s", why.msg);
	if (list[addr.family == AF_INET6].family)
		return err_set(err, "has two addresses of one family");
	list[addr.family == AF_INET6] = addr;
	return true;
}

static void outbound_format(const struct opt *row, const void *value, char *buf,
			    size_t size)
{
	format_list(value, NAT_OUTBOUND_MAX, buf, size);
}

const struct opt_type nat_outbound_type = {.name = "addresses",
					   .parse = outbound_parse,
					   .format = outbound_format,
					   .list = true};
