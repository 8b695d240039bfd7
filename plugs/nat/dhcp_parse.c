/* SPDX-License-Identifier: MIT */
#include "plugs/nat/dhcp_parse.h"

#include <string.h>

#include "switchd/core/inet.h"

#define BOOTREQUEST  1
#define ETHERNET     1
#define ETHERNET_LEN 6

/* The first option of each kind; NULL: none. */
struct options {
	const uint8_t *of[256]; /* its value; the byte before is its length */
};

/* False: an option is longer than what is there. */
static bool scan(struct options *o, const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != DHCP_END) {
		uint8_t option = *p++;

		if (option == DHCP_PAD)
			continue;
		if (p == end || *p > end - p - 1)
			return false;
		if (!o->of[option])
			o->of[option] = p + 1;
		p += 1 + *p;
	}
	return true;
}

static uint8_t length(const uint8_t *value)
{
	return value[-1];
}

/* An option of just this length; NULL: there is none. */
static const uint8_t *sized(const struct options *o, enum dhcp_option option,
			    uint8_t len)
{
	const uint8_t *value = o->of[option];

	return value && length(value) == len ? value : NULL;
}

static bool scan_all(struct options *o, const uint8_t *message, size_t len)
{
	const uint8_t *overload;
	uint8_t fields;

	if (!scan(o, message + DHCP_HEADER, message + len))
		return false;
	overload = sized(o, DHCP_OVERLOAD, 1);
	fields = overload ? *overload : 0;
	if (fields & 1 &&
	    !scan(o, message + DHCP_AT_FILE, message + DHCP_AT_COOKIE))
		return false;
	return !(fields & 2) ||
	       scan(o, message + DHCP_AT_SNAME, message + DHCP_AT_FILE);
}

static bool parse_header(const uint8_t *message, size_t len,
			 struct dhcp_request *r)
{
	if (len < DHCP_HEADER || message[0] != BOOTREQUEST ||
	    message[1] != ETHERNET || message[2] != ETHERNET_LEN ||
	    get32(message + DHCP_AT_GIADDR) != 0 ||
	    get32(message + DHCP_AT_COOKIE) != DHCP_COOKIE)
		return false;
	r->message = message;
	memcpy(r->mac.b, message + DHCP_AT_CHADDR, sizeof(r->mac.b));
	if (get32(message + DHCP_AT_CIADDR) != 0)
		r->ciaddr = message + DHCP_AT_CIADDR;
	return !mac_is_group(r->mac.b) && !mac_is_zero(r->mac.b);
}

bool dhcp_parse(const uint8_t *message, size_t len, struct dhcp_request *r)
{
	struct options o = {{NULL}};
	const uint8_t *value;

	*r = (struct dhcp_request){.max_size = DHCP_PACKET_LEAST};
	if (!parse_header(message, len, r) || !scan_all(&o, message, len))
		return false;
	value = sized(&o, DHCP_TYPE, 1);
	if (!value || *value < DHCP_DISCOVER || *value > DHCP_INFORM)
		return false;
	r->type = (enum dhcp_type) * value;
	r->requested = sized(&o, DHCP_REQUESTED, 4);
	r->server = sized(&o, DHCP_SERVER_ID, 4);
	r->wishes = o.of[DHCP_WISHES];
	r->wishes_len = r->wishes ? length(r->wishes) : 0;
	r->client_id = o.of[DHCP_CLIENT_ID];
	r->client_id_len = r->client_id ? length(r->client_id) : 0;
	value = sized(&o, DHCP_MAX_SIZE, 2);
	if (value && get16(value) > DHCP_PACKET_LEAST)
		r->max_size = get16(value);
	value = o.of[DHCP_HOST_NAME];
	if (value)
		(void)nat_name_take((const char *)value, length(value),
				    r->name);
	return true;
}
