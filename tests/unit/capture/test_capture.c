/* SPDX-License-Identifier: MIT */
#include "tests/unit/capture/rig.h"

#include "capture/filter_compile.h"

/* --- What is in the file ------------------------------------------------ */

static void keeps_bytes_order_and_time(void **state)
{
	static const uint32_t lens[] = {14, 42, 60, 61, 62, 63, 1514, 9018};
	static const struct format *const formats[] = {&format_pcapng,
						       &format_pcap};
	struct pcap_pkthdr *head;
	const u_char *data;
	struct rig r;
	uint64_t from;

	rig_init(&r);
	for (int k = 0; k < 2; k++) {
		uint64_t now = rig_now();
		pcap_t *pcap;

		from = clock_ns(CLOCK_REALTIME);
		rig_start(&r, (struct capture_options){.file = "a",
						       .format = formats[k]});
		(void)rig_port(&r, "sw1.pc1");
		for (uint8_t i = 0; i < 8; i++) {
			rig_frame(&r, 0, CAPTURE_RX, rig_fill(i, lens[i]),
				  lens[i], now + i);
		}
		rig_stop(&r);
		assert_int_equal(r.stats.frames, 8);
		pcap = rig_open(&r, "a");
		for (uint8_t i = 0; i < 8; i++) {
			uint64_t time_ns;

			assert_int_equal(pcap_next_ex(pcap, &head, &data), 1);
			time_ns = (uint64_t)head->ts.tv_sec * CLOCK_S_NS +
				  (uint64_t)head->ts.tv_usec;
			assert_true(time_ns + CLOCK_S_NS > from &&
				    time_ns < from + 60 * CLOCK_S_NS);
			if (i == 0)
				from = time_ns;
			assert_true(time_ns == from + i);
			assert_int_equal(head->len, lens[i]);
			assert_int_equal(head->caplen, lens[i]);
			assert_memory_equal(data, rig_fill(i, lens[i]),
					    lens[i]);
		}
		pcap_close(pcap);
		assert_int_equal(rig_count(&r, "a"), 8);
	}
	rig_done(&r);
}

static void says_port_and_direction(void **state)
{
	static const char *const names[] = {"sw1.pc1", "sw2.#17"};
	const uint8_t *block;
	const uint8_t *text;
	struct rig r;
	unsigned len;
	size_t at = 0;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a", .lab = "campus"});
	assert_int_equal(rig_port(&r, names[0]), 0);
	rig_put(&r, 0, CAPTURE_RX, 1, 60);
	assert_int_equal(rig_port(&r, names[1]), 1);
	assert_int_equal(rig_port(&r, names[0]), 0);
	rig_put(&r, 1, CAPTURE_TX, 1, 60);
	rig_stop(&r);

	rig_read(&r, "a");
	block = rig_block(&r, RIG_SHB, &at);
	text = rig_option(block, 24, 1, &len);
	assert_int_equal(len, 6);
	assert_memory_equal(text, "campus", 6);
	at = 0;
	for (unsigned i = 0; i < 2; i++) {
		block = rig_block(&r, RIG_IDB, &at);
		text = rig_option(block, 16, 2, &len);
		assert_int_equal(len, 7);
		assert_memory_equal(text, names[i], 7);
	}
	at = 0;
	for (uint32_t i = 0; i < 2; i++) {
		block = rig_block(&r, RIG_EPB, &at);
		assert_int_equal(rig_u32(block + 8), i);
		text = rig_option(block, 28 + 60, 2, &len);
		assert_int_equal(rig_u32(text), i + 1);
	}
	assert_null(rig_block(&r, RIG_EPB, &at));
	assert_int_equal(rig_stat(&r, 0, 4), 1);
	assert_int_equal(rig_stat(&r, 1, 5), 0);
	assert_int_equal(rig_blocks(&r, RIG_SHB), 1);
	rig_done(&r);
}

static void shows_tags_as_on_the_wire(void **state)
{
	struct frame f = {.data = rig_fill(3, 60), .len = 60};
	struct pcap_pkthdr *head;
	uint8_t tag[FRAME_TAG];
	const u_char *data;
	struct wire w;
	struct rig r;
	pcap_t *pcap;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a", .snaplen = 17});
	frame_write_tag(tag, 10);
	wire_make(&w, &f, TAG_PUSH, tag);
	capture_frames(r.capture, rig_port(&r, "sw1.t"), CAPTURE_TX, &w, 1, 1);
	rig_stop(&r);
	pcap = rig_open(&r, "a");
	assert_int_equal(pcap_snapshot(pcap), 17);
	assert_int_equal(pcap_next_ex(pcap, &head, &data), 1);
	assert_int_equal(head->len, 64);
	assert_int_equal(head->caplen, 17);
	assert_memory_equal(data, "\3\3\3\3\3\3\3\3\3\3\3\3\x81\0\0\x0a\x88",
			    17);
	pcap_close(pcap);
	rig_done(&r);
}

