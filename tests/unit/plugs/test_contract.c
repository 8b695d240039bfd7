/* SPDX-License-Identifier: MIT */
/*
 * What plug.h promises of every class, held against each in plugs.def.
 */
#include "tests/unit/plugs/fake_nat.h"
#include "tests/unit/plugs/netns.h"
#include "tests/unit/plugs/world.h"

#include <ctype.h>

#include "plugs/vde_dir.h"

/* ARGS with which a class that needs some can be opened here. */
static const struct {
	const char *kind;
	const char *arg;
} openable[] = {
	{"tap", "t0"},
	{"udp", "10001 -> 127.0.0.1:10002"},
	{"qemu", "tcp 10003"},
	{"dgram", "/tmp/labswitch-contract.own -> /tmp/labswitch-none"},
};

static const char *arg_of(const struct plug_class *class)
{
	for (size_t i = 0; i < sizeof(openable) / sizeof(openable[0]); i++) {
		if (strcmp(openable[i].kind, class->kind.name) == 0)
			return openable[i].arg;
	}
	return NULL;
}

static int setup(void **state)
{
	netns_unshare();
	run("ip link set lo up");
	return 0;
}

static void check_row(const struct opt *row, const struct plug_class *class)
{
	assert_non_null(row->key);
	assert_non_null(row->type);
	assert_non_null(row->help);
	assert_true(row->help[0] && !strchr(row->help, '\n'));
	assert_true(row->help[strlen(row->help) - 1] != '.');
	assert_true(row->offset + row->size <= class->kind.conf_size);
}

static void check_rows(const struct plug_class *class)
{
	for (const struct opt *row = class->kind.rows; row->key; row++) {
		if (row->type == &opt_map)
			assert_non_null(row->sub);
		else
			check_row(row, class);
		/* No other row has this key. */
		assert_ptr_equal(opt_find(class->kind.rows, row->key), row);
	}
	if (class->kind.arg)
		check_row(class->kind.arg, class);
}

static void every_class_is_described(void **state)
{
	size_t i;

	for (i = 0; plug_classes[i]; i++) {
		const struct plug_class *class = plug_classes[i];

		assert_ptr_equal(plug_kinds[i], &class->kind);
		assert_ptr_equal(plug_class_of(plug_kinds[i]), class);
		for (const char *c = class->kind.name; *c; c++)
			assert_true(islower((unsigned char)*c));
		assert_non_null(class->kind.help);
		assert_non_null(class->kind.rows);
		assert_true(class->kind.mtu >= FRAME_MTU_MIN);
		assert_true(class->kind.mtu <= FRAME_MTU_MAX);
		assert_true(class->size >= sizeof(struct plug));
		assert_non_null(class->open);
		assert_non_null(class->send);
		assert_non_null(class->close);
		assert_non_null(class->attach);
		check_rows(class);
	}
	assert_true(i > 0);
	assert_null(plug_kinds[i]);
	assert_null(plug_class_of(NULL));
}

static struct plug *no_route(void *ctx, const struct vde_request *req)
{
	return NULL;
}

static void ignore(void *ctx, const char *text)
{
}

/* A world with all that a class may need, in a directory of its own. */
struct place {
	struct world world;
	char dir[32];
};

