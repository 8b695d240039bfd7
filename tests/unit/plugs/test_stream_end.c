/* SPDX-License-Identifier: MIT */
/*
 * The argument of qemu, and what is made of it.
 */
#include "tests/unit/plugs/world.h"

extern const struct plug_class plug_qemu_class;

#define NIC " -device virtio-net-pci,netdev=lan.port,mac=52:54:00:00:00:00\n"

/* Parses text; it is written as `plain`, which parses to the same. */
static void assert_reads(const char *text, const char *plain, const char *claim)
{
	const struct opt *row = plug_qemu_class.kind.arg;
	char a[256] = {0};
	char b[256] = {0};
	char buf[160];
	struct err err = {.msg = ""};

	assert_true(plug_qemu_class.kind.conf_size <= sizeof(a));
	if (!conf_set(row, text, a, &err))
		fail_msg("%s", err.msg);
	row->type->format(row, a + row->offset, buf, sizeof(buf));
	assert_string_equal(buf, plain);
	assert_true(conf_set(row, buf, b, &err));
	assert_memory_equal(a, b, sizeof(a));
	plug_qemu_class.kind.claim(a, buf, sizeof(buf));
	assert_string_equal(buf, claim);
}

static void reads_all_forms(void **state)
{
	assert_reads("/run//x.sock", "/run/x.sock", "unix socket /run/x.sock");
	assert_reads("/tcp", "/tcp", "unix socket /tcp");
	assert_reads("tcp 127.0.0.1:9004", "tcp 127.0.0.1:9004",
		     "TCP 127.0.0.1:9004");
	assert_reads("tcp \t9004", "tcp 127.0.0.1:9004", "TCP 127.0.0.1:9004");
	assert_reads("tcp localhost:1", "tcp 127.0.0.1:1", "TCP 127.0.0.1:1");
	assert_reads("tcp [::]:65535", "tcp [::]:65535", "TCP [::]:65535");
	assert_reads("-> /run/x.sock", "-> /run/x.sock", "");
	assert_reads("->/run/x.sock", "-> /run/x.sock", "");
	assert_reads("->  tcp 192.0.2.7:9004", "-> tcp 192.0.2.7:9004", "");
	assert_reads("-> tcp [2001:DB8::1]:2", "-> tcp [2001:db8::1]:2", "");
}

static void refuses_the_rest(void **state)
{
	static const char *const bad[][2] = {
		{"", "expected /PATH or tcp HOST:PORT"},
		{"x.sock", "expected /PATH or tcp HOST:PORT"},
		{"->", "expected /PATH or tcp HOST:PORT"},
		{"-> x.sock", "expected /PATH or tcp HOST:PORT"},
		{"127.0.0.1:9004", "expected /PATH or tcp HOST:PORT"},
		{"tcp:127.0.0.1:9004", "expected /PATH or tcp HOST:PORT"},
		{"-> -> /run/x", "expected /PATH or tcp HOST:PORT"},
		{"tcp", "has no port in ''"},
		{"tcp 0", "has no port in '0'"},
		{"tcp 65536", "has no port in '65536'"},
		{"-> tcp 9004", "has no port in '9004'"},
		{"tcp 127.0.0.1:0", "outside 1-65535"},
		{"tcp example.org:1", "names are not looked up"},
		{"tcp ::1:1", "names are not looked up"},
		{"tcp 127.0.0.1:1 ->", "outside 1-65535"},
		{"/run/../x", "'..' is not allowed"},
	};
	const struct opt *row = plug_qemu_class.kind.arg;
	char conf[256] = {0};
	char long_text[300];
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(conf_set(row, bad[i][0], conf, &err));
		if (!strstr(err.msg, bad[i][1]))
			fail_msg("'%s': %s", bad[i][0], err.msg);
	}
	memset(long_text, '1', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	long_text[0] = '/';
	assert_false(conf_set(row, long_text, conf, &err));
	assert_non_null(strstr(err.msg, "longer than 107 characters"));
	memcpy(long_text, "tcp ", 4);
	assert_false(conf_set(row, long_text, conf, &err));
	assert_non_null(strstr(err.msg, "too long"));
	for (size_t i = 0; i < sizeof(conf); i++)
		assert_int_equal(conf[i], 0);
}

static void access_is_for_sockets_that_we_make(void **state)
{
	static const char *const no[] = {"tcp 9004", "-> /x", "-> tcp [::1]:5"};
	const struct opt_kind *kind = &plug_qemu_class.kind;
	char conf[256] = {0};
	struct err err;

	assert_true(conf_set(opt_find(kind->rows, "mode"), "0660", conf, NULL));
	assert_true(conf_set(kind->arg, "/run/x", conf, NULL));
	assert_true(kind->finish(conf, "port", &err));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_true(conf_set(kind->arg, no[i], conf, NULL));
		assert_false(kind->finish(conf, "port", &err));
		assert_non_null(strstr(err.msg, "'mode' or 'group'"));
	}
}

static void assert_attach(const char *arg, const char *want)
{
	struct world w;
	struct port p;
	char text[512];

	world_init(&w);
	port_init(&p, &w, &plug_qemu_class, arg);
	p.plug->class->attach(p.plug, text, sizeof(text));
	assert_string_equal(text, want);
	port_free(&p);
	world_done(&w);
}

static void says_how_to_connect(void **state)
{
	assert_attach("/run/x.sock",
		      "-netdev stream,id=lan.port,server=off,"
		      "addr.type=unix,addr.path=/run/x.sock" NIC);
	assert_attach("-> /run/x.sock",
		      "-netdev stream,id=lan.port,server=on,addr.type=unix,"
		      "addr.path=/run/x.sock" NIC);
	assert_attach("tcp 9004",
		      "-netdev stream,id=lan.port,server=off,"
		      "addr.type=inet,addr.host=127.0.0.1,"
		      "addr.port=9004" NIC "-netdev socket,id=lan.port,"
		      "connect=127.0.0.1:9004" NIC);
	assert_attach("tcp 0.0.0.0:1",
		      "-netdev stream,id=lan.port,server=off,"
		      "addr.type=inet,"
		      "addr.host=ADDRESS_OF_THIS_HOST,"
		      "addr.port=1" NIC "-netdev socket,id=lan.port,"
		      "connect=ADDRESS_OF_THIS_HOST:1" NIC);
	assert_attach("-> tcp [::1]:9004",
		      "-netdev stream,id=lan.port,server=on,addr.type=inet,"
		      "addr.host=::1,addr.port=9004" NIC
		      "-netdev socket,id=lan.port,listen=[::1]:9004" NIC);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all_forms),
		cmocka_unit_test(refuses_the_rest),
		cmocka_unit_test(access_is_for_sockets_that_we_make),
		cmocka_unit_test(says_how_to_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
