/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static socklen_t fill_inet(union forward_addr *out, const struct net *addr,
			   uint16_t port)
{
	if (addr->family == AF_INET) {
		out->in.sin_family = AF_INET;
		out->in.sin_port = htons(port);
		memcpy(&out->in.sin_addr, addr->addr, 4);
		return sizeof(out->in);
	}
	out->in6.sin6_family = AF_INET6;
	out->in6.sin6_port = htons(port);
	memcpy(&out->in6.sin6_addr, addr->addr, 16);
	return sizeof(out->in6);
}

void forward_fill(const struct nat_forward *forward, struct forward_ends *ends)
{
	memset(ends, 0, sizeof(*ends));
	ends->inner_len =
		fill_inet(&ends->inner, &forward->inner, forward->inner_port);
	if (forward->path[0]) {
		ends->outer.un.sun_family = AF_UNIX;
		memcpy(ends->outer.un.sun_path, forward->path,
		       sizeof(forward->path));
		ends->outer_len = sizeof(ends->outer.un);
	} else {
		ends->outer_len = fill_inet(&ends->outer, &forward->outer,
					    forward->outer_port);
	}
	if (forward->udp)
		ends->flags |= SLIRP_HOSTFWD_UDP;
	if (forward->outer.family == AF_INET6)
		ends->flags |= SLIRP_HOSTFWD_V6ONLY;
}

/* Binds and lets go again. libslirp sets SO_REUSEADDR, which for TCP only
 * passes over connections of the past. */
static bool try_outer(const struct nat_forward *forward,
		      const struct forward_ends *ends, struct err *err)
{
	int type = forward->udp ? SOCK_DGRAM : SOCK_STREAM;
	int family = ends->outer.any.sa_family;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);
	int one = 1;
	bool good = false;

	if (fd < 0)
		return forward_failed(forward, err);
	if (!forward->udp)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
				 sizeof(one));
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
				 sizeof(one));
	good = bind(fd, &ends->outer.any, ends->outer_len) == 0 &&
	       (forward->udp || listen(fd, 1) == 0);
	if (!good)
		(void)forward_failed(forward, err);
	(void)close(fd);
	return good;
}

bool forward_prepare(const struct nat_forward *forward,
		     struct forward_ends *ends, struct err *err)
{
	bool is_path = forward->path[0] != '\0';

	forward_fill(forward, ends);
	if (!forward->inner.family || (!is_path && !forward->outer.family))
		return err_set(err, "a forward has two ends");
	if (is_path && forward->udp)
		return err_set(err, "a unix socket forwards tcp only");
	if (is_path && forward->inner.family != AF_INET)
		return err_set(err, "a unix socket leads to a guest's IPv4 "
				    "address only");
	if (!is_path && forward->outer.family != forward->inner.family)
		return err_set(err, "the host's address and the guest's must "
				    "both be IPv4 or both IPv6");
	return is_path || try_outer(forward, ends, err);
}

bool forward_failed(const struct nat_forward *forward, struct err *err)
{
	char addr[NET_TEXT_SIZE] = "";
	char where[NAT_PATH_SIZE + NET_TEXT_SIZE];

	if (forward->path[0])
		(void)snprintf(where, sizeof(where), "%s", forward->path);
	else
		(void)snprintf(where, sizeof(where), "port %u of %s",
			       forward->outer_port,
			       net_format_addr(&forward->outer, addr));
	if (errno == EADDRINUSE)
		return err_set(err, "%s is in use", where);
	if (errno == EADDRNOTAVAIL)
		return err_set(err, "%s is no address of this host", addr);
	if (errno == EACCES && !forward->path[0])
		return err_set(
			err,
			"%s is for the superuser; take one from 1024 "
			"on, or lower net.ipv4.ip_unprivileged_port_start",
			where);
	if (!errno)
		return err_set(err, "cannot listen at %s", where);
	return err_sys(err, "cannot listen at %s", where);
}