static void takes_what_is_asked_for(void **state)
{
	static const uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};
	struct frame f = {.data = arp, .len = sizeof(arp)};
	uint8_t tag[FRAME_TAG];
	struct filter filter;
	struct wire w;
	struct rig r;

	rig_init(&r);
	assert_true(filter_compile("arp or (vlan 10 and arp)", &filter, NULL));
	rig_start(&r, (struct capture_options){.file = "a",
					       .direction = CAPTURE_TX,
					       .filter = &filter});
	filter_done(&filter);
	(void)rig_port(&r, "sw1.pc1");
	rig_put(&r, 0, CAPTURE_TX, 1, 60);
	rig_frame(&r, 0, CAPTURE_RX, arp, 60, rig_now());
	rig_frame(&r, 0, CAPTURE_TX, arp, 60, rig_now());
	frame_write_tag(tag, 10);
	wire_make(&w, &f, TAG_PUSH, tag);
	capture_frames(r.capture, 0, CAPTURE_TX, &w, 1, 1);
	frame_write_tag(tag, 11);
	capture_frames(r.capture, 0, CAPTURE_TX, &w, 1, 1);
	capture_dropped(r.capture, 0, DROP_TX_DOWN, &w, 1, 1);
	rig_stop(&r);
	assert_int_equal(rig_count(&r, "a"), 2);
	rig_done(&r);
}

static void says_what_was_dropped_and_why(void **state)
{
	struct frame f = {.data = rig_fill(3, 60), .len = 60};
	const uint8_t *block;
	const uint8_t *text;
	struct wire w;
	struct rig r;
	unsigned len;
	size_t at = 0;

	rig_init(&r);
	rig_start(&r, (struct capture_options){.file = "a", .drops = true});
	wire_whole(&w, &f);
	(void)rig_port(&r, "sw1.pc1");
	for (enum drop reason = 0; reason < DROP_COUNT; reason++)
		capture_dropped(r.capture, 0, reason, &w, 1, 1);
	rig_stop(&r);
	rig_read(&r, "a");
	for (enum drop reason = 0; reason < DROP_COUNT; reason++) {
		char want[FORMAT_TEXT_MAX];

		block = rig_block(&r, RIG_EPB, &at);
		text = rig_option(block, 28 + 60, 1, &len);
		(void)snprintf(want, sizeof(want), "dropped: %s: %s",
			       drop_name(reason), drop_text(reason));
		assert_int_equal(len, strlen(want));
		assert_memory_equal(text, want, len);
		text = rig_option(block, 28 + 60, 2, &len);
		assert_int_equal(rig_u32(text),
				 strncmp(drop_name(reason), "rx_", 3) == 0
					 ? CAPTURE_RX
					 : CAPTURE_TX);
	}
	assert_int_equal(rig_count(&r, "a"), DROP_COUNT);
	rig_done(&r);
}

/* --- Super-frames ------------------------------------------------------- */

static void cuts_super_frames(void **state)
{
	struct pcap_pkthdr *head;
	const u_char *data;
	struct wire w;
	struct rig r;
	pcap_t *pcap;

	rig_init(&r);
	rig_super(&w, 10 * 1448 + 1);
	rig_start(&r, (struct capture_options){.file = "a"});
	capture_frames(r.capture, rig_port(&r, "sw1.pc1"), CAPTURE_RX, &w, 1,
		       1);
	rig_stop(&r);
	assert_int_equal(r.stats.frames, 11);
	assert_int_equal(r.stats.bytes, offload_wires_bytes(&w, 1));
	pcap = rig_open(&r, "a");
	for (unsigned i = 0; i < 11; i++) {
		assert_int_equal(pcap_next_ex(pcap, &head, &data), 1);
		assert_int_equal(head->len, i < 10 ? 54 + 1448 : 55);
		assert_true(tcp_is_right(data, head->caplen));
		assert_true(!(data[47] & TCP_PSH) == (i < 10));
	}
	pcap_close(pcap);
	assert_int_equal(rig_count(&r, "a"), 11);

	rig_start(&r, (struct capture_options){.file = "b", .raw = true});
	capture_frames(r.capture, rig_port(&r, "sw1.pc1"), CAPTURE_RX, &w, 1,
		       1);
	rig_stop(&r);
	assert_int_equal(rig_count(&r, "b"), 1);
	rig_done(&r);
}

