/* SPDX-License-Identifier: MIT */
/* What programs that people use say of a file: tshark, capinfos, tcpdump. */
#include "tests/unit/capture/rig.h"

#define FRAMES 40 /* of each kind */

/* A command about FILE prints just this; errors are printed, too. */
static void expect(const struct rig *r, const char *file, const char *command,
		   const char *want)
{
	char text[4096];
	char line[1024];
	size_t len;
	FILE *out;

	(void)snprintf(line, sizeof(line),
		       "cd %s; FILE=%s; { %s; } 2>&1 |"
		       "grep -vE 'Running as user|^reading from file'",
		       r->dir, file, command);
	out = popen(line, "r");
	assert_non_null(out);
	len = fread(text, 1, sizeof(text) - 1, out);
	text[len] = '\0';
	(void)pclose(out);
	if (strcmp(text, want) != 0)
		fail_msg("%s: %s", command, text);
}

/* Tags, lengths of 802.3, broadcast, TCP of both versions cut from more. */
static void write_mixture(struct rig *r, const struct format *format)
{
	uint8_t tag[FRAME_TAG];
	struct wire w;

	rig_start(r, (struct capture_options){.file = format->name,
					      .format = format,
					      .lab = "campus",
					      .drops = format->comments});
	(void)rig_port(r, "sw1.pc1");
	(void)rig_port(r, "sw2.pc2");
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct frame f = {.len = 42 + i * 8958 / (FRAMES - 1)};
		uint8_t *data = rig_fill(0xff, f.len);

		f.data = data;
		memset(data + 12, 0, f.len - 12);
		rig_frame(r, 0, CAPTURE_RX, f.data, f.len, rig_now());
		data[13] = 28; /* a length, then an LLC null frame */
		rig_frame(r, 1, CAPTURE_TX, f.data, f.len, rig_now());
		rig_super(&w, 3 * 1448);
		capture_frames(r->capture, 0, CAPTURE_RX, &w, 1, rig_now());
		f.data = w.iov[0].iov_base;
		f.len = w.len;
		f.off = w.off;
		frame_write_tag(tag, 10);
		wire_make(&w, &f, TAG_PUSH, tag);
		capture_frames(r->capture, 1, CAPTURE_TX, &w, 1, rig_now());
	}
	capture_dropped(r->capture, 1, DROP_TX_TOO_BIG, &w, 1, rig_now());
	rig_stop(r);
}

static void find_programs(void)
{
	if (system("command -v tshark capinfos tcpdump >/dev/null") != 0)
		skip();
}

static void find_nothing_wrong(void **state)
{
	static const struct format *const formats[] = {&format_pcapng,
						       &format_pcap};
	struct rig r;

	find_programs();
	rig_init(&r);
	for (int k = 0; k < 2; k++) {
		const char *file = formats[k]->name;

		write_mixture(&r, formats[k]);
		expect(&r, file, "tcpdump --count -r $FILE",
		       k ? "320 packets\n" : "323 packets\n");
		expect(&r, file,
		       "tshark -nr $FILE -o tcp.check_checksum:TRUE "
		       "-o ip.check_checksum:TRUE -Y '_ws.malformed || "
		       "ip.checksum.status == Bad || tcp.checksum.status == "
		       "Bad || frame.len > 9000'",
		       "");
		expect(&r, file, "tshark -nr $FILE -Y tcp | wc -l",
		       k ? "240\n" : "243\n");
		expect(&r, file, "capinfos $FILE | grep -E 'order|precision: '",
		       "File timestamp precision:  nanoseconds (9)\n"
		       "Strict time order:   True\n");
	}
	rig_done(&r);
}

static void see_what_pcapng_says(void **state)
{
	struct rig r;

	find_programs();
	rig_init(&r);
	write_mixture(&r, &format_pcapng);
	expect(&r, "pcapng",
	       "capinfos $FILE | grep -E 'Name|comment|stat|in file'",
	       "Capture comment:     campus\n"
	       "Number of interfaces in file: 2\n"
	       "                     Name = sw1.pc1\n"
	       "                     Number of stat entries = 1\n"
	       "                     Name = sw2.pc2\n"
	       "                     Number of stat entries = 1\n");
	expect(&r, "pcapng",
	       "tshark -nr $FILE -T fields -e frame.interface_name "
	       "-e frame.packet_flags_direction -e vlan.id | sort | uniq -c",
	       "    160 sw1.pc1\t0x00000001\t\n"
	       "     40 sw2.pc2\t0x00000002\t\n"
	       "    123 sw2.pc2\t0x00000002\t10\n");
	expect(&r, "pcapng",
	       "tshark -nr $FILE -Y frame.comment -T fields -e frame.comment |"
	       "uniq -c",
	       "      3 dropped: tx_too_big: longer than this port's mtu "
	       "allows\n");
	rig_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(find_nothing_wrong),
		cmocka_unit_test(see_what_pcapng_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
