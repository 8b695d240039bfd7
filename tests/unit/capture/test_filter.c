/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "capture/filter.h"
#include "capture/filter_compile.h"

static uint8_t scratch[FILTER_SCRATCH];

static bool match(const char *text, const uint8_t *data, uint32_t len,
		  unsigned vid)
{
	struct frame in = {.data = data, .len = len};
	uint8_t tag[FRAME_TAG];
	struct filter f;
	struct wire w;
	bool result;

	if (!filter_compile(text, &f, NULL))
		fail_msg("'%s' does not compile", text);
	frame_write_tag(tag, (uint16_t)vid);
	wire_make(&w, &in, vid ? TAG_PUSH : TAG_KEEP, tag);
	result = filter_match(&f, &w, scratch);
	filter_done(&f);
	return result;
}

static void matches_frames(void **state)
{
	static const uint8_t arp[60] = {[12] = 8, [13] = 6};

	assert_true(match("arp", arp, 60, 0));
	assert_false(match("ip", arp, 60, 0));
	assert_true(match("", arp, 14, 0));
	assert_true(match("vlan 10 and arp", arp, 60, 10));
	assert_false(match("vlan 10 and arp", arp, 60, 11));
	assert_false(match("vlan", arp, 60, 0));
	assert_true(match("len = 64", arp, 60, 10));
	assert_false(match("ether[59] = 0", arp, 59, 0));
	assert_true(filter_match(&(struct filter){.count = 0},
				 &(struct wire){.len = 14}, scratch));
}

static void fails_with_the_words_of_libpcap(void **state)
{
	char text[FILTER_TEXT_MAX + 2];
	struct filter f;
	struct err err;

	assert_false(filter_compile("arp and", &f, &err));
	assert_non_null(strstr(err.msg, "syntax error"));
	assert_int_equal(f.count, 0);
	assert_false(filter_compile_apart("portt 80", &f, &err));
	assert_non_null(strstr(err.msg, "syntax error"));
	assert_false(filter_compile_apart("tcp[1000000000] = 1 and foo()", &f,
					  &err));
	memset(text, ' ', sizeof(text));
	text[FILTER_TEXT_MAX + 1] = '\0';
	assert_false(filter_compile(text, &f, &err));
	assert_non_null(strstr(err.msg, "longer than 1024"));
	text[FILTER_TEXT_MAX] = '\0';
	assert_true(filter_compile(text, &f, &err));
	filter_done(&f);
}

static void is_the_same_compiled_apart(void **state)
{
	static const char *const texts[] = {
		"arp", "tcp port 80 and host 10.0.2.15", "icmp6 or port 53",
		"vlan 10 and (ether host 2:0:0:0:0:1 or ether multicast)"};
	struct filter_job job;
	struct filter a;
	struct filter b;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(filter_compile(texts[i], &a, NULL));
		assert_true(filter_compile_apart(texts[i], &b, NULL));
		assert_int_equal(a.count, b.count);
		assert_memory_equal(a.insns, b.insns,
				    a.count * FILTER_INSN_SIZE);
		filter_done(&a);
		filter_done(&b);
	}
	assert_true(filter_job_start(&job, "arp", NULL));
	assert_true(filter_job_finish(&job, &b, NULL));
	filter_done(&b);
}

/* The name does exist, and would be looked up where there is a network. */
static void asks_nobody(void **state)
{
	struct filter f;
	struct err err;

	assert_false(filter_compile_apart("host www.example.com", &f, &err));
	assert_non_null(strstr(err.msg, "www.example.com"));
}

static void does_not_hang_with_the_child(void **state)
{
	struct filter_job job;
	struct filter f;
	struct err err;

	assert_true(filter_job_start(&job, "arp", &err));
	assert_int_equal(kill(job.pid, SIGSTOP), 0);
	if (filter_job_finish(&job, &f, &err)) /* it was faster than we */
		filter_done(&f);
	else
		assert_non_null(strstr(err.msg, "did not compile"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void refuses_programs_that_are_not_safe(void **state)
{
	static const struct bpf_insn no_end[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
	static const struct bpf_insn back[] = {
		BPF_STMT(BPF_LD | BPF_IMM, 1),
		BPF_STMT(BPF_JMP | BPF_JA, (bpf_u_int32)-2),
		BPF_STMT(BPF_RET | BPF_K, 1)};
	static const struct bpf_insn unknown[] = {BPF_STMT(BPF_MISC | 8, 0),
						  BPF_STMT(BPF_RET | BPF_K, 1)};
	static const struct bpf_insn out[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 1)};
	static const struct bpf_insn memory[] = {BPF_STMT(BPF_ST, 16),
						 BPF_STMT(BPF_RET | BPF_K, 1)};
	static const struct bpf_insn good[] = {BPF_STMT(BPF_JMP | BPF_JA, 1),
					       BPF_STMT(BPF_RET | BPF_K, 0),
					       BPF_STMT(BPF_RET | BPF_K, 1)};
	struct bpf_insn *many = calloc(FILTER_INSNS_MAX + 1, sizeof(*many));
	struct filter f;
	struct err err;

	assert_non_null(many);
	assert_false(filter_init(&f, no_end, sizeof(no_end), &err));
	assert_false(filter_init(&f, back, sizeof(back), &err));
	assert_non_null(strstr(err.msg, "not safe"));
	assert_false(filter_init(&f, unknown, sizeof(unknown), &err));
	assert_false(filter_init(&f, out, sizeof(out), &err));
	assert_false(filter_init(&f, memory, sizeof(memory), &err));
	assert_false(filter_init(&f, good, sizeof(good) - 1, &err));
	assert_false(filter_init(&f, good, 0, &err));
	many[FILTER_INSNS_MAX].code = BPF_RET;
	assert_false(filter_init(&f, many, 8 * (FILTER_INSNS_MAX + 1), &err));
	assert_true(filter_init(&f, many + 1, 8 * FILTER_INSNS_MAX, &err));
	filter_done(&f);
	assert_true(filter_init(&f, good, sizeof(good), &err));
	filter_done(&f);
	assert_false(filter_compile("ip6 protochain 6", &f, &err));
	assert_non_null(strstr(err.msg, "protochain"));
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_frames),
		cmocka_unit_test(fails_with_the_words_of_libpcap),
		cmocka_unit_test(is_the_same_compiled_apart),
		cmocka_unit_test(asks_nobody),
		cmocka_unit_test(does_not_hang_with_the_child),
		cmocka_unit_test(refuses_programs_that_are_not_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
