/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/dns_message.h"

#include <string.h>

#include "tests/cmocka.h"

/* A question for Ab.c, type A, class IN, RD; its parts are at fixed places. */
static const uint8_t ab_c[] = {
	0x12, 0x34, 0x01, 0x00, 0,   1, 0, 0, 0, 0, 0, 0, /* header */
	2,    'A',  'b',  1,    'c', 0, 0, 1, 0, 1,
};
static const uint8_t opt_1232[] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};

static enum dns_rcode parse(const uint8_t *message, size_t len,
			    struct dns_question *q)
{
	enum dns_rcode rcode;

	assert_true(dns_message_parse(message, len, q, &rcode));
	return rcode;
}

static void a_question_is_read(void **state)
{
	struct dns_question q;

	assert_int_equal(parse(ab_c, sizeof(ab_c), &q), DNS_NOERROR);
	assert_int_equal(q.id, 0x1234);
	assert_int_equal(q.type, DNS_TYPE_A);
	assert_int_equal(q.class, DNS_CLASS_IN);
	assert_int_equal(q.end, sizeof(ab_c));
	assert_int_equal(q.udp_max, 512);
	assert_false(q.edns);
	assert_string_equal(q.name, "ab.c");
}

/* The question with an OPT record of these bytes behind it. */
static size_t with_opt(uint8_t *out, unsigned times)
{
	size_t len = sizeof(ab_c);

	memcpy(out, ab_c, len);
	dns_put16(out + 10, (uint16_t)times);
	for (; times > 0; times--, len += sizeof(opt_1232))
		memcpy(out + len, opt_1232, sizeof(opt_1232));
	return len;
}

static void edns_says_what_is_taken(void **state)
{
	uint8_t message[64];
	size_t len = with_opt(message, 1);
	struct dns_question q;

	assert_int_equal(parse(message, len, &q), DNS_NOERROR);
	assert_true(q.edns);
	assert_int_equal(q.udp_max, 1232);
	dns_put16(message + sizeof(ab_c) + 3, 100);
	assert_int_equal(parse(message, len, &q), DNS_NOERROR);
	assert_int_equal(q.udp_max, 512);
	len = with_opt(message, 2);
	assert_int_equal(parse(message, len, &q), DNS_FORMERR);
}

static void every_cut_is_malformed(void **state)
{
	uint8_t message[64];
	size_t len = with_opt(message, 1);
	struct dns_question q;
	enum dns_rcode rcode;

	for (size_t n = 0; n < DNS_HEADER; n++)
		assert_false(dns_message_parse(message, n, &q, &rcode));
	for (size_t n = DNS_HEADER; n < len; n++)
		assert_int_equal(parse(message, n, &q), DNS_FORMERR);
	message[len] = 0;
	assert_int_equal(parse(message, len + 1, &q), DNS_FORMERR);
	message[len - 1] = 1; /* data of the OPT record */
	assert_int_equal(parse(message, len, &q), DNS_FORMERR);
	assert_int_equal(parse(message, len + 1, &q), DNS_NOERROR);
}

static void only_queries_of_one_question(void **state)
{
	uint8_t message[sizeof(ab_c)];
	struct dns_question q;
	enum dns_rcode rcode;

	memcpy(message, ab_c, sizeof(message));
	dns_put16(message + 4, 0);
	assert_int_equal(parse(message, sizeof(message), &q), DNS_FORMERR);
	dns_put16(message + 4, 2);
	assert_int_equal(parse(message, sizeof(message), &q), DNS_FORMERR);
	dns_put16(message + 4, 1);
	message[2] = 5 << 3; /* UPDATE */
	assert_int_equal(parse(message, sizeof(message), &q), DNS_NOTIMP);
	message[2] = 0x80;
	assert_false(dns_message_parse(message, sizeof(message), &q, &rcode));
}

static void names_have_limits(void **state)
{
	uint8_t message[512] = {[5] = 1};
	struct dns_question q;
	size_t at = DNS_HEADER;

	/* Labels of 63, 63, 63 and 61 letters make 255 bytes. */
	for (unsigned i = 0; i < 4; i++) {
		uint8_t label = i < 3 ? 63 : 61;

		message[at++] = label;
		memset(message + at, 'x', label);
		at += label;
	}
	message[at] = 0;
	message[at + 2] = message[at + 4] = 1;
	assert_int_equal(parse(message, at + 5, &q), DNS_NOERROR);
	assert_int_equal(strlen(q.name), 253);

	memset(message + at - 62, 0, 70);
	message[at - 62] = 62;
	memset(message + at - 61, 'x', 62);
	message[at + 3] = message[at + 5] = 1;
	assert_int_equal(parse(message, at + 6, &q), DNS_FORMERR);

	memcpy(message, ab_c, sizeof(ab_c));
	message[DNS_HEADER] = 64;
	assert_int_equal(parse(message, sizeof(ab_c), &q), DNS_FORMERR);
	message[DNS_HEADER] = 0xc0; /* a pointer, to itself */
	message[DNS_HEADER + 1] = DNS_HEADER;
	assert_int_equal(parse(message, sizeof(ab_c), &q), DNS_FORMERR);
}

