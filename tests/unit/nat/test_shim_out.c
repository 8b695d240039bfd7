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
	struct net gateway = addr_of("10.0.2.2");
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
	struct net guest = addr_of("10.0.2.15");
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
		CASE(long_datagrams_leave_as_fragments),
		CASE(errors_come_from_the_gateway),
		CASE(libslirp_learns_macs_from_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
