/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>

#include "switchd/core/frame.h"

#define ADDRESSES "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"

#define FRAME(bytes)                                                           \
	((struct frame){.data = (const uint8_t *)(bytes),                      \
			.len = sizeof(bytes) - 1})

static const struct offload offload = {
	.flags = 1,
	.gso_type = 1,
	.hdr_len = 54,
	.gso_size = 1448,
	.csum_start = 34,
	.csum_offset = 16,
};

static void expect_bytes(const struct wire *w, const char *bytes, size_t len)
{
	uint8_t out[64];
	size_t sum = 0;

	assert_in_range(w->pieces, 1, FRAME_PIECES);
	for (unsigned i = 0; i < w->pieces; i++)
		sum += w->iov[i].iov_len;
	assert_int_equal(sum, len);
	assert_int_equal(w->len, len);
	wire_copy(w, out);
	assert_memory_equal(out, bytes, len);
}

#define EXPECT(w, bytes) expect_bytes(w, bytes, sizeof(bytes) - 1)

static void reads_the_header(void **state)
{
	struct frame f = FRAME(ADDRESSES "\x81\x00\x60\x0a\x08\x00");

	assert_int_equal(frame_type(&f), FRAME_TYPE_VLAN);
	assert_int_equal(frame_tci(&f), 0x600a);
	assert_int_equal(frame_dst(&f)[5], 1);
	assert_int_equal(frame_src(&f)[5], 2);
}

static void payload_is_without_two_tags(void **state)
{
	struct frame f = FRAME(ADDRESSES "\x08\x00pay");

	assert_int_equal(frame_payload(&f), 3);
	f = FRAME(ADDRESSES "\x81\x00\0\x01\x08\x00pay");
	assert_int_equal(frame_payload(&f), 3);
	f = FRAME(ADDRESSES "\x88\xa8\0\x01\x81\x00\0\x02\x08\x00pay");
	assert_int_equal(frame_payload(&f), 3);
	f = FRAME(ADDRESSES "\x81\x00\0\x01\x81\x00\0\x02\x81\x00pay");
	assert_int_equal(frame_payload(&f), 3);
}

static void payload_reads_no_byte_beyond(void **state)
{
	struct frame f = FRAME(ADDRESSES "\x81\x00\0\x01\x81\x00");

	assert_int_equal(frame_payload(&f), 0);
	for (f.len = 14; f.len < 18; f.len++)
		assert_int_equal(frame_payload(&f), f.len - 14);
	f = FRAME(ADDRESSES "\x08\x00");
	assert_int_equal(frame_payload(&f), 0);
}

static void tag_ops_describe_other_pieces(void **state)
{
	struct frame plain = FRAME(ADDRESSES "\x08\x00p");
	struct frame tagged = FRAME(ADDRESSES "\x81\x00\x60\x0a\x08\x00p");
	uint8_t tag[FRAME_TAG];
	struct wire w;

	frame_write_tag(tag, 0xa014);
	wire_make(&w, &plain, TAG_KEEP, NULL);
	EXPECT(&w, ADDRESSES "\x08\x00p");
	wire_make(&w, &plain, TAG_PUSH, tag);
	EXPECT(&w, ADDRESSES "\x81\x00\xa0\x14\x08\x00p");
	wire_make(&w, &tagged, TAG_KEEP, NULL);
	EXPECT(&w, ADDRESSES "\x81\x00\x60\x0a\x08\x00p");
	wire_make(&w, &tagged, TAG_POP, NULL);
	EXPECT(&w, ADDRESSES "\x08\x00p");
	wire_make(&w, &tagged, TAG_REPLACE, tag);
	EXPECT(&w, ADDRESSES "\x81\x00\xa0\x14\x08\x00p");
	wire_whole(&w, &tagged);
	assert_ptr_equal(w.iov[0].iov_base, tagged.data);
}

static void shortest_frames_survive_tag_ops(void **state)
{
	struct frame plain = FRAME(ADDRESSES "\x08\x00");
	struct frame tagged = FRAME(ADDRESSES "\x81\x00\0\x01\x08\x00");
	uint8_t tag[FRAME_TAG];
	struct wire w;

	frame_write_tag(tag, 1);
	wire_make(&w, &plain, TAG_PUSH, tag);
	EXPECT(&w, ADDRESSES "\x81\x00\0\x01\x08\x00");
	wire_make(&w, &tagged, TAG_POP, NULL);
	EXPECT(&w, ADDRESSES "\x08\x00");
}

static void offload_offsets_follow_the_tag(void **state)
{
	struct frame plain = FRAME(ADDRESSES "\x08\x00p");
	struct frame tagged = FRAME(ADDRESSES "\x81\x00\x60\x0a\x08\x00p");
	uint8_t tag[FRAME_TAG] = {0};
	struct wire w;

	plain.off = offload;
	tagged.off = offload;
	wire_make(&w, &plain, TAG_KEEP, NULL);
	assert_memory_equal(&w.off, &offload, sizeof(offload));
	wire_make(&w, &tagged, TAG_REPLACE, tag);
	assert_memory_equal(&w.off, &offload, sizeof(offload));
	wire_make(&w, &plain, TAG_PUSH, tag);
	assert_int_equal(w.off.hdr_len, 58);
	assert_int_equal(w.off.csum_start, 38);
	assert_int_equal(w.off.csum_offset, 16);
	assert_int_equal(w.off.gso_size, 1448);
	wire_make(&w, &tagged, TAG_POP, NULL);
	assert_int_equal(w.off.hdr_len, 50);
	assert_int_equal(w.off.csum_start, 30);
}

static void absent_offload_stays_absent(void **state)
{
	static const struct offload none;
	struct frame tagged = FRAME(ADDRESSES "\x81\x00\x60\x0a\x08\x00p");
	struct wire w;

	wire_make(&w, &tagged, TAG_POP, NULL);
	assert_memory_equal(&w.off, &none, sizeof(none));
	tagged.off.csum_start = 3;
	wire_make(&w, &tagged, TAG_POP, NULL);
	assert_int_equal(w.off.csum_start, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_header),
		cmocka_unit_test(payload_is_without_two_tags),
		cmocka_unit_test(payload_reads_no_byte_beyond),
		cmocka_unit_test(tag_ops_describe_other_pieces),
		cmocka_unit_test(shortest_frames_survive_tag_ops),
		cmocka_unit_test(offload_offsets_follow_the_tag),
		cmocka_unit_test(absent_offload_stays_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