/* Of 44 frames of 1502 bytes and one of 55. */
static void filters_what_it_shows_of_super_frames(void **state)
{
	static const struct {
		const char *filter;
		unsigned frames;
		unsigned raw;
	} cases[] = {
		{"tcp", 45, 1},
		{"arp", 0, 0},
		{"tcp[tcpflags] & tcp-push != 0", 1, 1},
		{"tcp[tcpflags] & tcp-push == 0", 44, 0},
		{"less 100", 1, 0},
		{"greater 2000", 0, 1},
		{"ip[2:2] = 1488", 44, 0},
		{"tcp[22000] >= 0", 0, 1},
	};
	struct filter filter;
	struct wire w;
	struct rig r;

	rig_init(&r);
	rig_super(&w, 44 * 1448 + 1);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool raw = i % 2;

		assert_true(filter_compile(cases[i / 2].filter, &filter, NULL));
		rig_start(&r, (struct capture_options){.file = "a",
						       .filter = &filter,
						       .raw = raw});
		filter_done(&filter);
		capture_frames(r.capture, rig_port(&r, "sw1.pc1"), CAPTURE_RX,
			       &w, 1, 1);
		rig_stop(&r);
		assert_int_equal(r.stats.frames,
				 raw ? cases[i / 2].raw : cases[i / 2].frames);
		assert_int_equal(rig_count(&r, "a"), r.stats.frames);
	}
	rig_done(&r);
}

static void keeps_the_beginning_of_what_it_cuts(void **state)
{
	struct pcap_pkthdr *head;
	uint8_t whole[54 + 1448];
	const u_char *data;
	struct wire w;
	struct rig r;
	pcap_t *pcap;

	rig_init(&r);
	rig_super(&w, 10 * 1448 + 1);
	for (int i = 0; i < 2; i++) {
		uint32_t snaplen = i == 0 ? sizeof(whole) : 80;

		rig_start(&r, (struct capture_options){.file = "a",
						       .snaplen = snaplen});
		capture_frames(r.capture, rig_port(&r, "sw1.pc1"), CAPTURE_RX,
			       &w, 1, 1);
		rig_stop(&r);
		pcap = rig_open(&r, "a");
		assert_int_equal(pcap_next_ex(pcap, &head, &data), 1);
		if (i == 0)
			memcpy(whole, data, snaplen);
		assert_int_equal(head->len, sizeof(whole));
		assert_int_equal(head->caplen, snaplen);
		assert_memory_equal(data, whole, snaplen);
		pcap_close(pcap);
	}
	assert_true(tcp_is_right(whole, sizeof(whole)));
	rig_done(&r);
}

/* --- Options ------------------------------------------------------------ */

static void refuses_what_cannot_be(void **state)
{
	static const struct filter filter = {.insns = NULL};
	static const struct {
		struct capture_options opt;
		const char *message;
	} cases[] = {
		{{.file = "a", .ring = 1000}, "at least"},
		{{.file = "a", .keep = 1}, "2 to 99"},
		{{.file = "a", .keep = 100}, "2 to 99"},
		{{.file = "a", .drops = true, .format = &format_pcap},
		 "format 'pcap'"},
		{{.file = "no/a", .filter = &filter}, "directory of 'no/a'"},
	};
	struct err err;
	struct rig r;

	rig_init(&r);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct capture_options opt = cases[i].opt;

		opt.dir_fd = r.dir_fd;
		assert_null(capture_new(&r.loop, &opt, &err));
		assert_non_null(strstr(err.msg, cases[i].message));
	}
	assert_int_equal(rig_size(&r, "a"), -1);
	rig_start(&r, (struct capture_options){.file = "a"});
	for (unsigned i = 0; i < CAPTURE_PORTS_MAX; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "sw1.p%u", i);
		assert_int_equal(rig_port(&r, name), i);
	}
	assert_false(capture_add(r.capture, "one.more", &(unsigned){0}, &err));
	rig_stop(&r);
	rig_read(&r, "a");
	assert_int_equal(rig_blocks(&r, RIG_IDB), CAPTURE_PORTS_MAX);
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_bytes_order_and_time),
		cmocka_unit_test(says_port_and_direction),
		cmocka_unit_test(shows_tags_as_on_the_wire),
		cmocka_unit_test(takes_what_is_asked_for),
		cmocka_unit_test(says_what_was_dropped_and_why),
		cmocka_unit_test(cuts_super_frames),
		cmocka_unit_test(filters_what_it_shows_of_super_frames),
		cmocka_unit_test(keeps_the_beginning_of_what_it_cuts),
		cmocka_unit_test(refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
