/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/shim_fixture.h"

static void only_what_is_for_it(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15", .dst = "192.0.2.1", .len = 9};
	uint32_t len = make_udp(&s, true, f->frame, ROOM);

	f->frame[5] ^= 1; /* another station's: flooded */
	shim_in(&f->shim, f->frame, len, 1);
	memset(f->frame, 0xff, 6); /* a broadcast that is no question */
	shim_in(&f->shim, f->frame, len, 1);
	assert_int_equal(stat(f, NAT_STAT_NOT_OURS), 2);
	memcpy(f->frame, nat_own_mac.b, 6);
	f->frame[12] = 0x88; /* NC-SI */
	f->frame[13] = 0xf8;
	shim_in(&f->shim, f->frame, len, 1);
	f->frame[12] = 0x81; /* tagged */
	f->frame[13] = 0;
	shim_in(&f->shim, f->frame, len, 1);
	assert_int_equal(stat(f, NAT_STAT_BAD_TYPE), 2);
	f->frame[12] = 8;
	shim_in(&f->shim, f->frame, 13, 1);
	shim_in(&f->shim, f->frame, 30, 1);
	assert_int_equal(stat(f, NAT_STAT_BAD_FRAME), 2);
	s.src = "10.0.3.15";
	in_udp(f, s);
	s.src = "10.0.2.2";
	in_udp(f, s);
	s.src = "10.0.2.0";
	in_udp(f, s);
	s.src = "10.0.2.255";
	in_udp(f, s);
	s.src = "fe80::5";
	s.dst = "2001:db8::1";
	in_udp(f, s);
	s.src = "fd00::";
	in_udp(f, s);
	assert_int_equal(stat(f, NAT_STAT_BAD_SOURCE), 6);
	assert_int_equal(f->passed, 0);
	assert_int_equal(leaves(f, f->last, &(struct offload){0}), 0);
}

static void other_protocols_have_a_reason_of_their_own(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15", .dst = "192.0.2.1"};

	shim_in(&f->shim, f->frame, make_icmp(&s, true, 13, f->frame), 1);
	assert_int_equal(stat(f, NAT_STAT_BAD_PROTOCOL), 1);
	assert_int_equal(stat(f, NAT_STAT_BAD_TYPE), 0);
	assert_int_equal(f->passed, 0);
}

static void what_leads_to_the_host_or_to_guests_is_closed(void **state)
{
	static const char *const host[] = {
		"127.0.0.1", "0.0.0.0", "10.0.2.2",        "::1",
		"::",        "fd00::2", "::ffff:127.0.0.1"};
	static const char *const other[] = {"10.0.2.16", "224.0.0.1",
					    "255.255.255.255", "fd00::77",
					    "fe80::1"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(host) / sizeof(host[0]); i++) {
		bool v4 = net_of(host[i]).family == AF_INET;
		struct segment s = {v4 ? "10.0.2.15" : "fd00::f",
				    host[i],
				    1,
				    80,
				    TCP_SYN,
				    0,
				    1,
				    0,
				    0};
		struct packet p;
		struct offload off = {0};
		uint32_t len;

		in_tcp(f, s);
		assert_int_equal(stat(f, NAT_STAT_LOOPBACK), i + 1);
		len = leaves(f, f->last, &off);
		assert_true(is_right(f->last, len, &p));
		assert_int_equal(f->last[p.l4 + 13], TCP_RST | TCP_ACK);
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		bool v4 = net_of(other[i]).family == AF_INET;

		in_udp(f, (struct segment){.src = v4 ? "10.0.2.15" : "fd00::f",
					   .dst = other[i]});
		assert_int_equal(stat(f, NAT_STAT_NOT_OURS), i + 1);
	}
	assert_int_equal(f->passed, 0);
	f->conf.host_loopback = true;
	in_tcp(f, (struct segment){.src = "10.0.2.15",
				   .dst = "10.0.2.2",
				   .flags = TCP_SYN});
	assert_int_equal(f->passed, 1);
}