static void no_two_names_are_one(void **state)
{
	uint8_t message[sizeof(ab_c)];
	struct dns_question q;

	memcpy(message, ab_c, sizeof(message));
	message[14] = '.';
	assert_int_equal(parse(message, sizeof(message), &q), DNS_NOERROR);
	assert_string_equal(q.name, "a?.c");
	message[14] = '\0';
	assert_int_equal(parse(message, sizeof(message), &q), DNS_NOERROR);
	assert_string_equal(q.name, "a?.c");
}

static void replies_say_what_was_asked(void **state)
{
	static const uint8_t want[] =
		{
			0x12, 0x34, 0x85, 0x80, 0,   1,  0, 1, 0,  0,
			0,    1, /* AA RD RA */
			2,    'A',  'b',  1,    'c', 0,  0, 1, 0,  1,
			0xc0, 12,   0,    1,    0,   1,  0, 0, 0,  0,
			0,    4,    10,   0,    2,   15, 0, 0, 41, 0x10,
			0,    0,    0,    0,    0,   0,  0,
		};
	const struct dns_record record = {
		.type = DNS_TYPE_A, .rdlen = 4, .rdata = {10, 0, 2, 15}};
	uint8_t message[64], out[DNS_REPLY_MAX];
	size_t len = with_opt(message, 1);
	struct dns_question q;

	assert_int_equal(parse(message, len, &q), DNS_NOERROR);
	assert_int_equal(
		dns_message_reply(message, &q, DNS_FLAG_AA, &record, out),
		sizeof(want));
	assert_memory_equal(out, want, sizeof(want));
	assert_int_equal(dns_message_reply(message, &q,
					   DNS_FLAG_TC | DNS_SERVFAIL, NULL,
					   out),
			 sizeof(ab_c) + 11);
	assert_int_equal(dns_get16(out + 2), 0x8382);
	assert_int_equal(dns_get16(out + 6), 0);
}

static void what_was_not_read_is_not_repeated(void **state)
{
	uint8_t out[DNS_REPLY_MAX];
	struct dns_question q;

	assert_int_equal(parse(ab_c, sizeof(ab_c) - 1, &q), DNS_FORMERR);
	assert_int_equal(dns_message_reply(ab_c, &q, DNS_FORMERR, NULL, out),
			 DNS_HEADER);
	assert_int_equal(dns_get16(out), 0x1234);
	assert_int_equal(dns_get16(out + 2), 0x8181);
	assert_int_equal(dns_get16(out + 4), 0);
}

static void names_become_labels(void **state)
{
	char text[300];
	uint8_t out[DNS_NAME_SIZE];

	assert_int_equal(dns_message_name("ab.c", out, sizeof(out)), 6);
	assert_memory_equal(out, "\2ab\1c", 6);
	assert_int_equal(dns_message_name("", out, sizeof(out)), 1);
	assert_int_equal(dns_message_name("ab.c", out, 6), 6);
	assert_int_equal(dns_message_name("ab.c", out, 5), 0);
	assert_int_equal(dns_message_name("ab..c", out, sizeof(out)), 0);
	assert_int_equal(dns_message_name(".c", out, sizeof(out)), 0);
	memset(text, 'x', sizeof(text));
	text[64] = '\0';
	assert_int_equal(dns_message_name(text, out, sizeof(out)), 0);
	text[63] = '\0';
	assert_int_equal(dns_message_name(text, out, sizeof(out)), 65);
	memset(text, 'x', sizeof(text));
	for (unsigned i = 1; i < sizeof(text); i += 2)
		text[i] = '.';
	text[253] = '\0'; /* 127 labels of one letter: 255 bytes */
	assert_int_equal(dns_message_name(text, out, sizeof(out)), 255);
	text[253] = '.';
	text[255] = '\0';
	assert_int_equal(dns_message_name(text, out, sizeof(out)), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_read),
		cmocka_unit_test(edns_says_what_is_taken),
		cmocka_unit_test(every_cut_is_malformed),
		cmocka_unit_test(only_queries_of_one_question),
		cmocka_unit_test(names_have_limits),
		cmocka_unit_test(no_two_names_are_one),
		cmocka_unit_test(replies_say_what_was_asked),
		cmocka_unit_test(what_was_not_read_is_not_repeated),
		cmocka_unit_test(names_become_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
