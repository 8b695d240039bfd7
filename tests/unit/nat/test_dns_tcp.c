/* SPDX-License-Identifier: MIT */
/* Questions by TCP: however they are cut, as many as there are, and what
 * connections may not do. */
#include "tests/unit/nat/dns_rig.h"

#include <poll.h>

#include "plugs/nat/child/dns_tcp.h"

static struct rig *start(enum manner manner)
{
	struct rig *rig = rig_new("nameserver 127.0.0.1\n");

	server_listen(rig, &rig->servers[0]);
	rig->servers[0].manner = manner;
	rig_start(rig);
	return rig;
}

static int join(const struct rig *rig, int family)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_addr = in6addr_loopback};
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t port = dns_tcp_port(rig->dns, family);

	assert_true(fd >= 0 && port != 0);
	v4.sin_port = v6.sin6_port = htons(port);
	if (family == AF_INET)
		assert_int_equal(
			connect(fd, (struct sockaddr *)&v4, sizeof(v4)), 0);
	else
		assert_int_equal(
			connect(fd, (struct sockaddr *)&v6, sizeof(v6)), 0);
	return fd;
}

static size_t put_question(uint8_t *out, uint16_t id, const char *name)
{
	size_t len = rig_question(out + 2, id, name, DNS_TYPE_A, 0);

	dns_put16(out, (uint16_t)len);
	return len + 2;
}

static void put(int fd, const uint8_t *data, size_t len)
{
	assert_int_equal(send(fd, data, len, MSG_NOSIGNAL), len);
}

static void ask(int fd, uint16_t id, const char *name)
{
	uint8_t message[512];

	put(fd, message, put_question(message, id, name));
}