static void place_init(struct place *place)
{
	struct vde_dir_conf conf = {.mode = 0600};
	struct err err = {.msg = ""};

	(void)snprintf(place->dir, sizeof(place->dir),
		       "/tmp/labswitch-test.XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	(void)snprintf(conf.path, sizeof(conf.path), "%s/vde", place->dir);
	world_init(&place->world);
	place->world.env.nat_program = FAKE_NAT_PROGRAM;
	place->world.env.vde = vde_dir_new(&conf, &place->world.env, no_route,
					   ignore, NULL, &err);
	if (!place->world.env.vde)
		fail_msg("%s", err.msg);
}

static void place_done(struct place *place)
{
	vde_dir_close(place->world.env.vde);
	world_done(&place->world);
	run("rm -rf %s", place->dir);
}

/* Calls what is legal while the plug is UP. */
static void use(struct port *p)
{
	const struct plug_class *class = p->plug->class;
	struct plug_client client;
	struct mac mac;
	char text[1024];

	memset(text, 'x', sizeof(text));
	class->attach(p->plug, text, sizeof(text));
	assert_true(strlen(text) < sizeof(text));
	assert_true(!text[0] || text[strlen(text) - 1] == '\n');
	port_send(p, 0xff, 60, 3);
	assert_sums(&p->counters, class->held ? class->held(p->plug) : 0);
	if (class->client)
		assert_false(class->client(p->plug, 0, &client));
	if (class->mac && class->mac(p->plug, &mac))
		assert_false(mac_is_group(mac.b) || mac_is_zero(mac.b));
}

/* Of a plug that is not UP: these are legal, and there is nothing held. */
static void use_in_any_state(struct port *p)
{
	const struct plug_class *class = p->plug->class;
	char text[1024];

	class->attach(p->plug, text, sizeof(text));
	if (class->held)
		assert_int_equal(class->held(p->plug), 0);
}

/* That may take a while. */
static void await_open(struct port *p, struct world *w)
{
	struct err err = {.msg = ""};

	if (!p->plug->class->open(p->plug, NULL, &err))
		fail_msg("%s", err.msg);
	world_wait(w, &p->ups, 1);
	assert_int_equal(p->ups, 1);
}

static void check_life(struct place *place, const struct plug_class *class)
{
	struct port p;

	port_init(&p, &place->world, class, arg_of(class));
	for (unsigned life = 0; life < 3; life++) {
		p.ups = 0;
		use_in_any_state(&p);
		await_open(&p, &place->world);
		use(&p);
		world_settle(&place->world);
		assert_int_equal(p.downs, 0);
		class->close(p.plug);
		use_in_any_state(&p);
		world_wait(&place->world, &p.closed, life + 1);
		world_settle(&place->world);
		assert_int_equal(p.closed, life + 1);
		assert_sums(&p.counters, 0);
	}
	port_free(&p);
}

static void every_class_opens_and_closes(void **state)
{
	struct place place;

	place_init(&place);
	for (size_t i = 0; plug_classes[i]; i++)
		check_life(&place, plug_classes[i]);
	place_done(&place);
}

/* Descriptors given in one life are used in the next, and only those. */
static void check_give(struct place *place, const struct plug_class *class)
{
	static struct fdset set;
	struct err err = {.msg = ""};
	struct port p;

	port_init(&p, &place->world, class, arg_of(class));
	port_open(&p);
	class->give(p.plug, &set);
	world_settle(&place->world);
	assert_int_equal(p.closed, 1);
	assert_true(set.version > 0);
	assert_true(set.fd_count <= PLUG_FDS_MAX);
	assert_true(set.blob_len <= PLUG_BLOB_MAX);
	for (unsigned i = 0; i < set.fd_count; i++)
		assert_true(fcntl(set.fd[i], F_GETFD) >= 0);
	if (!class->open(p.plug, &set, &err))
		fail_msg("%s", err.msg);
	for (unsigned i = 0; i < set.fd_count; i++)
		assert_int_equal(set.fd[i], -1);
	assert_int_equal(p.ups, 2);
	use(&p);
	port_close(&p, &place->world);

	/* What it does not know it leaves alone. */
	set = (struct fdset){.version = 999, .fd_count = 1};
	set.fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(class->open(p.plug, &set, NULL));
	assert_true(fcntl(set.fd[0], F_GETFD) >= 0);
	(void)close(set.fd[0]);
	port_close(&p, &place->world);
	port_free(&p);
}

static void what_is_given_is_taken_up(void **state)
{
	struct place place;
	unsigned givers = 0;

	place_init(&place);
	for (size_t i = 0; plug_classes[i]; i++) {
		if (!plug_classes[i]->give)
			continue;
		check_give(&place, plug_classes[i]);
		givers++;
	}
	assert_true(givers > 0);
	place_done(&place);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_is_described),
		cmocka_unit_test(every_class_opens_and_closes),
		cmocka_unit_test(what_is_given_is_taken_up),
	};

	FAKE_NAT(argv);
	return cmocka_run_group_tests(tests, setup, NULL);
}
