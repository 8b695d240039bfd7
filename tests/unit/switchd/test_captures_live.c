/* SPDX-License-Identifier: MIT */
/* Captures that clients of the control socket begin, list and stop. */
#include <dirent.h>
#include <fcntl.h>

#include "switchd/cmd.h"
#include "switchd/events.h"
#include "switchd/rpc.h"
#include "tests/unit/switchd/capture_lab.h"

#define LAB "switches: {sw1: {ports: {a: mem, b: mem}}, sw2: {ports: {c: mem}}}"

/* The reply to a method; NULL: it waits. */
static json_t *ask(struct capture_lab *f, const char *method,
		   const char *params, int fd, struct watcher *watcher)
{
	char line[1000];
	struct call call = {.fd = fd, .watcher = watcher};
	char *text;
	json_t *reply;

	(void)snprintf(line, sizeof(line),
		       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\","
		       "\"params\":%s}",
		       method, params);
	text = rpc_serve(&f->lab, line, strlen(line), &call);
	if (call.waits) {
		assert_null(text);
		return NULL;
	}
	reply = json_loads(text, 0, NULL);
	assert_non_null(reply);
	free(text);
	return reply;
}

/* A pipe, of which the lab has the other end; *id is the capture's number. */
static int start(struct capture_lab *f, const char *params,
		 struct watcher *watcher, unsigned *id)
{
	int fds[2];
	json_t *reply;

	assert_int_equal(pipe(fds), 0);
	reply = ask(f, "capture start", params, fds[1], watcher);
	*id = (unsigned)cmd_number(json_object_get(reply, "result"), "id");
	if (*id == 0)
		fail_msg("%s",
			 cmd_text(json_object_get(reply, "error"), "message"));
	json_decref(reply);
	(void)close(fds[1]);
	return fds[0];
}

static struct lab_capture *by_id(const struct capture_lab *f, unsigned id)
{
	struct lab_capture *c = f->lab.captures.list;

	while (c && c->id != id)
		c = c->next;
	return c;
}

static void await_state(struct capture_lab *f, unsigned id,
			enum captures_state state)
{
	const struct lab_capture *c = by_id(f, id);

	for (int i = 0; i < 4000 && c && c->state != state; i++) {
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
		c = by_id(f, id);
	}
	assert_non_null(c);
	assert_int_equal(c->state, state);
}

static void starts_with_all_options(void **state)
{
	struct capture_lab *f = *state;
	const struct lab_capture *c;
	unsigned id;
	int fd;

	(void)capture_lab_apply(f, LAB);
	fd = start(f,
		   "{\"of\":[\"a\",\"sw2.*\"],\"direction\":\"tx\","
		   "\"snaplen\":64,\"format\":\"pcap\",\"raw\":true,"
		   "\"buffer\":1000000,\"filter\":[[6,0,0,65535]],"
		   "\"filter_text\":\"all of it\"}",
		   &f->client, &id);
	c = by_id(f, id);
	assert_int_equal(c->topo.conf.direction, TOPO_TX);
	assert_int_equal(c->topo.conf.snaplen, 64);
	assert_int_equal(c->topo.conf.format, TOPO_PCAP);
	assert_int_equal(c->topo.conf.buffer, 1000000);
	assert_true(c->topo.conf.raw);
	assert_int_equal(c->port_count, 2);
	assert_string_equal(c->topo.conf.filter, "all of it");
	(void)close(fd);
}

static void what_it_does_not_understand_is_refused(void **state)
{
	static const struct {
		const char *params;
		const char *want;
	} rows[] = {
		{"{\"of\":[]}", "selectors"},
		{"{\"of\":[\"sw3\"]}", "sw3"},
		{"{\"of\":[\"sw1.nobody\"]}", "nobody"},
		{"{\"of\":[\"a b\"]}", "'of' is 'a b'"},
		{"{\"of\":[\"a\"],\"direction\":\"up\"}", "'direction' is"},
		{"{\"of\":[\"a\"],\"snaplen\":1}", "'snaplen' is 1"},
		{"{\"of\":[\"a\"],\"snaplen\":[1]}", "'snaplen' is neither"},
		{"{\"of\":[\"a\"],\"buffer\":5}", "'buffer' is"},
		{"{\"of\":[\"a\"],\"filter\":7}", "'filter' must be"},
		{"{\"of\":[\"a\"],\"filter\":[[6,0,0]]}", "instruction 0"},
		{"{\"of\":[\"a\"],\"filter\":[[6,0,0,-1]]}", "instruction 0"},
		{"{\"of\":[\"a\"],\"filter\":[[6,0,256,1]]}", "instruction 0"},
		{"{\"of\":[\"a\"],\"filter\":[[5,0,0,9]]}", "filter"},
		{"{\"of\":[\"a\"],\"filter_text\":\"\\u001b[2J\"}",
		 "'filter_text' contains a control"},
		{"{\"of\":[\"a\"],\"drops\":true,\"format\":\"pcap\"}",
		 "'drops'"},
	};
	struct capture_lab *f = *state;

	(void)capture_lab_apply(f, LAB);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fds[2];
		json_t *reply;
		const char *message;

		assert_int_equal(pipe(fds), 0);
		reply = ask(f, "capture start", rows[i].params, fds[1],
			    &f->client);
		message = cmd_text(json_object_get(reply, "error"), "message");
		assert_non_null(message);
		if (!strstr(message, rows[i].want))
			fail_msg("%s: %s", rows[i].params, message);
		json_decref(reply);
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
	assert_null(f->lab.captures.list);
	json_decref(
		ask(f, "capture start", "{\"of\":[\"a\"]}", -1, &f->client));
	assert_null(f->lab.captures.list);
}