static void restricted_opens_nothing(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15",
			    .dst = "192.0.2.1",
			    .src_port = 22,
			    .dst_port = 4000,
			    .flags = TCP_SYN};

	f->conf.restricted = true;
	in_tcp(f, s);
	in_udp(f, s);
	shim_in(&f->shim, f->frame, make_icmp(&s, true, 8, f->frame), 1);
	assert_int_equal(stat(f, NAT_STAT_RESTRICTED), 3);
	assert_int_equal(f->passed, 0);
	/* A forward's connection, and its datagrams, are answered. */
	out_tcp(f, (struct segment){.src = "192.0.2.1",
				    .dst = "10.0.2.15",
				    .src_port = 4000,
				    .dst_port = 22,
				    .flags = TCP_SYN});
	s.flags = TCP_SYN | TCP_ACK;
	in_tcp(f, s);
	assert_int_equal(f->passed, 1);
	/* Which is no way out. */
	s.flags = TCP_SYN;
	in_tcp(f, s);
	assert_int_equal(stat(f, NAT_STAT_RESTRICTED), 4);
	assert_int_equal(f->passed, 1);
}

/* Of an IPv6 packet whose payload is a fragment once more. */
static void a_fragment_of_a_fragment_is_no_packet(void **state)
{
	static const uint8_t inner[16] = {IPPROTO_TCP, 0, 0, 1};
	struct fixture *f = *state;
	struct packet_ends ends = ends_of("fd00::f", "2001:db8::1", true);

	for (uint8_t at = 0; at <= 8; at += 8) {
		uint8_t *ip = f->frame + FRAME_HEADER;

		ip_begin(f->frame, &ends, IPPROTO_FRAGMENT, 16);
		ip[40] = IPPROTO_FRAGMENT;
		ip[41] = 0;
		put16(ip + 42, at ? at : 1); /* more follow the first */
		put32(ip + 44, 7);
		memcpy(ip + 48, inner + at, 8);
		shim_in(&f->shim, f->frame, FRAME_HEADER + 56, 1);
	}
	assert_int_equal(stat(f, NAT_STAT_BAD_FRAME), 1);
	assert_int_equal(f->passed, 0);
}

static void a_forward_from_loopback_is_answered(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.2",
			    .dst = "10.0.2.15",
			    .src_port = 4000,
			    .dst_port = 53};
	uint8_t frame[200];

	shim_out(&f->shim, frame, make_udp(&s, false, frame, 200), 1);
	s = (struct segment){.src = "10.0.2.15",
			     .dst = "10.0.2.2",
			     .src_port = 53,
			     .dst_port = 4000};
	in_udp(f, s);
	assert_int_equal(f->passed, 1);
	s.dst_port++;
	in_udp(f, s);
	assert_int_equal(f->passed, 1);
	assert_int_equal(stat(f, NAT_STAT_LOOPBACK), 1);
}

static void urgent_data_goes_as_data(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15",
			    .dst = "192.0.2.1",
			    .flags = TCP_ACK | TCP_URG,
			    .len = 5};
	struct packet p;

	in_tcp(f, s);
	assert_true(is_right(f->last, f->last_len, &p));
	assert_int_equal(f->last[p.l4 + 13], TCP_ACK);
	assert_int_equal(get16(f->last + p.l4 + 18), 0);
}

static void names_are_asked_here(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15",
			    .dst = "10.0.2.3",
			    .src_port = 1000,
			    .dst_port = 53,
			    .len = 30};

	f->conf.restricted = true;
	in_udp(f, s);
	s.src = "fd00::f";
	s.dst = "fd00::3";
	in_udp(f, s);
	assert_int_equal(f->queries, 2);
	s.dst_port = 54;
	in_udp(f, s);
	f->conf.dns_mode = NAT_DNS_OFF;
	s.dst_port = 53;
	in_udp(f, s);
	assert_int_equal(f->queries, 2);
	assert_int_equal(stat(f, NAT_STAT_LOOPBACK), 2);
	assert_int_equal(f->passed, 0);
}

