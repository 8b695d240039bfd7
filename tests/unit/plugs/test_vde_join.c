/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include "tests/unit/plugs/vde_fixture.h"

static const uint8_t frame[60] = {255, 255, 255, 255, 255,  255,  2,   0,
				  0,   0,   0,   1,   0x88, 0xb5, 'h', 'i'};

static void send_to(struct plug *plug, unsigned n)
{
	struct frame in = {.data = frame, .len = sizeof(frame)};
	struct wire wires[FRAME_BURST];

	for (unsigned i = 0; i < n; i++)
		wire_whole(&wires[i], &in);
	counters_offered(plug->counters, n);
	plug_vde_class.send(plug, wires, n, 0, NULL);
}

static unsigned received(const struct vde_peer *p)
{
	uint8_t buf[2048];
	unsigned n = 0;
	ssize_t len;

	while ((len = recv(p->data, buf, sizeof(buf), 0)) > 0) {
		assert_int_equal(len, sizeof(frame));
		assert_memory_equal(buf, frame, sizeof(frame));
		n++;
	}
	return n;
}

/* Sends a frame each way. */
static void assert_talks(struct fixture *f, const struct vde_peer *p, int port)
{
	unsigned before = f->rx_frames;

	assert_int_equal(send(p->data, frame, sizeof(frame), 0), sizeof(frame));
	fixture_run(f);
	assert_int_equal(f->rx_frames, before + 1);
	assert_int_equal(f->rx_len, sizeof(frame));
	assert_memory_equal(f->rx, frame, sizeof(frame));
	send_to(f->port[port], 1);
	assert_int_equal(received(p), 1);
}

static void joins_by_name_and_number(void **state)
{
	struct fixture *f = *state;
	struct vde_peer web = vde_peer_new(f, ".1-0");
	struct vde_peer db = vde_peer_new(f, ".2-0");
	struct plug_client client;

	assert_true(vde_peer_join(f, &web, "web", 0, "QEMU user=me pid=1"));
	assert_non_null(strstr(web.remote, "/sw/003."));
	fixture_assert_event(f, "joined: QEMU user=me pid=1", getuid());
	assert_true(vde_peer_join(f, &db, "ctl", 4, ""));
	assert_non_null(strstr(db.remote, "/sw/004."));
	assert_talks(f, &web, 0);
	assert_talks(f, &db, 1);
	assert_true(plug_vde_class.client(f->port[0], 0, &client));
	assert_string_equal(client.text, "QEMU user=me pid=1");
	assert_int_equal(client.uid, getuid());
	assert_int_equal(client.pid, getpid());
	assert_int_equal(client.counters->rx_frames, 1);
	assert_int_equal(client.counters->tx_frames, 1);
	vde_peer_free(f, &web);
	vde_peer_free(f, &db);
	fixture_assert_event(f, "left: unnamed", getuid());
	assert_int_equal(fixture_clients(f->port[0]), 0);
}

static void joins_anonymously_if_allowed(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");

	assert_false(vde_peer_join(f, &p, "ctl", 0, ""));
	assert_true(fixture_is_closed(p.ctl));
	assert_non_null(strstr(f->note, "names no port"));
	(void)close(p.ctl);
	assert_false(vde_peer_join(f, &p, "ctl", 5, ""));
	assert_non_null(strstr(f->note, "no port of its number"));
	(void)close(p.ctl);
	f->anonymous = true;
	assert_true(vde_peer_join(f, &p, "ctl", 0, ""));
	assert_talks(f, &p, 0);
	vde_peer_free(f, &p);
}