/* The request waits until all is written. */
static void stop_waits_for_the_last_frame(void **state)
{
	struct capture_lab *f = *state;
	char params[40];
	json_t *reply;
	unsigned id;
	int fd;

	(void)capture_lab_apply(f, LAB);
	fd = start(f, "{\"of\":[\"sw1\"]}", &f->client, &id);
	capture_lab_burst(f, "a", 1, 60, 10);
	(void)snprintf(params, sizeof(params), "{\"id\":%u}", id);
	while (!(reply = ask(f, "capture stop", params, -1, &f->client)))
		(void)uv_run(&f->rig.loop, UV_RUN_ONCE);
	assert_int_equal(cmd_number(json_object_get(reply, "result"), "frames"),
			 20);
	assert_string_equal(cmd_text(json_object_get(reply, "result"), "state"),
			    "stopped");
	json_decref(reply);
	assert_true(f->wakes > 0);
	(void)close(fd);
}

/* It stays in the list, with its reason, as long as its client. */
static void a_reader_that_goes_ends_it(void **state)
{
	struct capture_lab *f = *state;
	struct watcher other = {.bus = NULL};
	unsigned id, id2;
	int fd, fd2;

	(void)capture_lab_apply(f, LAB);
	fd = start(f, "{\"of\":[\"sw1.a\"]}", &f->client, &id);
	fd2 = start(f, "{\"of\":[\"sw1.a\"]}", &other, &id2);
	(void)close(fd);
	for (int i = 0; i < 4000 && by_id(f, id)->state == CAPTURES_RUNNING;
	     i++) {
		capture_lab_burst(f, "a", 1, 60, 1);
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
	}
	await_state(f, id, CAPTURES_STOPPED);
	assert_string_equal(by_id(f, id)->reason.msg, "its reader is gone");
	captures_disown(&f->lab, &f->client);
	assert_null(by_id(f, id));
	assert_int_equal(by_id(f, id2)->state, CAPTURES_RUNNING);
	assert_true(captures_owned(&f->lab, &other));
	captures_disown(&f->lab, &other);
	(void)close(fd2);
}

static void the_end_of_its_client_ends_it(void **state)
{
	struct capture_lab *f = *state;
	unsigned id;
	int fd;

	(void)capture_lab_apply(f, LAB);
	fd = start(f, "{\"of\":[\"sw1.a\"]}", &f->client, &id);
	assert_non_null(capture_lab_port(f, "a")->captures);
	captures_disown(&f->lab, &f->client);
	assert_null(capture_lab_port(f, "a")->captures);
	while (f->lab.captures.list)
		(void)uv_run(&f->rig.loop, UV_RUN_ONCE);
	(void)close(fd);
}

/* All of its ports may go, and others come. */
static void goes_on_without_ports(void **state)
{
	struct capture_lab *f = *state;
	unsigned id;
	int fd;

	(void)capture_lab_apply(f, LAB);
	fd = start(f, "{\"of\":[\"sw1\"]}", &f->client, &id);
	(void)capture_lab_apply(f, "switches: {sw2: {ports: {c: mem}}}");
	while (f->lab.closing > 0)
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
	assert_int_equal(by_id(f, id)->port_count, 0);
	assert_int_equal(by_id(f, id)->state, CAPTURES_RUNNING);
	(void)capture_lab_apply(f, LAB);
	assert_int_equal(by_id(f, id)->port_count, 2);
	(void)close(fd);
}

