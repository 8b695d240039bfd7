/* SPDX-License-Identifier: MIT */
#include "plugs/nat/dhcp_options.h"

#include <string.h>

#include "switchd/core/frame.h"
#include "switchd/core/inet.h"

#define NS_PER_S UINT64_C(1000000000)

struct writer {
	const struct dhcp_request *r;
	uint8_t *at;
	uint8_t *end; /* a byte is left behind it for DHCP_END */
};

static void put(struct writer *w, enum dhcp_option option, const void *value,
		size_t len)
{
	if (len == 0 || len > 255 || (size_t)(w->end - w->at) < len + 2)
		return;
	*w->at++ = (uint8_t)option;
	*w->at++ = (uint8_t)len;
	memcpy(w->at, value, len);
	w->at += len;
}

static void put_seconds(struct writer *w, enum dhcp_option option, uint64_t s)
{
	uint8_t value[4];

	put32(value, s < UINT32_MAX ? (uint32_t)s : UINT32_MAX);
	put(w, option, value, sizeof(value));
}

static bool is_wished(const struct dhcp_request *r, enum dhcp_option option)
{
	return !r->wishes || memchr(r->wishes, option, r->wishes_len);
}

static void put_wished(struct writer *w, enum dhcp_option option,
		       const void *value, size_t len)
{
	if (is_wished(w->r, option))
		put(w, option, value, len);
}

static void put_times(struct writer *w, const struct nat_conf *conf)
{
	uint64_t s = conf->lease_ns / NS_PER_S;

	put_seconds(w, DHCP_LEASE_TIME, s);
	put_seconds(w, DHCP_T1, s / 2); /* RFC 2131 section 4.4.5 */
	put_seconds(w, DHCP_T2, s / 8 * 7);
}

/* The domain as labels, each with its length before it (RFC 3397, RFC 1035
 * section 3.1). */
static void put_search(struct writer *w, const char *domain)
{
	uint8_t labels[NAT_DOMAIN_SIZE + 1];
	size_t len = strnlen(domain, NAT_DOMAIN_SIZE - 1);
	size_t dot = 0; /* the length of this label is to be here */

	for (size_t i = 0; i < len; i++) {
		labels[i + 1] = (uint8_t)domain[i];
		if (domain[i] == '.') {
			labels[dot] = (uint8_t)(i - dot);
			dot = i + 1;
		}
	}
	if (len == 0)
		return;
	labels[dot] = (uint8_t)(len - dot);
	labels[len + 1] = 0;
	put_wished(w, DHCP_SEARCH, labels, len + 2);
}

static void put_network(struct writer *w, const struct nat_conf *conf)
{
	uint8_t mask[4];

	put32(mask, ~(uint32_t)(UINT64_C(0xffffffff) >> conf->net.bits));
	put_wished(w, DHCP_MASK, mask, 4);
	if (!conf->restricted)
		put_wished(w, DHCP_ROUTER, conf->gateway.addr, 4);
	if (conf->dns_mode != NAT_DNS_OFF && conf->dns.family)
		put_wished(w, DHCP_DNS, conf->dns.addr, 4);
}

static void put_link(struct writer *w, const struct nat_conf *conf)
{
	uint8_t mtu[2];

	put16(mtu, (uint16_t)conf->mtu);
	if (conf->mtu >= FRAME_MTU_MIN)
		put_wished(w, DHCP_MTU, mtu, sizeof(mtu));
}

size_t dhcp_options_write(const struct nat_conf *conf,
			  const struct dhcp_request *r, enum dhcp_type type,
			  const char *name, uint8_t *out, size_t size)
{
	struct writer w = {.r = r, .at = out, .end = out + size - 1};
	uint8_t type_byte = (uint8_t)type;

	put(&w, DHCP_TYPE, &type_byte, 1);
	put(&w, DHCP_SERVER_ID, conf->gateway.addr, 4);
	put(&w, DHCP_CLIENT_ID, r->client_id, r->client_id_len); /* RFC 6842 */
	if (type != DHCP_NAK) {
		if (r->type != DHCP_INFORM)
			put_times(&w, conf);
		put_network(&w, conf);
		put_link(&w, conf);
		put_wished(&w, DHCP_HOST_NAME, name, strlen(name));
		put_wished(&w, DHCP_DOMAIN, conf->domain,
			   strnlen(conf->domain, NAT_DOMAIN_SIZE));
		put_search(&w, conf->domain);
	}
	*w.at++ = DHCP_END;
	return (size_t)(w.at - out);
}