/* Padded to 124 bytes and not connected: dynamips, Bochs, UML. */
static void unpacked_client(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	struct sockaddr_un unspec = {.sun_family = AF_UNSPEC};
	struct sockaddr_un remote = {.sun_family = AF_UNIX};
	struct plug_client client;

	assert_true(vde_peer_join(f, &p, "web", 0, "\1\2"));
	assert_true(plug_vde_class.client(f->port[0], 0, &client));
	assert_string_equal(client.text, "");
	(void)connect(p.data, (struct sockaddr *)&unspec, sizeof(unspec));
	memcpy(remote.sun_path, p.remote, sizeof(remote.sun_path));
	assert_int_equal(sendto(p.data, frame, sizeof(frame), 0,
				(struct sockaddr *)&remote, sizeof(remote)),
			 sizeof(frame));
	fixture_run(f);
	assert_int_equal(f->rx_frames, 1);
	vde_peer_free(f, &p);
}

static void version_1_and_abstract(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, "");
	uint8_t request[256];
	size_t len = vde_peer_request(&p, 1, 0, "", request);

	assert_int_equal(len, 124);
	p.ctl = fixture_connect(f, "web");
	assert_int_equal(send(p.ctl, request, len, 0), len);
	fixture_run(f);
	assert_true(vde_peer_reply(&p));
	assert_talks(f, &p, 0);
	vde_peer_free(f, &p);
}

/* libvdeplug 4 unlinks its socket at once, libvdeplug 2 says good-bye with an
 * empty datagram. */
static void habits_of_libvdeplug(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");

	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	assert_int_equal(unlink(p.own.sun_path), 0);
	assert_talks(f, &p, 0);
	assert_int_equal(send(p.data, "", 0, 0), 0);
	fixture_run(f);
	assert_int_equal(f->rx_frames, 1);
	assert_talks(f, &p, 0);
	vde_peer_free(f, &p);
}

static void byte_by_byte(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	uint8_t request[256];
	size_t len = vde_peer_request(&p, 3, 0, "", request);

	p.ctl = fixture_connect(f, "web");
	for (size_t i = 0; i < len; i++) {
		assert_false(vde_peer_reply(&p));
		assert_int_equal(send(p.ctl, request + i, 1, 0), 1);
		fixture_run(f);
	}
	assert_true(vde_peer_reply(&p));
	vde_peer_free(f, &p);
}

static void two_clients_of_a_port(void **state)
{
	struct fixture *f = *state;
	struct vde_peer a = vde_peer_new(f, ".1-0");
	struct vde_peer b = vde_peer_new(f, ".2-0");
	const struct counters *c = f->port[0]->counters;

	send_to(f->port[0], 2);
	assert_int_equal(c->drops[DROP_TX_NO_CLIENT], 2);
	assert_true(vde_peer_join(f, &a, "web", 0, "a"));
	assert_true(vde_peer_join(f, &b, "ctl", 3, "b"));
	assert_int_equal(fixture_clients(f->port[0]), 2);
	send_to(f->port[0], 3);
	assert_int_equal(received(&a), 3);
	assert_int_equal(received(&b), 3);
	assert_int_equal(c->tx_offered, 2 + 2 * 3);
	assert_int_equal(c->tx_frames, 2 * 3);

	/* What one says the host hears, not the other. */
	assert_int_equal(send(a.data, frame, sizeof(frame), 0), sizeof(frame));
	fixture_run(f);
	assert_int_equal(f->rx_frames, 1);
	assert_int_equal(received(&b), 0);

	vde_peer_free(f, &a);
	fixture_assert_event(f, "left: a", getuid());
	assert_int_equal(fixture_clients(f->port[0]), 1);
	assert_talks(f, &b, 0);
	assert_int_equal(c->tx_frames, 2 * 3 + 1);
	vde_peer_free(f, &b);
}