static void names_by_tcp_are_translated(void **state)
{
	static const char *const sets[][3] = {
		{"10.0.2.15", "10.0.2.3", "10.0.2.2"},
		{"fd00::f", "fd00::3", "fd00::2"}};
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		struct segment s = {.src = sets[i][0],
				    .dst = sets[i][1],
				    .src_port = 1000,
				    .dst_port = 53,
				    .flags = TCP_SYN};
		uint16_t port = i ? 40006 : 40000;
		struct net gateway = net_of(sets[i][2]);
		struct net dns = net_of(sets[i][1]);
		struct offload off = {0};
		struct packet p;
		uint32_t len;

		in_tcp(f, s);
		assert_true(is_right(f->last, f->last_len, &p));
		assert_memory_equal(&p.dst, &gateway, sizeof(gateway));
		assert_int_equal(p.dst_port, port);
		out_tcp(f, (struct segment){.src = sets[i][2],
					    .dst = sets[i][0],
					    .src_port = port,
					    .dst_port = 1000,
					    .flags = TCP_SYN | TCP_ACK});
		len = leaves(f, f->last, &off);
		assert_true(is_right(f->last, len, &p));
		assert_memory_equal(&p.src, &dns, sizeof(dns));
		assert_int_equal(p.src_port, 53);
	}
}

static void pings_go_out_only_if_they_can(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15", .dst = "192.0.2.1"};
	uint8_t frame[200];

	shim_in(&f->shim, f->frame, make_icmp(&s, true, 8, f->frame), 1);
	assert_int_equal(f->passed, 1);
	s.src_port = 1; /* another, while the first has no answer */
	shim_in(&f->shim, f->frame, make_icmp(&s, true, 8, f->frame), 1);
	assert_int_equal(stat(f, NAT_STAT_FLOW_LIMIT), 1);
	s = (struct segment){.src = "192.0.2.1", .dst = "10.0.2.15"};
	shim_out(&f->shim, frame, make_icmp(&s, false, 0, frame), 1);
	assert_int_equal(flows_count(f->shim.flows), 0);
	f->shim.ping = false;
	s = (struct segment){.src = "10.0.2.15", .dst = "192.0.2.1"};
	shim_in(&f->shim, f->frame, make_icmp(&s, true, 8, f->frame), 1);
	assert_int_equal(f->passed, 1);
	assert_int_equal(f->forbidden, 1);
	assert_int_equal(stat(f, NAT_STAT_PING_FORBIDDEN), 1);
}

static void the_oldest_connection_makes_place(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15",
			    .dst = "192.0.2.1",
			    .dst_port = 80,
			    .flags = TCP_SYN};
	struct offload off = {0};
	struct packet p;
	uint32_t len;

	for (s.src_port = 1; s.src_port <= 2; s.src_port++)
		in_tcp(f, s);
	in_tcp(f, s);
	assert_int_equal(stat(f, NAT_STAT_FLOW_LIMIT), 1); /* none is open */
	out_tcp(f, (struct segment){.src = "192.0.2.1",
				    .dst = "10.0.2.15",
				    .src_port = 80,
				    .dst_port = 1,
				    .flags = TCP_SYN | TCP_ACK,
				    .seq = 500,
				    .ack = 101});
	assert_int_not_equal(leaves(f, f->last, &off), 0);
	in_tcp(f, s);
	assert_int_equal(stat(f, NAT_STAT_FLOW_LIMIT), 1);
	assert_int_equal(f->injected, 1);
	assert_int_equal(f->passed, 3);
	len = leaves(f, f->last, &off);
	assert_true(is_right(f->last, len, &p));
	assert_int_equal(p.dst_port, 1);
	assert_true(f->last[p.l4 + 13] & TCP_RST);
	assert_int_equal(get32(f->last + p.l4 + 4), 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(only_what_is_for_it),
		CASE(other_protocols_have_a_reason_of_their_own),
		CASE(what_leads_to_the_host_or_to_guests_is_closed),
		CASE(restricted_opens_nothing),
		CASE(a_fragment_of_a_fragment_is_no_packet),
		CASE(a_forward_from_loopback_is_answered),
		CASE(urgent_data_goes_as_data),
		CASE(names_are_asked_here),
		CASE(names_by_tcp_are_translated),
		CASE(pings_go_out_only_if_they_can),
		CASE(the_oldest_connection_makes_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
