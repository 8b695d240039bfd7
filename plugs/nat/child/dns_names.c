/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/dns_names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define REVERSE ".in-addr.arpa"

/* Name, and addresses of either family (0: none). */
struct owner {
	char name[NAT_NAME_SIZE];
	struct net addr, addr6;
};

static struct owner gateway_of(const struct nat_conf *conf)
{
	return (struct owner){"gateway", conf->gateway, conf->gateway6};
}

static struct owner dns_of(const struct nat_conf *conf)
{
	return (struct owner){"dns", conf->dns, conf->dns6};
}

static struct owner guest_of(const struct lease *lease)
{
	struct owner owner = {.addr = {.family = AF_INET, .bits = 32}};

	memcpy(owner.name, lease->name, sizeof(owner.name));
	memcpy(owner.addr.addr, lease->addr, 4);
	return owner;
}

static bool owner_by_name(const struct nat_conf *conf,
			  const struct leases *leases, const char *name,
			  uint64_t now, struct owner *owner)
{
	const struct lease *lease;

	*owner = gateway_of(conf);
	if (strcmp(name, owner->name) == 0)
		return true;
	*owner = dns_of(conf);
	if (strcmp(name, owner->name) == 0)
		return true;
	lease = leases_by_name(leases, name, now);
	if (!lease || !lease->bound)
		return false;
	*owner = guest_of(lease);
	return true;
}

static bool owner_by_addr(const struct nat_conf *conf,
			  const struct leases *leases, const uint8_t addr[4],
			  uint64_t now, struct owner *owner)
{
	const struct lease *lease;

	*owner = gateway_of(conf);
	if (memcmp(addr, owner->addr.addr, 4) == 0)
		return true;
	*owner = dns_of(conf);
	if (memcmp(addr, owner->addr.addr, 4) == 0)
		return true;
	lease = leases_by_addr(leases, addr, now);
	if (!lease || !lease->bound || !lease->name[0])
		return false;
	*owner = guest_of(lease);
	return true;
}

/* Reads "15.2.0.10.in-addr.arpa" (RFC 1035, 3.5); all its numbers, no more. */
static bool reverse_parse(const char *name, struct net *net)
{
	*net = (struct net){.family = AF_INET, .bits = 32};
	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0, digits = 0;

		if (i > 0 && *name++ != '.')
			return false;
		for (; *name >= '0' && *name <= '9' && digits < 3; digits++)
			value = value * 10 + (unsigned)(*name++ - '0');
		if (digits == 0 || value > 255)
			return false;
		net->addr[3 - i] = (uint8_t)value;
	}
	return strcmp(name, REVERSE) == 0;
}

static bool asks(const struct dns_question *q, enum dns_type type)
{
	return q->type == type || q->type == DNS_TYPE_ANY;
}

static void put_addr(const struct dns_question *q, const struct owner *owner,
		     struct dns_record *record)
{
	if (owner->addr.family && asks(q, DNS_TYPE_A)) {
		record->type = DNS_TYPE_A;
		record->rdlen = 4;
		memcpy(record->rdata, owner->addr.addr, 4);
	} else if (owner->addr6.family && asks(q, DNS_TYPE_AAAA)) {
		record->type = DNS_TYPE_AAAA;
		record->rdlen = 16;
		memcpy(record->rdata, owner->addr6.addr, 16);
	}
}

static void put_name(const struct nat_conf *conf, const struct owner *owner,
		     struct dns_record *record)
{
	char name[NAT_NAME_SIZE + NAT_DOMAIN_SIZE];

	snprintf(name, sizeof(name), "%s%s%s", owner->name,
		 conf->domain[0] ? "." : "", conf->domain);
	record->type = DNS_TYPE_PTR;
	record->rdlen = (uint16_t)dns_message_name(name, record->rdata,
						   sizeof(record->rdata));
}

/* Cuts the domain off a name. Returns false if it is not in the domain. */
static bool in_domain(const struct nat_conf *conf, char *name)
{
	size_t len = strlen(name), domain = strlen(conf->domain);

	if (domain == 0 || len < domain ||
	    strcasecmp(name + len - domain, conf->domain) != 0)
		return false;
	if (len == domain)
		name[0] = '\0';
	else if (name[len - domain - 1] == '.')
		name[len - domain - 1] = '\0';
	else
		return false;
	return true;
}

/* A name without a dot, which the world may have too. */
static bool maybe_ours(const struct dns_question *q)
{
	return q->name[0] && !strchr(q->name, '.') &&
	       strcmp(q->name, "localhost") != 0 &&
	       (asks(q, DNS_TYPE_A) || asks(q, DNS_TYPE_AAAA));
}

bool dns_names_find(const struct nat_conf *conf, const struct leases *leases,
		    const struct dns_question *q, uint64_t now,
		    enum dns_rcode *rcode, struct dns_record *record)
{
	char name[DNS_NAME_SIZE];
	struct owner owner;
	struct net addr;
	bool ours, exists;

	*record = (struct dns_record){.rdlen = 0};
	*rcode = DNS_NOERROR;
	if (q->class != DNS_CLASS_IN && q->class != DNS_CLASS_ANY)
		return false;
	if (reverse_parse(q->name, &addr) && net_has(&conf->net, &addr)) {
		exists = owner_by_addr(conf, leases, addr.addr, now, &owner);
		if (exists && asks(q, DNS_TYPE_PTR))
			put_name(conf, &owner, record);
		*rcode = exists ? DNS_NOERROR : DNS_NXDOMAIN;
		return true;
	}
	memcpy(name, q->name, sizeof(name));
	ours = in_domain(conf, name);
	if (ours && !name[0])
		return true;
	if (!ours && !maybe_ours(q))
		return false;
	exists = owner_by_name(conf, leases, name, now, &owner);
	if (exists)
		put_addr(q, &owner, record);
	*rcode = exists ? DNS_NOERROR : DNS_NXDOMAIN;
	return ours || exists;
}
