/* SPDX-License-Identifier: MIT */
#include "tests/unit/nat/shim_fixture.h"

#include "switchd/core/offload.h"

static void sizes_suit_the_guest(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "10.0.2.15",
			    .dst = "192.0.2.1",
			    .src_port = 1,
			    .dst_port = 80,
			    .flags = TCP_SYN,
			    .mss = 1360};
	struct segment back = {.src = "192.0.2.1",
			       .dst = "10.0.2.15",
			       .src_port = 80,
			       .dst_port = 1,
			       .flags = TCP_SYN | TCP_ACK,
			       .mss = 32768};
	struct offload off = {0};
	struct packet p;
	uint32_t len;

	in_tcp(f, s);
	out_tcp(f, back);
	len = leaves(f, f->last, &off);
	assert_true(is_right(f->last, len, &p));
	assert_int_equal(get16(f->last + p.l4 + 22), 1460);
	back.flags = TCP_ACK;
	back.mss = 0;
	back.len = 1360;
	out_tcp(f, back);
	len = leaves(f, f->last, &off);
	assert_int_equal(off.gso_type, 0);
	assert_true(is_right(f->last, len, &p));
	back.len = 32000;
	out_tcp(f, back);
	len = leaves(f, f->last, &off);
	assert_int_equal(len, 54 + 32000);
	assert_int_equal(off.gso_type, OFFLOAD_GSO_TCPV4);
	assert_int_equal(off.gso_size, 1360);
	assert_true(offload_check(
		&(struct frame){.data = f->last, .len = len, .off = off}));
	offload_complete(f->last, len, &off);
	assert_true(is_right(f->last, len, &p));
	assert_memory_equal(f->last + 6, nat_own_mac.b, 6);
}

/* Two of libslirp's segments, as one frame, and what follows it not. */
static void check_joined(struct fixture *f, struct segment s)
{
	struct offload off;
	struct packet p;
	uint32_t headers = s.src[0] == '1' ? 54 : 74;
	uint32_t len;

	s.flags = TCP_ACK;
	out_tcp(f, s);
	s.seq += s.len;
	s.flags = TCP_ACK | TCP_PSH;
	out_tcp(f, s);
	s.seq += s.len;
	out_tcp(f, s); /* is too long to go with them */
	s.len = 1;
	out_tcp(f, s); /* the same bytes again */
	len = leaves(f, f->last, &off);
	assert_int_equal(len, headers + 64000);
	assert_true(offload_check(
		&(struct frame){.data = f->last, .len = len, .off = off}));
	offload_complete(f->last, len, &off);
	assert_true(is_right(f->last, len, &p));
	assert_int_equal(f->last[p.l4 + 13], TCP_ACK | TCP_PSH);
	for (uint32_t i = 0; i < 64000; i++)
		assert_int_equal(f->last[headers + i], (uint8_t)i);
	assert_int_equal(leaves(f, f->last, &off), headers + 32000);
	assert_int_equal(leaves(f, f->last, &off), headers + 1);
	assert_int_equal(leaves(f, f->last, &off), 0);
}

static void halves_of_a_window_leave_together(void **state)
{
	struct segment v4 = {.src = "192.0.2.1",
			     .dst = "10.0.2.15",
			     .src_port = 80,
			     .dst_port = 1,
			     .len = 32000};
	struct segment v6 = v4;

	v6.src = "2001:db8::1";
	v6.dst = "fd00::15";
	check_joined(*state, v4);
	check_joined(*state, v6);
}

static void only_what_follows_is_joined(void **state)
{
	struct fixture *f = *state;
	const struct segment first = {.src = "192.0.2.1",
				      .dst = "10.0.2.15",
				      .src_port = 80,
				      .dst_port = 1,
				      .flags = TCP_ACK,
				      .len = 20000};
	struct segment others[6];
	struct offload off;

	for (int i = 0; i < 6; i++) {
		others[i] = first;
		others[i].seq = first.len;
	}
	others[0].seq++;
	others[1].ack++;
	others[2].src_port++;
	others[3].dst = "10.0.2.16";
	others[4].flags |= TCP_FIN;
	others[5].len = 0; /* a duplicate acknowledgement */
	for (int i = 0; i < 6; i++) {
		out_tcp(f, first);
		out_tcp(f, others[i]);
		assert_int_equal(leaves(f, f->last, &off), 54 + 20000);
		assert_int_equal(leaves(f, f->last, &off), 54 + others[i].len);
	}
}

static void long_datagrams_leave_as_fragments(void **state)
{
	struct fixture *f = *state;
	struct segment s = {
		.src = "192.0.2.1", .dst = "10.0.2.15", .len = 4000};
	uint8_t frame[5000];
	struct offload off = {0};
	uint32_t total = 0;
	uint32_t len;

	shim_out(&f->shim, frame, make_udp(&s, false, frame, 5000), 1);
	while ((len = leaves(f, f->last, &off)) > 0) {
		assert_true(len <= 1514);
		total += len - 34;
	}
	assert_int_equal(total, 4008);
}

static void errors_come_from_the_gateway(void **state)
{
	struct fixture *f = *state;
	struct segment s = {.src = "127.0.0.1", .dst = "10.0.2.15", .len = 28};
	struct net gateway = net_of("10.0.2.2");
	uint8_t frame[200];
	struct offload off = {0};
	struct packet p;
	uint32_t len;

	shim_out(&f->shim, frame, make_icmp(&s, false, 3, frame), 1);
	len = leaves(f, f->last, &off);
	assert_true(is_right(f->last, len, &p));
	assert_memory_equal(&p.src, &gateway, sizeof(gateway));
}

/* libslirp asks for a guest; it and the segment are told and asked once. */
static void libslirp_learns_macs_from_here(void **state)
{
	struct fixture *f = *state;
	uint8_t arp[42] = {[12] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
	struct net guest = net_of("10.0.2.15");
	struct offload off = {0};

	memcpy(arp + 38, guest.addr, 4);
	shim_out(&f->shim, arp, sizeof(arp), 1);
	assert_false(shim_resolve(&f->shim, 2));
	assert_false(shim_resolve(&f->shim, 3));
	assert_int_equal(leaves(f, f->last, &off), 42);
	assert_memory_equal(f->last + 38, guest.addr, 4);
	assert_int_equal(leaves(f, f->last, &off), 0);
	in_udp(f, (struct segment){.src = "10.0.2.15", .dst = "192.0.2.1"});
	assert_true(shim_resolve(&f->shim, 4));
	assert_int_equal(f->injected, 1);
	assert_int_equal(get16(f->last + 20), 2);
	assert_memory_equal(f->last + 22, guest_mac.b, 6);
	assert_false(shim_resolve(&f->shim, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sizes_suit_the_guest),
		CASE(halves_of_a_window_leave_together),
		CASE(only_what_follows_is_joined),
		CASE(long_datagrams_leave_as_fragments),
		CASE(errors_come_from_the_gateway),
		CASE(libslirp_learns_macs_from_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
