/* SPDX-License-Identifier: MIT */
/* The name server in front of dnsmasq, on 127.0.0.1 and on ::1. */
#include <sys/prctl.h>
#include <sys/wait.h>

#include "tests/unit/nat/dns_rig.h"

#define DNSMASQ      "/usr/sbin/dnsmasq"
#define DNS_TYPE_TXT 16

static char *const dnsmasq[] = {
	"dnsmasq",
	"-d",
	"-C",
	"/dev/null",
	"--no-resolv",
	"--no-hosts",
	"--bind-interfaces",
	"--listen-address=127.0.0.1,::1",
	"--log-facility=/dev/null",
	"--pid-file",
	"--local=/example/",
	"--host-record=web.example,192.0.2.80,2001:db8::80",
	"--cname=www.example,web.example",
	NULL, /* a long TXT record */
	NULL,
};

/* Returns its pid. Its output is nobody's. */
static pid_t spawn(void)
{
	char txt[2048] = "--txt-record=long.example";
	char *argv[sizeof(dnsmasq) / sizeof(dnsmasq[0])];
	size_t len = strlen(txt);
	pid_t pid;

	for (unsigned i = 0; i < 9; i++) {
		txt[len++] = ',';
		memset(txt + len, 'a' + (int)i, 200);
		len += 200;
	}
	txt[len] = '\0';
	memcpy(argv, dnsmasq, sizeof(argv));
	argv[sizeof(argv) / sizeof(argv[0]) - 2] = txt;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 1);
		dup2(null, 2);
		execv(DNSMASQ, argv);
		_exit(127);
	}
	return pid;
}

static void ask(struct rig *rig, uint16_t id, const char *name, uint16_t type,
		uint16_t edns)
{
	struct dns_asker asker = {.port = id, .addr.family = AF_INET};
	uint8_t message[512];
	size_t len = rig_question(message, id, name, type, edns);

	dns_query(rig->dns, &asker, message, len, rig_now(rig));
}

/* Asks and waits; returns the answer. */
static const struct answer *asked(struct rig *rig, const char *name,
				  uint16_t type, uint16_t edns)
{
	unsigned n = rig->answers;

	ask(rig, (uint16_t)(n + 1), name, type, edns);
	assert_true(rig_wait(rig, n + 1));
	assert_int_equal(rig_id(&rig->answer[n]), n + 1);
	return &rig->answer[n];
}

static bool is_cut(const struct answer *a)
{
	return a->message[2] & DNS_FLAG_TC >> 8;
}

static unsigned records(const struct answer *a)
{
	return dns_get16(a->message + 6);
}

/* Until it has begun to listen, nobody answers. */
static void wait_for_dnsmasq(struct rig *rig)
{
	uint64_t end = rig_now(rig) + WAIT_NS;

	while (rig_rcode(asked(rig, "web.example", DNS_TYPE_A, 0)) !=
	       DNS_NOERROR) {
		assert_true(rig_now(rig) < end && rig->answers < 1000);
		usleep(20000);
	}
}

static void all_kinds(void **state, const char *resolv_conf)
{
	struct rig *rig = rig_new(resolv_conf);
	const struct answer *a;

	rig_start(rig);
	wait_for_dnsmasq(rig);
	a = asked(rig, "web.example", DNS_TYPE_A, 0);
	assert_int_equal(rig_server(a), 80);
	a = asked(rig, "web.example", DNS_TYPE_AAAA, 1232);
	assert_int_equal(records(a), 1);
	a = asked(rig, "www.example", DNS_TYPE_A, 1232);
	assert_int_equal(records(a), 2);
	a = asked(rig, "none.example", DNS_TYPE_A, 0);
	assert_int_equal(rig_rcode(a), DNS_NXDOMAIN);
	a = asked(rig, "not.answered", DNS_TYPE_A, 0);
	assert_int_equal(rig_rcode(a), DNS_SERVFAIL);
	a = asked(rig, "long.example", DNS_TYPE_TXT, 0);
	assert_true(is_cut(a) && records(a) == 0);
	a = asked(rig, "long.example", DNS_TYPE_TXT, 4096);
	assert_true(!is_cut(a) && records(a) == 1 && a->len > 9 * 200);
	rig_free(rig);
}

static void over_ipv4(void **state)
{
	all_kinds(state, "nameserver 127.0.0.1\n");
}

static void over_ipv6(void **state)
{
	all_kinds(state, "options edns0\nnameserver ::1\nsearch x.example\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_ipv4),
		cmocka_unit_test(over_ipv6),
	};
	int failed;
	pid_t pid;

	if (access(DNSMASQ, X_OK) < 0 || !rig_enter())
		return 77;
	pid = spawn();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return failed;
}
