/* SPDX-License-Identifier: MIT */
/*
 * A NAT port and its process, which here is a fake one that says what it is
 * told to say (fake_nat.h).
 */
#include "tests/cmocka.h"
#include "tests/unit/plugs/fake_nat.h"
#include "tests/unit/plugs/world.h"

#include <errno.h>
#include <fcntl.h>

#include "plugs/plug_nat.h"

static const struct plug_nat_ops *const *ops = &plug_nat_class.nat;

static void nat_init(struct port *p, struct world *w, const char *domain)
{
	world_init(w);
	w->env.nat_program = FAKE_NAT_PROGRAM;
	port_init(p, w, &plug_nat_class, NULL);
	port_option(p, "domain", domain);
}

static void start(struct port *p)
{
	struct err err = {.msg = ""};

	if (!plug_nat_class.open(p->plug, NULL, &err))
		fail_msg("%s", err.msg);
}

static void end(struct port *p, struct world *w)
{
	unsigned before = p->closed;

	plug_nat_class.close(p->plug);
	world_wait(w, &p->closed, before + 1);
	assert_int_equal(p->closed, before + 1);
}

static void nat_done(struct port *p, struct world *w)
{
	port_free(p);
	world_done(w);
	/* Not even a zombie is left. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* Runs the loop until the last event is this. */
static void await_event(struct port *p, struct world *w, const char *text)
{
	for (int i = 0; i < 1000 && strcmp(p->event, text) != 0; i++) {
		(void)uv_run(&w->loop, UV_RUN_NOWAIT);
		usleep(10000);
	}
	assert_string_equal(p->event, text);
}

static void it_lives_and_passes_frames(void **state)
{
	struct plug_nat_about about;
	struct world w;
	struct port p;

	nat_init(&p, &w, "lab");
	for (unsigned life = 1; life <= 3; life++) {
		start(&p);
		assert_int_equal(p.ups, life - 1);
		world_wait(&w, &p.ups, life);
		port_send(&p, 0x77, 60, 1);
		world_wait(&w, &p.bursts, life);
		(*ops)->about(p.plug, &about);
		assert_string_equal(about.ready.version, "4.7?");
		assert_true(about.ready.ping && about.pid > 0);
		end(&p, &w);
		(*ops)->about(p.plug, &about);
		assert_string_equal(about.ready.version, "");
		assert_int_equal(about.pid, 0);
	}
	assert_int_equal(p.downs, 0);
	assert_sums(&p.counters, 0);
	nat_done(&p, &w);
}

static void it_has_nothing_of_ours(void **state)
{
	struct world w;
	struct port p;

	nat_init(&p, &w, "inventory");
	start(&p);
	await_event(&p, &w, "5 descriptors, no environment, own session");
	end(&p, &w);
	nat_done(&p, &w);
}

static void a_missing_program_is_named(void **state)
{
	struct world w;
	struct port p;

	nat_init(&p, &w, "lab");
	w.env.nat_program = "/nowhere/labswitch-nat";
	port_open_fails(&p, "cannot start /nowhere/labswitch-nat: no such");
	port_open_fails(&p, "cannot start /nowhere/labswitch-nat: no such");
	nat_done(&p, &w);
}

/* It ends by itself or is ended, and the port says why. */
static void goes_down(const char *domain, const char *reason)
{
	struct world w;
	struct port p;

	nat_init(&p, &w, domain);
	start(&p);
	world_wait(&w, &p.downs, 1);
	if (!strstr(p.reason, reason))
		fail_msg("%s: \"%s\" is not \"%s\"", domain, p.reason, reason);
	end(&p, &w);
	assert_int_equal(p.downs, 1);
	nat_done(&p, &w);
}

static void what_it_does_wrong_ends_it(void **state)
{
	goes_down("dies", "the NAT process ended (exit status 3)");
	goes_down("killed", "the NAT process was killed (signal 9, Killed)");
	goes_down("short", "the NAT process sent nonsense");
	goes_down("bool", "the NAT process sent nonsense");
	goes_down("twice", "the NAT process sent nonsense");
	goes_down("parent", "the NAT process sent nonsense");
	goes_down("early", "the NAT process sent nonsense");
	goes_down("mute", "the NAT process did not answer in time");
	goes_down("frameless", "the NAT process");
	goes_down("deaf", "the NAT process has hung");
}

static void it_ends_in_every_state(void **state)
{
	static const char *const domains[] = {"lab", "deaf", "mute", "killed"};

	for (size_t i = 0; i < 4; i++) {
		struct world w;
		struct port p;

		nat_init(&p, &w, domains[i]);
		start(&p); /* at once */
		end(&p, &w);
		start(&p);
		if (strcmp(domains[i], "mute") != 0)
			world_wait(&w, &p.ups, 1);
		if (p.downs == 0)
			end(&p, &w);
		nat_done(&p, &w);
	}
}

static void it_cannot_flood_the_log(void **state)
{
	const struct lease *lease;
	struct world w;
	struct port p;

	nat_init(&p, &w, "chatty");
	start(&p);
	await_event(&p, &w, "red ?[31m?");
	for (int i = 0; i < 1000 && (*ops)->lease_changes(p.plug) < 3; i++) {
		(void)uv_run(&w.loop, UV_RUN_NOWAIT);
		usleep(10000);
	}
	/* What cannot be was not believed. */
	lease = (*ops)->lease(p.plug, 0, 0);
	assert_non_null(lease);
	assert_string_equal(lease->name, "alice");
	assert_null((*ops)->lease(p.plug, 1, 0));
	assert_int_equal((*ops)->lease_changes(p.plug), 3);
	assert_int_equal(p.downs, 0);
	end(&p, &w);

	/* The next process is told of the lease before it starts. */
	p.event[0] = '\0';
	port_option(&p, "domain", "lab");
	start(&p);
	await_event(&p, &w, "alice");
	end(&p, &w);
	assert_non_null((*ops)->lease(p.plug, 0, 0));
	nat_done(&p, &w);
}

static void counts_are_summed_over_lives(void **state)
{
	struct plug_nat_about about = {.pid = 0};
	struct world w;
	struct port p;

	nat_init(&p, &w, "stats");
	for (unsigned life = 1; life <= 2; life++) {
		start(&p);
		world_wait(&w, &p.ups, life);
		for (int i = 0; i < 1000 && about.stats.flows != 3; i++) {
			(void)uv_run(&w.loop, UV_RUN_NOWAIT);
			usleep(10000);
			(*ops)->about(p.plug, &about);
		}
		end(&p, &w);
		(*ops)->about(p.plug, &about);
		assert_int_equal(about.stats.flows, 0);
		assert_int_equal(about.stats.count[NAT_STAT_NOT_OURS],
				 5 * life);
	}
	nat_done(&p, &w);
}

/* --- Forwards ----------------------------------------------------------- */

static void assert_forward(struct port *p, unsigned i, const char *text,
			   enum nat_forward_state wanted)
{
	struct plug_nat_forward f;

	assert_true((*ops)->forward(p->plug, i, &f));
	assert_string_equal(f.text, text);
	assert_string_equal(nat_forward_state_name(f.state),
			    nat_forward_state_name(wanted));
}

static void add(struct port *p, const char *text)
{
	char whole[NAT_FORWARD_SIZE];
	struct err err = {.msg = ""};

	if (!(*ops)->forward_add(p->plug, text, whole, &err))
		fail_msg("%s", err.msg);
}

static void refuse(struct port *p, const char *text, const char *says)
{
	char whole[NAT_FORWARD_SIZE];
	struct err err = {.msg = ""};

	assert_false((*ops)->forward_add(p->plug, text, whole, &err));
	if (!strstr(err.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
}

static void forwards_come_and_go(void **state)
{
	struct plug_nat_forward f;
	struct world w;
	struct port p;

	nat_init(&p, &w, "lab");
	port_option(&p, "forward", "tcp 2222 -> .15:22");
	port_option(&p, "forward", "udp [::1]:53 -> [fec0::15]:53");
	port_option(&p, "forward", "tcp 1111 -> .15:80");
	start(&p);
	world_wait(&w, &p.ups, 1);
	assert_forward(&p, 0, "tcp 127.0.0.1:2222 -> 10.0.2.15:22",
		       NAT_FORWARD_OPEN);
	assert_forward(&p, 1, "udp [::1]:53 -> [fec0::15]:53",
		       NAT_FORWARD_OPEN);
	assert_forward(&p, 2, "tcp 127.0.0.1:1111 -> 10.0.2.15:80",
		       NAT_FORWARD_FAILED);
	await_event(&p, &w,
		    "no forward tcp 127.0.0.1:1111 -> 10.0.2.15:80: taken?");

	add(&p, "udp 2222 -> .15:22");
	assert_forward(&p, 3, "udp 127.0.0.1:2222 -> 10.0.2.15:22",
		       NAT_FORWARD_WAITING);
	await_event(&p, &w, "forward udp 127.0.0.1:2222 -> 10.0.2.15:22");
	add(&p, "tcp 2223 -> :22");
	assert_forward(&p, 4, "tcp 127.0.0.1:2223 -> 10.0.2.15:22",
		       NAT_FORWARD_WAITING);
	assert_true((*ops)->forward_del(p.plug, "tcp 2223 -> :22", NULL));
	refuse(&p, "udp 0.0.0.0:2222 -> .16:22",
	       "already: delete that first, both begin at the same place");
	refuse(&p, "udp 2223 -> .15:22",
	       "already: delete that first, both lead to one UDP port");
	refuse(&p, "tcp 80 -> 10.9.9.9:80",
	       "the NAT has forward 'tcp 127.0.0.1:80 -> 10.9.9.9:80' to what "
	       "cannot be a guest in 10.0.2.0/24");
	refuse(&p, "nonsense",
	       "the forward has 'nonsense', expected tcp|udp OUTSIDE -> ");

	/* Those of run time outlive the process; the failed are tried again. */
	end(&p, &w);
	assert_forward(&p, 2, "tcp 127.0.0.1:1111 -> 10.0.2.15:80",
		       NAT_FORWARD_WAITING);
	start(&p);
	world_wait(&w, &p.ups, 2);
	assert_forward(&p, 3, "udp 127.0.0.1:2222 -> 10.0.2.15:22",
		       NAT_FORWARD_OPEN);
	assert_true((*ops)->forward_del(p.plug, "udp 2222 -> .15:22", NULL));
	assert_false((*ops)->forward_del(p.plug, "udp 2222 -> .15:22", NULL));
	assert_false((*ops)->forward(p.plug, 3, &f));
	await_event(&p, &w, "del");
	end(&p, &w);
	nat_done(&p, &w);
}

static void the_file_is_followed_live(void **state)
{
	struct plug_nat_forward f;
	struct world w;
	struct port p;

	nat_init(&p, &w, "lab");
	port_option(&p, "forward", "tcp 2222 -> .15:22");
	start(&p);
	world_wait(&w, &p.ups, 1);
	add(&p, "tcp 3333 -> .15:22");
	await_event(&p, &w, "forward tcp 127.0.0.1:3333 -> 10.0.2.15:22");

	/* The file takes over the one of run time, and has another. */
	memset(((struct nat_opts *)(uintptr_t)p.plug->conf)->rules, 0,
	       sizeof(((struct nat_opts *)0)->rules));
	port_option(&p, "forward", "tcp 3333 -> .16:22");
	port_option(&p, "forward", "tcp 4444 -> .15:22");
	plug_nat_class.reconfigure(p.plug);
	await_event(&p, &w, "forward tcp 127.0.0.1:4444 -> 10.0.2.15:22");
	assert_forward(&p, 0, "tcp 127.0.0.1:3333 -> 10.0.2.16:22",
		       NAT_FORWARD_OPEN);
	assert_forward(&p, 1, "tcp 127.0.0.1:4444 -> 10.0.2.15:22",
		       NAT_FORWARD_OPEN);
	assert_false((*ops)->forward(p.plug, 2, &f));
	assert_int_equal(p.downs, 0);

	/* Another mtu takes another process. */
	p.plug->mtu = 9000;
	plug_nat_class.reconfigure(p.plug);
	world_wait(&w, &p.downs, 1);
	assert_non_null(strstr(p.reason, "mtu"));
	end(&p, &w);
	nat_done(&p, &w);
}

static void a_socket_file_is_made_way_for_and_removed(void **state)
{
	char path[64], text[128];
	struct plug_nat_forward f;
	struct world w;
	struct port p;
	int fd;

	nat_init(&p, &w, "lab");
	(void)snprintf(path, sizeof(path), "%s/in.sock", w.dir);
	(void)snprintf(text, sizeof(text), "tcp %s -> .15:22", path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	start(&p);
	world_wait(&w, &p.ups, 1);
	add(&p, text);
	assert_true((*ops)->forward(p.plug, 0, &f));
	assert_int_equal(f.state, NAT_FORWARD_FAILED);
	assert_non_null(strstr(f.reason, path));
	assert_true((*ops)->forward_del(p.plug, text, NULL));

	/* Ours, as the process would make it. */
	assert_int_equal(unlink(path), 0);
	add(&p, text);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	end(&p, &w);
	assert_int_equal(access(path, F_OK), -1);
	nat_done(&p, &w);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lives_and_passes_frames),
		cmocka_unit_test(it_has_nothing_of_ours),
		cmocka_unit_test(a_missing_program_is_named),
		cmocka_unit_test(what_it_does_wrong_ends_it),
		cmocka_unit_test(it_ends_in_every_state),
		cmocka_unit_test(it_cannot_flood_the_log),
		cmocka_unit_test(counts_are_summed_over_lives),
		cmocka_unit_test(forwards_come_and_go),
		cmocka_unit_test(the_file_is_followed_live),
		cmocka_unit_test(a_socket_file_is_made_way_for_and_removed),
	};

	FAKE_NAT(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
