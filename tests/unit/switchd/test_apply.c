/* SPDX-License-Identifier: MIT */
/* apply, as the control socket asks for it. */
#include <fcntl.h>
#include <sys/mman.h>

#include "switchd/cmd.h"
#include "switchd/events.h"
#include "switchd/rpc.h"
#include "tests/unit/switchd/ctl_lab.h"

static int memory(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

/* The reply to apply with this descriptor, which stays open. */
static json_t *reply_to(struct lab_rig *f, int fd, bool dry_run)
{
	char line[200];
	struct call call = {.fd = fd};
	char *text;
	json_t *reply;

	(void)snprintf(line, sizeof(line),
		       "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"apply\","
		       "\"params\":{\"file\":\"x.yaml\",\"dry_run\":%s}}",
		       dry_run ? "true" : "false");
	text = rpc_serve(&f->lab, line, strlen(line), &call);
	reply = json_loads(text, 0, NULL);
	assert_non_null(reply);
	free(text);
	if (fd >= 0)
		assert_true(fcntl(fd, F_GETFD) >= 0);
	return reply;
}

static json_t *apply(struct lab_rig *f, const char *text, bool dry_run)
{
	int fd = memory(text);
	json_t *reply = reply_to(f, fd, dry_run);

	close(fd);
	return reply;
}

static const json_t *result_of(const json_t *reply)
{
	const json_t *result = json_object_get(reply, "result");

	if (!result)
		fail_msg("%s", json_dumps(reply, 0));
	return result;
}

/* The lines of the plan, each ended by a newline. */
static void plan_is(const json_t *reply, const char *want)
{
	const json_t *plan = json_object_get(result_of(reply), "plan");
	char text[4096] = "";
	const json_t *row;
	size_t i;

	json_array_foreach(plan, i, row)
	{
		strcat(text, cmd_text(row, "text"));
		strcat(text, "\n");
	}
	assert_string_equal(text, want);
}

static void refused(json_t *reply, int code, const char *why)
{
	const json_t *error = json_object_get(reply, "error");

	assert_int_equal(cmd_number(error, "code"), code);
	if (!strstr(cmd_text(error, "message"), why))
		fail_msg("%s", cmd_text(error, "message"));
	json_decref(reply);
}

static char *dump(struct lab_rig *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	topo_dump(f->lab.topo, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void rounds(struct lab_rig *f)
{
	for (int i = 0; i < 5; i++)
		uv_run(&f->loop, UV_RUN_NOWAIT);
}

static const char other[] = "switches:\n"
			    "  lan: {ports: {a: {\"null\", mtu: 100}, c: mem,\n"
			    "                d: {tap: x, netns: /nowhere}}}\n";

static const char other_plan[] = "- lan.b\n- lan.c\n"
				 "- vlans.pc\n- vlans.up\n- vlans.solo\n"
				 "- vlans\n"
				 "~ lan.a: mtu unset -> 100\n"
				 "+ lan.c: mem\n+ lan.d: tap x\n";

static void dry_run_says_and_does_nothing(void **state)
{
	struct lab_rig *f = *state;
	char *before = dump(f), *after;
	json_t *reply = apply(f, other, true);

	plan_is(reply, other_plan);
	assert_null(json_object_get(result_of(reply), "not_up"));
	json_decref(reply);
	after = dump(f);
	assert_string_equal(before, after);
	assert_int_equal(f->lab.closing, 0);
	free(before);
	free(after);
}

static void what_is_done_is_what_was_said(void **state)
{
	struct lab_rig *f = *state;
	const struct swport *a = lab_port_named(f->lab.switches, "a");
	json_t *reply = apply(f, other, false);
	const json_t *not_up;

	plan_is(reply, other_plan);
	not_up = json_object_get(result_of(reply), "not_up");
	assert_int_equal(json_array_size(not_up), 2); /* c and d wait for b */
	json_decref(reply);
	assert_ptr_equal(lab_port_named(f->lab.switches, "a"), a);
	assert_null(lab_find_switch(&f->lab, "vlans"));

	rounds(f);
	reply = apply(f, other, false);
	plan_is(reply, "");
	not_up = json_object_get(result_of(reply), "not_up");
	assert_int_equal(json_array_size(not_up), 1);
	not_up = json_array_get(not_up, 0);
	assert_string_equal(cmd_text(not_up, "name"), "lan.d");
	assert_string_equal(cmd_text(not_up, "state"), "down");
	assert_non_null(strstr(cmd_text(not_up, "reason"), "/nowhere"));
	json_decref(reply);

	json_decref(apply(f, CTL_LAB_TEXT, false));
	rounds(f);
	reply = apply(f, CTL_LAB_TEXT, true);
	plan_is(reply, "");
	json_decref(reply);
}

static void steps_in_parts(void **state)
{
	json_t *reply =
		apply(*state,
		      "switches:\n"
		      "  lan: {fdb: {ageing: 10s}, ports: {\n"
		      "    a: {\"null\", vlan: 7}, b: null, c: null}}\n"
		      "  vlans: {ports: {pc: {\"null\", vlan: 10},\n"
		      "    up: {\"null\", trunk: [10, 20], native: 5},\n"
		      "    solo: null}}\n",
		      true);
	json_t *plan = json_object_get(result_of(reply), "plan");
	json_t *want = json_loads(
		"[{\"op\":\"change\",\"name\":\"lan\",\"text\":\"~ lan: ageing "
		"5m -> 10s, knows VLANs from now, its FDB is flushed\","
		"\"changes\":[{\"option\":\"ageing\",\"from\":\"5m\","
		"\"to\":\"10s\"}],\"flushes\":true},"
		"{\"op\":\"change\",\"name\":\"lan.a\",\"text\":\"~ lan.a: "
		"vlan "
		"unset -> 7\",\"changes\":[{\"option\":\"vlan\",\"from\":"
		"\"unset\",\"to\":\"7\"}],\"flushes\":false}]",
		0, NULL);

	assert_non_null(want);
	if (!json_equal(plan, want))
		fail_msg("%s", json_dumps(plan, 0));
	json_decref(want);
	json_decref(reply);
}

/* Y3: nothing is half-applied. */
static void bad_file_changes_nothing(void **state)
{
	struct lab_rig *f = *state;
	char *before = dump(f), *after;
	json_t *reply =
		apply(f, "switches:\n  lan: {prots: {}, mode: hob}\n", false);
	const json_t *error = json_object_get(reply, "error");
	const json_t *data = json_object_get(error, "data");
	const json_t *rows = json_object_get(data, "errors");
	const json_t *row = json_array_get(rows, 0);

	assert_int_equal(json_array_size(rows), 2);
	assert_int_equal(cmd_number(row, "line"), 2);
	assert_int_equal(cmd_number(row, "col"), 9);
	assert_non_null(strstr(cmd_text(row, "message"), "'ports'"));
	assert_int_equal(cmd_number(data, "more"), 0);
	refused(reply, RPC_BAD_FILE, "nothing is changed");
	after = dump(f);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void sixteen_mistakes_and_more(void **state)
{
	char text[2000] = "switches:\n";
	const json_t *data;
	json_t *reply;

	for (int i = 0; i < 20; i++)
		sprintf(text + strlen(text), "  s%d: {mode: hob}\n", i);
	reply = apply(*state, text, false);
	data = json_object_get(json_object_get(reply, "error"), "data");
	assert_int_equal(json_array_size(json_object_get(data, "errors")), 16);
	assert_int_equal(cmd_number(data, "more"), 4);
	refused(reply, RPC_BAD_FILE, "mistakes");
}

static void too_long_a_file(void **state)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, 100 << 20), 0);
	refused(reply_to(*state, fd, false), RPC_BAD_FILE, "mistakes");
	close(fd);
}

static void name_of_another_lab(void **state)
{
	struct lab_rig *f = *state;
	struct topo_errors errors = {.count = 0};
	char text[] = CTL_LAB_TEXT;
	struct topo *topo;
	json_t *reply;

	refused(apply(f, "name: huge\n", false), RPC_FAILED,
		"for lab 'huge', and this is lab 'small'");
	refused(apply(f, "name: huge\n", true), RPC_FAILED, "'huge'");
	assert_non_null(lab_find_switch(&f->lab, "lan"));

	/* Unless it was started from such a file, under a name of its own. */
	text[6] = 't';
	topo = topo_parse(text, strlen(text), plug_kinds, &errors);
	assert_non_null(topo);
	assert_string_equal(topo->name, "tmall");
	(void)lab_apply(&f->lab, topo);
	reply = apply(f, text, false);
	plan_is(reply, "");
	json_decref(reply);
	refused(apply(f, "name: huge\n", true), RPC_FAILED, "'huge'");
	json_decref(apply(f, CTL_LAB_TEXT, false));
}

/* Nothing is read that could make us wait. */
static void not_a_file(void **state)
{
	int pipes[2], fd;

	refused(reply_to(*state, -1, false), RPC_FAILED, "no descriptor");
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	refused(reply_to(*state, pipes[0], false), RPC_FAILED, "regular file");
	close(pipes[0]);
	close(pipes[1]);
	fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	refused(reply_to(*state, fd, false), RPC_FAILED, "regular file");
	close(fd);
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	refused(reply_to(*state, fd, false), RPC_FAILED, "regular file");
	close(fd);
	fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	refused(reply_to(*state, fd, false), RPC_FAILED, "cannot");
	close(fd);
	/* As /proc/kmsg, a regular file of no size: to read that one waits. */
	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	refused(reply_to(*state, fd, false), RPC_BAD_FILE, "mistakes");
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
}

/* A thousand steps are listed, all of them are taken. */
static void many_steps(void **state)
{
	struct lab_rig *f = *state;
	char *text = calloc(1, 60000);
	json_t *reply;
	const json_t *result;

	assert_non_null(text);
	strcpy(text, "switches:\n  lan:\n    ports:\n");
	for (int i = 0; i < 2000; i++)
		sprintf(text + strlen(text), "      p%d: null\n", i);
	reply = apply(f, text, false);
	result = result_of(reply);
	assert_int_equal(json_array_size(json_object_get(result, "plan")),
			 1000);
	assert_int_equal(cmd_number(result, "more"), 2000 + 3 + 4 - 1000);
	json_decref(reply);
	rounds(f);
	assert_int_equal(f->lab.switches->port_count, 2000);
	json_decref(apply(f, CTL_LAB_TEXT, false));
	rounds(f);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dry_run_says_and_does_nothing),
		cmocka_unit_test(what_is_done_is_what_was_said),
		cmocka_unit_test(steps_in_parts),
		cmocka_unit_test(bad_file_changes_nothing),
		cmocka_unit_test(sixteen_mistakes_and_more),
		cmocka_unit_test(too_long_a_file),
		cmocka_unit_test(name_of_another_lab),
		cmocka_unit_test(not_a_file),
		cmocka_unit_test(many_steps),
	};

	return cmocka_run_group_tests(tests, ctl_lab_begin, lab_rig_end);
}
