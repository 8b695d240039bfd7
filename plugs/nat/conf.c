/* SPDX-License-Identifier: MIT */
#include "plugs/nat/conf.h"

#include <ctype.h>
#include <string.h>
#include <sys/socket.h>

#include "switchd/core/inet.h"

struct mac nat_mac(const struct nat_conf *conf)
{
	const uint8_t *gateway = conf->gateway.addr;

	return (struct mac){
		{0x52, 0x55, gateway[0], gateway[1], gateway[2], gateway[3]}};
}

bool nat_addr_same(const struct net *a, const struct net *b)
{
	return a->family == b->family &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

uint32_t nat_net_last(const struct net *net)
{
	return get32(net->addr) | (uint32_t)(UINT64_C(0xffffffff) >> net->bits);
}

bool nat_is_usable(const struct net *net, const struct net *addr)
{
	return net_has(net, addr) && !nat_addr_same(net, addr) &&
	       (net->family == AF_INET6 ||
		get32(addr->addr) != nat_net_last(net));
}

bool nat_is_guest(const struct nat_conf *conf, const struct net *addr)
{
	bool six = addr->family == AF_INET6;

	return nat_is_usable(six ? &conf->net6 : &conf->net, addr) &&
	       !nat_addr_same(addr, six ? &conf->gateway6 : &conf->gateway) &&
	       !nat_addr_same(addr, six ? &conf->dns6 : &conf->dns);
}

static bool is_name_char(unsigned char c)
{
	return c < 128 && (isalnum(c) || c == '-');
}

bool nat_name_take(const char *text, size_t len, char name[NAT_NAME_SIZE])
{
	size_t n = 0;

	name[0] = '\0';
	while (n < len && n < NAT_NAME_SIZE &&
	       is_name_char((unsigned char)text[n]))
		n++;
	if (n == 0 || n == NAT_NAME_SIZE || text[0] == '-' ||
	    text[n - 1] == '-' || (n < len && text[n] && text[n] != '.'))
		return false;
	for (size_t i = 0; i < n; i++)
		name[i] = (char)tolower((unsigned char)text[i]);
	name[n] = '\0';
	return true;
}
