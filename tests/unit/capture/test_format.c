/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "capture/format.h"

static const uint8_t data[] = {2, 0, 0, 0, 0, 2, 2,    0,   0,
			       0, 0, 1, 8, 6, 1, 0xaa, 0xbb};

/* Bytes as draft-ietf-opsawg-pcapng says, on a little-endian machine. */
static void writes_pcapng(void **state)
{
	static const char interface[] =
		"\x01\0\0\0\x2c\0\0\0"                   /* type, length */
		"\x01\0\0\0\0\0\x04\0"                   /* Ethernet, snaplen */
		"\x02\0\x05\0\x61\x2e\x62\x63\x64\0\0\0" /* if_name */
		"\x09\0\x01\0\x09\0\0\0"                 /* if_tsresol */
		"\0\0\0\0\x2c\0\0\0";
	static const char frame[] =
		"\x06\0\0\0\x48\0\0\0"
		"\x03\0\0\0\x02\0\0\0\x01\0\0\0" /* interface, time */
		"\x11\0\0\0\x11\0\0\0"           /* kept, of */
		"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\x06\x01\xaa"
		"\xbb\0\0\0"                 /* padded */
		"\x02\0\x04\0\x02\0\0\0"     /* epb_flags: outbound */
		"\x01\0\x03\0\x77\x68\x79\0" /* opt_comment */
		"\0\0\0\0\x48\0\0\0";
	static const char stats[] =
		"\x05\0\0\0\x34\0\0\0"
		"\x03\0\0\0\x02\0\0\0\x01\0\0\0" /* interface, time */
		"\x04\0\x08\0\x09\0\0\0\0\0\0\0" /* isb_ifrecv */
		"\x05\0\x08\0\x08\0\0\0\0\0\0\0" /* isb_ifdrop */
		"\0\0\0\0\x34\0\0\0";
	const struct frame in = {.data = data, .len = sizeof(data)};
	uint8_t block[FORMAT_BLOCK_MAX];
	struct wire w;
	const struct format_frame f = {.wire = &w,
				       .comment = "why",
				       .time_ns = (2ull << 32) + 1,
				       .snaplen = 100,
				       .interface = 3,
				       .direction = CAPTURE_TX};
	const struct format_stats s = {.time_ns = (2ull << 32) + 1,
				       .received = 9,
				       .dropped = 8,
				       .interface = 3};

	wire_whole(&w, &in);
	assert_int_equal(format_pcapng.interface(block, "a.bcd", 262144),
			 sizeof(interface) - 1);
	assert_memory_equal(block, interface, sizeof(interface) - 1);
	assert_int_equal(format_pcapng.frame(block, &f), sizeof(frame) - 1);
	assert_memory_equal(block, frame, sizeof(frame) - 1);
	assert_int_equal(format_pcapng.block_size(block), sizeof(frame) - 1);
	assert_int_equal(format_pcapng.stats(block, &s), sizeof(stats) - 1);
	assert_memory_equal(block, stats, sizeof(stats) - 1);
}

static void writes_pcap(void **state)
{
	static const uint8_t head[] = {0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0,
				       0,    0,    0,    0,    0, 0, 0, 0,
				       5,    0,    0,    0,    1, 0, 0, 0};
	static const uint8_t frame[] = {2, 0,  0, 0, 1, 0, 0, 0, 5, 0, 0,
					0, 17, 0, 0, 0, 2, 0, 0, 0, 0};
	const struct frame in = {.data = data, .len = sizeof(data)};
	uint8_t block[FORMAT_BLOCK_MAX];
	struct wire w;
	const struct format_frame f = {.wire = &w,
				       .time_ns = 2000000001,
				       .snaplen = 5,
				       .direction = CAPTURE_RX};

	wire_whole(&w, &in);
	assert_int_equal(format_pcap.header(block, "lab", 5), sizeof(head));
	assert_memory_equal(block, head, sizeof(head));
	assert_int_equal(format_pcap.frame(block, &f), sizeof(frame));
	assert_memory_equal(block, frame, sizeof(frame));
	assert_int_equal(format_pcap.block_size(block), sizeof(frame));
	assert_int_equal(format_pcap.interface(block, "sw1.pc1", 5), 0);
	assert_int_equal(
		format_pcap.stats(block, &(struct format_stats){.time_ns = 1}),
		0);
}

static void cuts_long_texts(void **state)
{
	const struct frame in = {.data = data, .len = sizeof(data)};
	uint8_t block[FORMAT_BLOCK_MAX + sizeof(data)];
	char text[1000];
	struct wire w;
	const struct format_frame f = {
		.wire = &w, .comment = text, .snaplen = 100};

	wire_whole(&w, &in);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(format_pcapng.header(block, text, 0) <= FORMAT_BLOCK_MAX);
	assert_true(format_pcapng.interface(block, text, 0) <=
		    FORMAT_BLOCK_MAX);
	assert_true(format_pcapng.frame(block, &f) <= sizeof(block));
}

static void knows_its_own(void **state)
{
	static const uint32_t snaplens[] = {1, FORMAT_SNAPLEN};
	uint8_t block[FORMAT_BLOCK_MAX];
	size_t len;

	for (int i = 0; i < 2; i++) {
		len = format_pcapng.header(block, i ? "lab" : NULL,
					   snaplens[i]);
		assert_true(format_pcapng.ours(block, len));
		assert_false(format_pcap.ours(block, len));
		for (size_t k = 0; k < len; k++)
			assert_int_equal(format_pcapng.ours(block, k),
					 k >= 28 + 10);
		block[28] = 'L';
		assert_false(format_pcapng.ours(block, len));
		len = format_pcap.header(block, NULL, snaplens[i]);
		assert_true(format_pcap.ours(block, len));
		assert_false(format_pcapng.ours(block, len));
		assert_false(format_pcap.ours(block, len - 1));
		block[0] = 0xd4; /* microseconds */
		assert_false(format_pcap.ours(block, len));
	}
}

static void has_names(void **state)
{
	assert_ptr_equal(format_find("pcapng"), &format_pcapng);
	assert_ptr_equal(format_find("pcap"), &format_pcap);
	assert_null(format_find("pca"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_pcapng),
		cmocka_unit_test(writes_pcap),
		cmocka_unit_test(cuts_long_texts),
		cmocka_unit_test(knows_its_own),
		cmocka_unit_test(has_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