static void lists_each(void **state)
{
	struct capture_lab *f = *state;
	const json_t *rows;
	json_t *reply;
	unsigned id;
	int fd;

	(void)capture_lab_apply(
		f, LAB "\ncaptures: [{of: sw1, file: x, filter: arp}]");
	fd = start(f, "{\"of\":[\"all\"]}", &f->client, &id);
	capture_lab_burst(f, "c", 1, 60, 3);
	for (int i = 0; i < 2000 && captures_stats(by_id(f, id)).frames < 3;
	     i++)
		(void)usleep(10000);
	reply = ask(f, "capture list", "{}", -1, &f->client);
	rows = json_object_get(json_object_get(reply, "result"), "rows");
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(cmd_text(json_array_get(rows, 0), "output"),
			    "file x");
	assert_string_equal(cmd_text(json_array_get(rows, 0), "filter"), "arp");
	assert_string_equal(cmd_text(json_array_get(rows, 1), "output"),
			    "live");
	assert_int_equal(cmd_number(json_array_get(rows, 1), "frames"), 3);
	assert_int_equal(cmd_number(json_array_get(rows, 1), "ports"), 3);
	json_decref(reply);
	(void)close(fd);
}

static void stop_finds_it_or_says_so(void **state)
{
	static const struct {
		const char *params;
		const char *want;
	} rows[] = {
		{"{\"id\":77}", "there is no capture 77"},
		{"{\"file\":\"77\"}", "there is no capture 77"},
		{"{\"file\":\"z\"}", "there is no capture 'z'"},
		{"{}", "which of them?"},
	};
	struct capture_lab *f = *state;

	(void)capture_lab_apply(
		f, LAB "\ncaptures: [{of: sw1, file: x}, {of: sw2, file: y}]");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *reply =
			ask(f, "capture stop", rows[i].params, -1, NULL);
		const char *message =
			cmd_text(json_object_get(reply, "error"), "message");

		assert_non_null(message);
		assert_non_null(strstr(message, rows[i].want));
		json_decref(reply);
	}
}

static void there_is_an_end_to_how_many(void **state)
{
	struct capture_lab *f = *state;
	struct topo_capture topo = {.conf.buffer = CAPTURE_RING_MIN};
	struct err err;

	(void)capture_lab_apply(f, LAB);
	for (unsigned i = 0; i <= CAPTURES_LIVE_MAX; i++) {
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(captures_start(&f->lab, &topo, NULL, fds[1],
						&f->client, &err) != NULL,
				 i < CAPTURES_LIVE_MAX);
		(void)close(fds[0]);
	}
	assert_non_null(strstr(err.msg, "already"));
}

static unsigned count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

/* The reader of each is gone, or all frames are in its pipe. */
static void begin_and_end_all(struct capture_lab *f)
{
	struct topo_capture topo = {.conf.buffer = CAPTURE_RING_MIN};
	int readers[CAPTURES_LIVE_MAX];
	struct selector all;
	struct err err;

	assert_true(selector_parse("all", &all, &err));
	topo.conf.of[0] = all;
	for (unsigned i = 0; i < CAPTURES_LIVE_MAX; i++) {
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		readers[i] = fds[0];
		assert_non_null(captures_start(&f->lab, &topo, NULL, fds[1],
					       &f->client, &err));
		if (i % 2)
			(void)close(fds[0]);
	}
	capture_lab_burst(f, "c", 1, 60, 3);
	captures_disown(&f->lab, &f->client);
	for (int i = 0; i < 4000 && f->lab.captures.list; i++) {
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
	}
	assert_null(f->lab.captures.list);
	for (unsigned i = 0; i < CAPTURES_LIVE_MAX; i += 2)
		(void)close(readers[i]);
}

static void they_leave_nothing_behind(void **state)
{
	struct capture_lab *f = *state;
	unsigned fds, threads;

	(void)capture_lab_apply(f, LAB);
	begin_and_end_all(f);
	fds = count_entries("/proc/self/fd");
	threads = count_entries("/proc/self/task");
	for (int i = 0; i < 5; i++)
		begin_and_end_all(f);
	assert_int_equal(count_entries("/proc/self/fd"), fds);
	assert_int_equal(count_entries("/proc/self/task"), threads);
}

int main(void)
{
#define IN_A_LAB(test)                                                         \
	cmocka_unit_test_setup_teardown(test, capture_lab_begin,               \
					capture_lab_end)
	const struct CMUnitTest tests[] = {
		IN_A_LAB(starts_with_all_options),
		IN_A_LAB(what_it_does_not_understand_is_refused),
		IN_A_LAB(stop_waits_for_the_last_frame),
		IN_A_LAB(a_reader_that_goes_ends_it),
		IN_A_LAB(the_end_of_its_client_ends_it),
		IN_A_LAB(goes_on_without_ports),
		IN_A_LAB(lists_each),
		IN_A_LAB(stop_finds_it_or_says_so),
		IN_A_LAB(there_is_an_end_to_how_many),
		IN_A_LAB(they_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
