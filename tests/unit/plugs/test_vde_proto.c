/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "plugs/vde_proto.h"

#define V3_SIZE 122
#define V1_SIZE 124

/* A request as bytes, with room for any description. */
struct request {
	uint8_t data[512];
	size_t len;
};

static void put(struct request *r, const void *data, size_t len)
{
	memcpy(r->data + r->len, data, len);
	r->len += len;
}

static void put_u32(struct request *r, uint32_t value)
{
	put(r, &value, sizeof(value));
}

static void put_address(struct request *r, const char *path, size_t len)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	memcpy(sun.sun_path, path, len);
	put(r, &sun, 110);
}

static struct request v3(uint32_t type_and_port, const char *path)
{
	struct request r = {.len = 0};

	put_u32(&r, 0xfeedface);
	put_u32(&r, 3);
	put_u32(&r, type_and_port);
	put_address(&r, path, strlen(path));
	return r;
}

static struct request v1(uint32_t type, const char *path)
{
	struct request r = {.len = 0};

	put_u32(&r, 0xfeedface);
	put_u32(&r, type);
	put(&r, "\2\0\0\0\0\1", 6);
	put_address(&r, path, strlen(path));
	return r;
}

static enum vde_parse parse(const struct request *r, struct vde_request *req)
{
	const char *why = NULL;
	enum vde_parse result = vde_request_parse(r->data, r->len, req, &why);

	assert_int_equal(result == VDE_BAD, why != NULL);
	return result;
}

static void assert_refused(const struct request *r, const char *words)
{
	struct vde_request req;
	const char *why = "";

	assert_int_equal(vde_request_parse(r->data, r->len, &req, &why),
			 VDE_BAD);
	if (!strstr(why, words))
		fail_msg("'%s' does not say '%s'", why, words);
}

static void reads_what_clients_send(void **state)
{
	struct request r = v3(0, "/run/lab/.20718-00000");
	struct vde_request req;

	assert_int_equal(r.len, V3_SIZE);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_int_equal(req.version, 3);
	assert_true(req.any);
	assert_false(req.abstract);
	assert_string_equal(req.path, "/run/lab/.20718-00000");
	assert_string_equal(req.text, "");

	put(&r, "vdeplug: user=root pid=20718", 28);
	assert_int_equal(r.len, 150);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_string_equal(req.text, "vdeplug: user=root pid=20718");
}

static void takes_two_bytes_for_padding(void **state)
{
	struct request r = v3(0, "/tmp/x");
	struct vde_request req;

	put(&r, "\xde\xad", 2);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_string_equal(req.text, "");
	put(&r, "!", 1);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_string_equal(req.text, "?"
				      "?!");
}

static void reads_numbers(void **state)
{
	static const struct {
		uint32_t word;
		bool any;
		uint32_t number;
	} rows[] = {
		{0x00000000, true, 0},         {0x00000001, false, 0},
		{0x00000500, false, 5},        {0x00000501, false, 0},
		{0xffffff00, false, 0xffffff},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request r = v3(rows[i].word, "/tmp/x");
		struct vde_request req;

		assert_int_equal(parse(&r, &req), VDE_OK);
		assert_int_equal(req.any, rows[i].any);
		assert_int_equal(req.number, rows[i].number);
	}
}

static void reads_version_1(void **state)
{
	struct request r = v1(0, "/tmp/x");
	struct vde_request req;

	assert_int_equal(r.len, V1_SIZE);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_int_equal(req.version, 1);
	assert_true(req.any);
	assert_string_equal(req.path, "/tmp/x");
	put(&r, "old", 3);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_string_equal(req.text, "old");

	r = v1(1, "/tmp/x");
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_false(req.any);
	assert_int_equal(req.number, 0);
}

static void reads_abstract_addresses(void **state)
{
	struct request r = v3(0, "");
	struct vde_request req;

	assert_refused(&r, "no data socket");
	memcpy(r.data + 14, "\0\1\2\3\4\0\5\6", 8);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_true(req.abstract);
	assert_memory_equal(req.path, r.data + 14, VDE_PATH_SIZE);
}

/* Every shorter length waits, every longer one up to 128 of text is taken. */
static void every_length(void **state)
{
	struct request whole[2] = {v3(0x300, "/tmp/x"), v1(0, "/tmp/x")};

	for (int i = 0; i < 2; i++) {
		size_t fixed = whole[i].len;
		struct vde_request req;

		memset(whole[i].data + fixed, 'd',
		       sizeof(whole[i].data) - fixed);
		for (size_t len = 0; len <= 400; len++) {
			enum vde_parse want = VDE_OK;

			if (len < fixed)
				want = VDE_MORE;
			if (len > fixed + VDE_TEXT_MAX)
				want = VDE_BAD;
			whole[i].len = len;
			assert_int_equal(parse(&whole[i], &req), want);
		}
	}
}

static void refuses_at_once(void **state)
{
	struct request r = {.len = 0};

	put_u32(&r, 0xcefaedfe);
	assert_refused(&r, "not a VDE request");
	r.len = 0;
	put_u32(&r, 0xfeedface);
	put_u32(&r, 2);
	assert_refused(&r, "version");
	r.len = 4;
	put_u32(&r, 4);
	assert_refused(&r, "version");
	r.len = 4;
	put_u32(&r, 3);
	put_u32(&r, 0x02);
	assert_refused(&r, "type");
}

static void refuses_paths(void **state)
{
	static const struct {
		const char *path;
		const char *words;
	} rows[] = {
		{"relative", "relative"},
		{"./x", "relative"},
		{"/run/../etc/passwd", "'..'"},
		{"/run/..", "'..'"},
		{"/..", "'..'"},
		{"/x/..y/../z", "'..'"},
		{"/run/x\ny", "control"},
		{"/run/\33[2J", "control"},
	};
	struct request r;
	struct vde_request req;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = v3(0, rows[i].path);
		assert_refused(&r, rows[i].words);
	}
	r = v3(0, "/run/..x/y../...");
	assert_int_equal(parse(&r, &req), VDE_OK);

	r = v3(0, "/");
	memset(r.data + 15, 'x', VDE_PATH_SIZE - 1);
	assert_refused(&r, "no end");
	r.data[14 + VDE_PATH_SIZE - 1] = '\0';
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_int_equal(strlen(req.path), VDE_PATH_SIZE - 1);
	r.data[12] = 2;
	assert_refused(&r, "AF_UNIX");
}

static void cleans_descriptions(void **state)
{
	struct request r = v3(0, "/tmp/x");
	struct vde_request req;

	put(&r, "a\33[31m\n\0\x7f\xc3\xa9~ z", 13);
	assert_int_equal(parse(&r, &req), VDE_OK);
	assert_string_equal(req.text, "a?[31m?????~ ");
}

static void makes_replies(void **state)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX,
				  .sun_path = "/run/lab/sw1/001.7"};
	uint8_t reply[VDE_REPLY_SIZE];

	memset(reply, 0xff, sizeof(reply));
	vde_reply_make(reply, "/run/lab/sw1/001.7");
	assert_int_equal(sizeof(sun), sizeof(reply));
	assert_memory_equal(reply, &sun, sizeof(reply));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_clients_send),
		cmocka_unit_test(takes_two_bytes_for_padding),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(reads_version_1),
		cmocka_unit_test(reads_abstract_addresses),
		cmocka_unit_test(every_length),
		cmocka_unit_test(refuses_at_once),
		cmocka_unit_test(refuses_paths),
		cmocka_unit_test(cleans_descriptions),
		cmocka_unit_test(makes_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