/* Its ring fills and overflows; every copy is accounted for. */
static void client_that_does_not_read(void **state)
{
	struct fixture *f = *state;
	struct vde_peer deaf = vde_peer_new(f, ".1-0");
	struct vde_peer good = vde_peer_new(f, ".2-0");
	const struct counters *c = f->port[0]->counters;
	unsigned heard = 0;

	assert_true(vde_peer_join(f, &deaf, "web", 0, ""));
	assert_true(vde_peer_join(f, &good, "web", 0, ""));
	for (int i = 0; i < 5000; i++) {
		send_to(f->port[0], FRAME_BURST);
		heard += received(&good);
	}
	fixture_run(f);
	heard += received(&good);
	assert_int_equal(heard, 5000 * FRAME_BURST);
	assert_true(c->drops[DROP_TX_HOLD_FULL] > 0);
	assert_int_equal(c->tx_offered,
			 c->tx_frames + c->drops[DROP_TX_HOLD_FULL] +
				 plug_vde_class.held(f->port[0]));
	assert_true(plug_vde_class.held(f->port[0]) * sizeof(frame) < 2 << 20);
	vde_peer_free(f, &deaf);
	assert_int_equal(plug_vde_class.held(f->port[0]), 0);
	assert_int_equal(c->tx_offered, c->tx_frames +
						c->drops[DROP_TX_HOLD_FULL] +
						c->drops[DROP_TX_CLOSED]);
	vde_peer_free(f, &good);
}

static void leaves_no_files(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");

	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	assert_int_equal(access(p.own.sun_path, F_OK), 0);
	assert_int_equal(access(p.remote, F_OK), 0);
	vde_peer_free(f, &p);
	assert_int_equal(access(p.own.sun_path, F_OK), -1);
	assert_int_equal(access(p.remote, F_OK), -1);
}

static void talking_on_ends_the_session(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	uint8_t request[256];
	size_t len = vde_peer_request(&p, 3, 0, "", request);

	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	assert_int_equal(send(p.ctl, request, len, 0), len);
	fixture_run(f);
	assert_true(fixture_is_closed(p.ctl));
	assert_int_equal(fixture_clients(f->port[0]), 0);
	assert_non_null(strstr(f->event, "more than a request"));
	vde_peer_free(f, &p);
}

static void closing_a_port_ends_its_clients(void **state)
{
	struct fixture *f = *state;
	struct vde_peer p = vde_peer_new(f, ".1-0");
	struct err err;
	int silent = fixture_connect(f, "web");
	int other = fixture_connect(f, "ctl");

	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	plug_vde_class.close(f->port[0]);
	fixture_run(f);
	assert_true(fixture_is_closed(p.ctl));
	assert_true(fixture_is_closed(silent));
	assert_false(fixture_is_closed(other));
	assert_true(plug_vde_class.open(f->port[0], NULL, &err));
	(void)close(silent);
	(void)close(other);
	vde_peer_free(f, &p);
	p = vde_peer_new(f, ".1-1");
	assert_true(vde_peer_join(f, &p, "web", 0, ""));
	vde_peer_free(f, &p);
}

static void says_how_to_attach(void **state)
{
	struct fixture *f = *state;
	char text[1024];
	char want[240];

	plug_vde_class.attach(f->port[0], text, sizeof(text));
	(void)snprintf(want, sizeof(want),
		       "-netdev 'vde,id=lan.web,sock=%s[web]' "
		       "-device virtio-net-pci,netdev=lan.web,"
		       "mac=52:54:00:00:%02x:%02x\n",
		       f->dir, f->port[0]->number >> 8,
		       f->port[0]->number & 0xff);
	assert_non_null(strstr(text, want));
	(void)snprintf(want, sizeof(want), "vde_plug 'vde://%s[web]'\n",
		       f->dir);
	assert_non_null(strstr(text, want));
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(joins_by_name_and_number),
		TEST(joins_anonymously_if_allowed),
		TEST(unpacked_client),
		TEST(version_1_and_abstract),
		TEST(habits_of_libvdeplug),
		TEST(byte_by_byte),
		TEST(two_clients_of_a_port),
		TEST(client_that_does_not_read),
		TEST(leaves_no_files),
		TEST(talking_on_ends_the_session),
		TEST(closing_a_port_ends_its_clients),
		TEST(says_how_to_attach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
