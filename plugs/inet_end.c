/* SPDX-License-Identifier: MIT */
#include "plugs/inet_end.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_address(const char *host, struct inet_end *end)
{
	size_t len = strlen(host);
	char inner[INET6_ADDRSTRLEN];

	if (strcmp(host, "localhost") == 0) {
		inet_end_set_loopback(end, AF_INET);
		return true;
	}
	if (host[0] != '[') {
		end->family = AF_INET;
		return inet_pton(AF_INET, host, end->addr) == 1;
	}
	if (len < 3 || len - 2 >= sizeof(inner) || host[len - 1] != ']')
		return false;
	memcpy(inner, host + 1, len - 2);
	inner[len - 2] = '\0';
	end->family = AF_INET6;
	return inet_pton(AF_INET6, inner, end->addr) == 1;
}

bool inet_end_parse(char *text, struct inet_end *end, struct err *err)
{
	char *colon = strrchr(text, ':');

	if (!colon)
		return err_set(err, "has no port in '%s', expected HOST:PORT",
			       text);
	*colon = '\0';
	if (!inet_end_parse_port(colon + 1, &end->port))
		return err_set(err, "has port '%s', outside 1-65535",
			       colon + 1);
	if (!parse_address(text, end))
		return err_set(err,
			       "has host '%s', expected an IPv4 address, an "
			       "IPv6 address in brackets or localhost (names "
			       "are not looked up)",
			       text);
	return true;
}

bool inet_end_parse_port(const char *text, uint16_t *port)
{
	unsigned long n;

	if (text[strspn(text, "0123456789")] || text[0] == '0' ||
	    strlen(text) > 5)
		return false;
	n = strtoul(text, NULL, 10);
	if (n < 1 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

void inet_end_set_loopback(struct inet_end *end, uint16_t family)
{
	static const uint8_t loopback4[4] = {127, 0, 0, 1};

	end->family = family;
	if (family == AF_INET6)
		end->addr[15] = 1;
	else
		memcpy(end->addr, loopback4, sizeof(loopback4));
}

const char *inet_end_format(const struct inet_end *end, char buf[INET_END_SIZE])
{
	char addr[INET6_ADDRSTRLEN];

	(void)inet_ntop(end->family, end->addr, addr, sizeof(addr));
	(void)snprintf(buf, INET_END_SIZE,
		       end->family == AF_INET6 ? "[%s]:%u" : "%s:%u", addr,
		       (unsigned)end->port);
	return buf;
}

const char *inet_end_host(const struct inet_end *end, char buf[INET_END_SIZE])
{
	static const uint8_t wildcard[sizeof(end->addr)];

	if (memcmp(end->addr, wildcard, sizeof(wildcard)) == 0)
		(void)snprintf(buf, INET_END_SIZE, "ADDRESS_OF_THIS_HOST");
	else
		(void)inet_ntop(end->family, end->addr, buf, INET_END_SIZE);
	return buf;
}

socklen_t inet_end_address(const struct inet_end *end, union inet_address *out)
{
	memset(out, 0, sizeof(*out));
	if (end->family == AF_INET6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(end->port);
		memcpy(&out->v6.sin6_addr, end->addr, 16);
		return sizeof(out->v6);
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons(end->port);
	memcpy(&out->v4.sin_addr, end->addr, 4);
	return sizeof(out->v4);
}

void inet_end_set(struct inet_end *end, const union inet_address *addr)
{
	*end = (struct inet_end){.family = addr->any.sa_family};
	if (end->family == AF_INET6) {
		end->port = ntohs(addr->v6.sin6_port);
		memcpy(end->addr, &addr->v6.sin6_addr, 16);
		return;
	}
	end->port = ntohs(addr->v4.sin_port);
	memcpy(end->addr, &addr->v4.sin_addr, 4);
}