/* Reads len bytes, or to the end; returns how many there were. */
static size_t get(struct rig *rig, int fd, uint8_t *data, size_t len)
{
	uint64_t end = rig_now(rig) + WAIT_NS;
	size_t at = 0;

	while (at < len && rig_now(rig) < end) {
		ssize_t n = recv(fd, data + at, len - at, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return at;
		if (n > 0)
			at += (size_t)n;
		else
			rig_turn(rig, 20);
	}
	assert_int_equal(at, len);
	return at;
}

static uint16_t get_answer(struct rig *rig, int fd, struct answer *a)
{
	uint8_t prefix[2];

	assert_int_equal(get(rig, fd, prefix, 2), 2);
	a->len = dns_get16(prefix);
	assert_true(a->len <= sizeof(a->message));
	assert_int_equal(get(rig, fd, a->message, a->len), a->len);
	return rig_id(a);
}

static bool is_closed(struct rig *rig, int fd)
{
	uint8_t byte;

	return get(rig, fd, &byte, 1) == 0;
}

static void turns(struct rig *rig)
{
	for (unsigned i = 0; i < 20; i++)
		rig_turn(rig, 1);
}

static void long_answers_come_whole(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct rig *rig = start(LONG);
	struct answer a;

	for (unsigned i = 0; i < 2; i++) {
		int fd = join(rig, families[i]);

		ask(fd, 77, "a.example");
		assert_int_equal(get_answer(rig, fd, &a), 77);
		assert_int_equal(a.len, LARGE);
		assert_false(a.message[2] & DNS_FLAG_TC >> 8);
		close(fd);
	}
	rig_free(rig);
}

static void pieces_do_not_matter(void **state)
{
	struct rig *rig = start(ANSWER);
	uint8_t stream[2048];
	struct answer a;
	size_t len = 0;
	int fd = join(rig, AF_INET);

	for (uint16_t i = 0; i < 10; i++)
		len += put_question(stream + len, i, "a.example");
	put(fd, stream, len);
	for (uint16_t i = 0; i < 10; i++)
		assert_in_range(get_answer(rig, fd, &a), 0, 9);
	for (size_t i = 0; i < len; i++) {
		put(fd, stream + i, 1);
		rig_turn(rig, 0);
	}
	for (uint16_t i = 0; i < 10; i++)
		assert_in_range(get_answer(rig, fd, &a), 0, 9);
	assert_int_equal(rig->servers[0].asked, 20);
	close(fd);
	rig_free(rig);
}

static void a_half_closed_one_is_served_to_the_end(void **state)
{
	struct rig *rig = start(ANSWER);
	struct answer a;
	int fd = join(rig, AF_INET);

	for (uint16_t i = 0; i < 9; i++)
		ask(fd, i, i % 2 ? "a.example" : "gateway.lab");
	shutdown(fd, SHUT_WR);
	for (uint16_t i = 0; i < 9; i++)
		get_answer(rig, fd, &a);
	assert_true(is_closed(rig, fd));
	close(fd);
	rig_free(rig);
}

static void few_wait_of_one_connection(void **state)
{
	struct rig *rig = start(SILENT);
	int fd = join(rig, AF_INET);

	for (uint16_t i = 0; i < 20; i++)
		ask(fd, i, "a.example");
	turns(rig);
	assert_int_equal(rig->servers[0].asked, 4);
	close(fd);
	rig_free(rig);
}

/* Sends what goes, in whole pieces of the stream; returns how much. */
static size_t push(int fd, const uint8_t *stream, size_t len, size_t *at)
{
	size_t sent = 0;
	ssize_t n;

	while ((n = send(fd, stream + *at, len - *at, MSG_DONTWAIT)) > 0) {
		sent += (size_t)n;
		*at = (*at + (size_t)n) % len;
	}
	return sent;
}

static void who_does_not_read_is_not_read(void **state)
{
	struct rig *rig = start(ANSWER);
	int fd = join(rig, AF_INET), size = 4096;
	uint8_t stream[16384];
	size_t len = 0, at = 0, sent = 0, now;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	while (len < sizeof(stream) - 64)
		len += put_question(stream + len, 1, "a.gateway.lab");
	do {
		now = push(fd, stream, len, &at);
		sent += now;
		turns(rig);
	} while (now > 0 && sent < 256u << 20);
	assert_int_equal(now, 0);
	rig->later += 11 * SECOND; /* nor kept for ever */
	turns(rig);
	assert_int_equal(send(fd, stream, 1, MSG_NOSIGNAL), -1);
	close(fd);
	rig_free(rig);
}

static void lengths_of_no_question_end_it(void **state)
{
	static const uint16_t lengths[] = {0, 1, 11, 4097, 65535};
	struct rig *rig = start(ANSWER);

	for (unsigned i = 0; i < 5; i++) {
		int fd = join(rig, AF_INET);
		uint8_t prefix[2];

		dns_put16(prefix, lengths[i]);
		put(fd, prefix, 2);
		assert_true(is_closed(rig, fd));
		close(fd);
	}
	rig_free(rig);
}

static void a_response_is_not_waited_for(void **state)
{
	struct rig *rig = start(ANSWER);
	int fd = join(rig, AF_INET);
	uint8_t message[512];
	size_t len = put_question(message, 1, "a.example");

	message[4] |= 0x80;
	put(fd, message, len);
	assert_true(is_closed(rig, fd));
	close(fd);
	rig_free(rig);
}

static void the_idle_ones_are_closed(void **state)
{
	struct rig *rig = start(SILENT);
	int idle = join(rig, AF_INET), waits = join(rig, AF_INET);

	ask(waits, 1, "a.example");
	turns(rig);
	rig->later += 11 * SECOND;
	assert_true(is_closed(rig, idle));
	assert_int_equal(recv(waits, &(uint8_t){0}, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	close(idle);
	close(waits);
	rig_free(rig);
}

static void the_least_active_makes_place(void **state)
{
	struct rig *rig = start(ANSWER);
	struct answer a;
	int fds[65];

	for (unsigned i = 0; i < 65; i++) {
		fds[i] = join(rig, AF_INET);
		turns(rig);
		if (i == 1) { /* the first has done something since */
			ask(fds[0], 1, "gateway");
			get_answer(rig, fds[0], &a);
		}
	}
	assert_true(is_closed(rig, fds[1]));
	ask(fds[0], 2, "a.example");
	assert_int_equal(get_answer(rig, fds[0], &a), 2);
	ask(fds[64], 3, "a.example");
	assert_int_equal(get_answer(rig, fds[64], &a), 3);
	for (unsigned i = 0; i < 65; i++)
		close(fds[i]);
	rig_free(rig);
}

static void who_leaves_is_not_answered(void **state)
{
	struct rig *rig = start(SILENT);
	const struct linger reset = {.l_onoff = 1};
	int fd = join(rig, AF_INET);

	ask(fd, 1, "a.example");
	turns(rig);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	turns(rig);
	rig->servers[0].manner = ANSWER;
	rig_ask(rig, 7, 1, "b.example", 0);
	assert_true(rig_wait(rig, 1));
	assert_int_equal(rig_server(rig->answer), 1);
	rig_free(rig);
}

static unsigned descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 200; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* It is not heard, since nothing is read while so many questions wait. */
static void who_leaves_is_noticed_by_the_answer(void **state)
{
	struct rig *rig = start(ANSWER);
	const struct linger reset = {.l_onoff = 1};
	unsigned before = descriptors();
	struct pollfd asked = {.fd = rig->servers[0].udp, .events = POLLIN};
	uint8_t questions[512];
	size_t len = 0;
	int fd = join(rig, AF_INET);

	for (uint16_t i = 0; i < DNS_CONN_QUESTIONS; i++)
		len += put_question(questions + len, i, "a.example");
	put(fd, questions, len);
	while (poll(&asked, 1, 0) == 0)
		rig_turn(rig, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	turns(rig);
	assert_int_equal(rig->servers[0].asked, DNS_CONN_QUESTIONS);
	assert_int_equal(descriptors(), before);
	rig_free(rig);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_answers_come_whole),
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(a_half_closed_one_is_served_to_the_end),
		cmocka_unit_test(few_wait_of_one_connection),
		cmocka_unit_test(who_does_not_read_is_not_read),
		cmocka_unit_test(lengths_of_no_question_end_it),
		cmocka_unit_test(a_response_is_not_waited_for),
		cmocka_unit_test(the_idle_ones_are_closed),
		cmocka_unit_test(the_least_active_makes_place),
		cmocka_unit_test(who_leaves_is_not_answered),
		cmocka_unit_test(who_leaves_is_noticed_by_the_answer),
	};

	if (!rig_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
