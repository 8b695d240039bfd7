/* SPDX-License-Identifier: MIT */
#include "topo/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

uint8_t net_width(uint8_t family)
{
	return family == AF_INET ? 32 : 128;
}

bool net_parse_addr(const char *text, struct net *net, struct err *err)
{
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct net found = {.family = (uint8_t)family};

	if (inet_pton(family, text, found.addr) != 1)
		return err_set(err, "'%.40s', not an IP address", text);
	found.bits = net_width(found.family);
	*net = found;
	return true;
}

/* "24": 1 to width, without leading zeros. */
static bool parse_bits(const char *text, uint8_t width, uint8_t *bits)
{
	size_t len = strspn(text, "0123456789");
	unsigned n = 0;

	if (len == 0 || len > 3 || text[len] || text[0] == '0')
		return false;
	while (*text)
		n = 10 * n + (unsigned)(*text++ - '0');
	*bits = (uint8_t)n;
	return n <= width;
}

bool net_parse(const char *text, struct net *net, struct err *err)
{
	const char *slash = strchr(text, '/');
	char addr[NET_TEXT_SIZE];
	struct net found = {.family = 0};

	if (!slash)
		return err_set(err,
			       "'%.40s', expected an address with the length "
			       "of its network, such as 10.0.0.1/24",
			       text);
	(void)snprintf(addr, sizeof(addr), "%.*s", (int)(slash - text), text);
	if (!net_parse_addr(addr, &found, err))
		return false;
	if (!parse_bits(slash + 1, found.bits, &found.bits))
		return err_set(err,
			       "'%.50s', whose length of the network is not "
			       "1-%u",
			       text, found.family == AF_INET ? 32u : 128u);
	*net = found;
	return true;
}

const char *net_format(const struct net *net, char buf[NET_TEXT_SIZE])
{
	size_t len = strlen(net_format_addr(net, buf));

	(void)snprintf(buf + len, NET_TEXT_SIZE - len, "/%u", net->bits);
	return buf;
}

const char *net_format_addr(const struct net *net, char buf[NET_TEXT_SIZE])
{
	buf[0] = '\0';
	(void)inet_ntop(net->family, net->addr, buf, NET_TEXT_SIZE);
	return buf;
}

bool net_has(const struct net *net, const struct net *addr)
{
	size_t bytes = net->bits / 8;
	unsigned mask = 0xff00u >> (net->bits % 8) & 0xff;

	if (net->family != addr->family ||
	    memcmp(net->addr, addr->addr, bytes) != 0)
		return false;
	return mask == 0 ||
	       ((net->addr[bytes] ^ addr->addr[bytes]) & mask) == 0;
}

bool net_is_link_local(const struct net *addr)
{
	return addr->family == AF_INET6 && addr->addr[0] == 0xfe &&
	       (addr->addr[1] & 0xc0) == 0x80;
}
