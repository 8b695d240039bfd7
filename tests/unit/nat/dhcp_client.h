/* SPDX-License-Identifier: MIT */
/* A DHCP client and the server that it talks to, for tests of the latter. */
#ifndef LABSWITCH_TESTS_DHCP_CLIENT_H
#define LABSWITCH_TESTS_DHCP_CLIENT_H

#include "tests/unit/nat/nat_conf.h"

#include <sys/socket.h>

#include "plugs/nat/dhcp.h"
#include "plugs/nat/dhcp_parse.h"
#include "plugs/nat/packet.h"
#include "switchd/core/inet.h"

static struct nat_conf conf;
static struct dhcp dhcp;
static struct lease last_change;
static unsigned changes;

static void changed(void *ctx, const struct lease *lease)
{
	last_change = *lease;
	changes++;
}

static void again(void)
{
	leases_free(dhcp.leases);
	dhcp = (struct dhcp){
		.conf = &conf, .leases = leases_new(&conf), .changed = changed};
	assert_non_null(dhcp.leases);
	changes = 0;
}

static int setup(void **state)
{
	conf = conf_default();
	dhcp.leases = NULL;
	again();
	return 0;
}

static int teardown(void **state)
{
	leases_free(dhcp.leases);
	return 0;
}

/* --- A client --------------------------------------------------------- */

static uint8_t msg[600];
static size_t msg_len;
static uint8_t out[DHCP_FRAME_MAX];
static size_t out_len;

static void begin(unsigned client, enum dhcp_type type)
{
	struct mac mac = mac_of(client);

	memset(msg, 0, sizeof(msg));
	msg[0] = 1;
	msg[1] = 1;
	msg[2] = 6;
	put32(msg + DHCP_AT_XID, 0x12345678);
	memcpy(msg + DHCP_AT_CHADDR, &mac, 6);
	put32(msg + DHCP_AT_COOKIE, DHCP_COOKIE);
	memcpy(msg + 240, (uint8_t[]){DHCP_TYPE, 1, (uint8_t)type}, 3);
	msg_len = 243;
}

static void option(enum dhcp_option code, const void *value, size_t len)
{
	msg[msg_len++] = (uint8_t)code;
	msg[msg_len++] = (uint8_t)len;
	memcpy(msg + msg_len, value, len);
	msg_len += len;
}

static void option_addr(enum dhcp_option code, unsigned last)
{
	option(code, (uint8_t[]){10, 0, 2, (uint8_t)last}, 4);
}

static void ciaddr(unsigned last)
{
	memcpy(msg + DHCP_AT_CIADDR, (uint8_t[]){10, 0, 2, (uint8_t)last}, 4);
}

/* Sends it to the address; false: there is no answer. */
static bool send_to(const char *dst, uint64_t now)
{
	struct packet_ends ends = {
		.src_mac = mac_of(1),
		.dst_mac = nat_mac(&conf),
		.src = net_of("0.0.0.0"),
		.dst = net_of(dst),
		.src_port = 68,
		.dst_port = 67,
	};
	uint8_t data[700];
	struct frame f = {.data = data};

	msg[msg_len++] = DHCP_END;
	f.len = (uint32_t)packet_udp(&ends, msg, msg_len, data, sizeof(data));
	assert_true(dhcp_is_request(&f));
	out_len = dhcp_input(&dhcp, &f, now, out);
	return out_len;
}

static bool talk(uint64_t now)
{
	return send_to("255.255.255.255", now);
}

/* --- What came back --------------------------------------------------- */

#define ANSWER (out + 42)

/* The value of an option; its length is the byte before; NULL: none. */
static const uint8_t *got(enum dhcp_option code)
{
	const uint8_t *at = ANSWER + DHCP_HEADER;

	while (*at != DHCP_END) {
		assert_true(at < out + out_len);
		if (*at == code)
			return at + 2;
		at += at[1] + 2;
	}
	return NULL;
}

static void got_option(enum dhcp_option code, const void *value, size_t len)
{
	const uint8_t *at = got(code);

	assert_non_null(at);
	assert_int_equal(at[-1], len);
	assert_memory_equal(at, value, len);
}

static unsigned yiaddr(void)
{
	return ANSWER[DHCP_AT_YIADDR + 3];
}

/* Checks the frame whole; returns the type of the message in it. */
static unsigned type(void)
{
	struct frame f = {.data = out, .len = (uint32_t)out_len};
	struct packet p;
	struct mac mac = nat_mac(&conf);

	assert_true(packet_parse(&f, &p));
	assert_int_equal(p.src_port, 67);
	assert_int_equal(p.dst_port, 68);
	assert_int_equal(packet_l4_checksum(&f, &p), 0);
	assert_int_equal(get32(p.src.addr), 0x0a000202);
	assert_memory_equal(frame_src(&f), &mac, 6);
	assert_true(out_len >= 42 + 300);
	assert_int_equal(ANSWER[0], 2);
	assert_int_equal(get32(ANSWER + DHCP_AT_XID), 0x12345678);
	assert_int_equal(get32(ANSWER + DHCP_AT_COOKIE), DHCP_COOKIE);
	assert_memory_equal(ANSWER + DHCP_AT_CHADDR, msg + DHCP_AT_CHADDR, 16);
	got_option(DHCP_SERVER_ID, conf.gateway.addr, 4);
	return *got(DHCP_TYPE);
}

/* DISCOVER to ACK. Returns the last byte of the address. */
static unsigned get_lease(unsigned client, const char *name, uint64_t now)
{
	unsigned last;

	begin(client, DHCP_DISCOVER);
	assert_true(talk(now));
	assert_int_equal(type(), DHCP_OFFER);
	last = yiaddr();
	begin(client, DHCP_REQUEST);
	option_addr(DHCP_SERVER_ID, 2);
	option(DHCP_REQUESTED, ANSWER + DHCP_AT_YIADDR, 4);
	if (name)
		option(DHCP_HOST_NAME, name, strlen(name));
	assert_true(talk(now));
	assert_int_equal(type(), DHCP_ACK);
	assert_int_equal(yiaddr(), last);
	return last;
}

/* Asks for an address without naming a server: as after a restart. */
static unsigned init_reboot(unsigned client, unsigned last, uint64_t now)
{
	begin(client, DHCP_REQUEST);
	option_addr(DHCP_REQUESTED, last);
	assert_true(talk(now));
	return type();
}

static unsigned renew(unsigned client, unsigned last, uint64_t now)
{
	begin(client, DHCP_REQUEST);
	ciaddr(last);
	assert_true(send_to("10.0.2.2", now));
	return type();
}

#endif
