/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/ping.h"

#include <netinet/in.h>
#include <slirp/libslirp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* libslirp sends echo requests over IPv6 from 4.8 on. */
static bool slirp_pings6(void)
{
	char *end;
	const char *version = slirp_version_string();
	long major = strtol(version, &end, 10);
	long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

	return major > 4 || (major == 4 && minor >= 8);
}

static bool may_open(uint8_t family)
{
	int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

bool ping_allowed(uint8_t family)
{
	return may_open(family) && (family == AF_INET || slirp_pings6());
}

const char *ping_advice(uint8_t family)
{
	if (family == AF_INET6 && !slirp_pings6())
		return "guests cannot ping beyond the gateway over IPv6: "
		       "libslirp does so from 4.8 on";
	return "guests cannot ping beyond the gateway: the system lets this "
	       "user open no ping sockets; type: sysctl -w "
	       "net.ipv4.ping_group_range=\"0 2147483647\"";
}
