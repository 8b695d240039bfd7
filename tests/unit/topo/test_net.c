/* SPDX-License-Identifier: MIT */
#include "topo/net.h"

#include "tests/cmocka.h"
#include "topo/opt.h"

static struct net read_net(const char *text)
{
	struct net net;

	assert_true(net_parse(text, &net, NULL));
	return net;
}

static struct net read_addr(const char *text)
{
	struct net net;

	assert_true(net_parse_addr(text, &net, NULL));
	return net;
}

static void texts_come_back(void **state)
{
	static const char *const texts[] = {
		"10.0.0.1/24",
		"0.0.0.1/1",
		"255.255.255.255/32",
		"2001:db8::1/64",
		"::1/128",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"};
	char buf[NET_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct net net = read_net(texts[i]);

		assert_string_equal(net_format(&net, buf), texts[i]);
	}
}

static void bad_texts(void **state)
{
	static const char *const texts[] = {"",
					    "/",
					    "/24",
					    "10.0.0.1",
					    "10.0.0.1/",
					    "10.0.0.1/0",
					    "10.0.0.1/33",
					    "10.0.0.1/024",
					    "10.0.0/24",
					    "10.0.0.256/8",
					    "10.0.0.1/24 ",
					    " 10.0.0.1/24",
					    "::1/129",
					    "::1/1000",
					    "::g/64",
					    "10.0.0.1/-1",
					    "1::2::3/64",
					    "10.0.0.1/2x"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct net net = {.family = 99};
		struct err err = {.msg = ""};

		assert_false(net_parse(texts[i], &net, &err));
		assert_true(err.msg[0]);
		assert_int_equal(net.family, 99);
	}
}

static void membership(void **state)
{
	static const struct {
		const char *net, *addr;
		bool in;
	} rows[] = {
		{"10.0.0.1/24", "10.0.0.255", true},
		{"10.0.0.1/24", "10.0.1.0", false},
		{"10.0.0.1/25", "10.0.0.127", true},
		{"10.0.0.1/25", "10.0.0.128", false},
		{"10.0.0.1/32", "10.0.0.1", true},
		{"10.0.0.1/32", "10.0.0.2", false},
		{"128.0.0.0/1", "255.0.0.0", true},
		{"128.0.0.0/1", "127.0.0.0", false},
		{"2001:db8::1/61", "2001:db8:0:7::1", true},
		{"2001:db8::1/61", "2001:db8:0:8::1", false},
		{"::a/128", "::a", true},
		{"::a/128", "::b", false},
		{"10.0.0.1/8", "a00::1", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net net = read_net(rows[i].net);
		struct net addr = read_addr(rows[i].addr);

		assert_int_equal(net_has(&net, &addr), rows[i].in);
	}
}

static void link_local(void **state)
{
	struct net addr = read_addr("febf::1");

	assert_true(net_is_link_local(&addr));
	addr = read_addr("fec0::1");
	assert_false(net_is_link_local(&addr));
	addr = read_addr("254.128.0.1");
	assert_false(net_is_link_local(&addr));
}

static void routes(void **state)
{
	static const struct opt row = {.key = "routes", .type = &opt_routes};
	struct opt_route list[OPT_ROUTES_MAX] = {{{.bits = 0}, {.bits = 0}}};
	struct err err;
	char text[256];

	assert_true(opt_routes.parse(&row, NULL, "10.0.3.0/24 via 10.0.1.2",
				     list, &err));
	assert_true(opt_routes.parse(&row, NULL, "default via fe80::1", list,
				     &err));
	assert_true(opt_routes.parse(&row, NULL, "10.0.0.1/32 via 10.0.1.2",
				     list, &err));
	assert_false(opt_routes.parse(&row, NULL, "10.0.0.1/31 via 10.0.1.2",
				      list, &err));
	assert_false(
		opt_routes.parse(&row, NULL, "::/0 via 10.0.1.2", list, &err));
	opt_routes.format(&row, list, text, sizeof(text));
	assert_string_equal(text, "10.0.3.0/24 via 10.0.1.2,default via "
				  "fe80::1,10.0.0.1/32 via 10.0.1.2");
	opt_routes.format(&row, list, text, 10);
	assert_string_equal(text, "10.0.3.0/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back), cmocka_unit_test(bad_texts),
		cmocka_unit_test(membership),      cmocka_unit_test(link_local),
		cmocka_unit_test(routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
