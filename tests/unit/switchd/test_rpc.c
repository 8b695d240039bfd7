/* SPDX-License-Identifier: MIT */
#include "switchd/rpc.h"

#include "switchd/cmd.h"
#include "switchd/events.h"
#include "tests/unit/switchd/ctl_lab.h"

/* --- Lines -------------------------------------------------------------- */

static void feed(struct rpc_in *in, const char *text, size_t len)
{
	size_t room;
	char *space = rpc_in_space(in, &room);

	assert_true(room >= len);
	memcpy(space, text, len);
	rpc_in_added(in, len);
}

static void take(struct rpc_in *in, const char *want)
{
	size_t len;
	const char *line;

	assert_true(rpc_in_ready(in));
	line = rpc_in_take(in, &len);
	assert_non_null(line);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(line, want, len);
}

static void lines_of_any_cut(void **state)
{
	static const char text[] = "one\n\nthree\nfo";
	struct rpc_in *in = calloc(1, sizeof(*in));

	assert_non_null(in);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		assert_false(rpc_in_ready(in));
		feed(in, &text[i], 1);
		if (i == 3)
			take(in, "one");
		if (i == 4)
			take(in, "");
		if (i == 10)
			take(in, "three");
	}
	assert_true(rpc_in_partial(in));
	feed(in, "ur\nfive\n\n", 9);
	assert_false(rpc_in_partial(in));
	take(in, "four");
	take(in, "five");
	take(in, "");
	assert_false(rpc_in_ready(in));
	assert_false(rpc_in_partial(in));
	free(in);
}

static void line_of_just_the_limit(void **state)
{
	struct rpc_in *in = calloc(1, sizeof(*in));
	size_t room, len;
	char *space;

	assert_non_null(in);
	space = rpc_in_space(in, &room);
	assert_int_equal(room, RPC_LINE_MAX);
	memset(space, 'x', room);
	space[room - 1] = '\n';
	rpc_in_added(in, room);
	assert_true(rpc_in_ready(in));
	assert_non_null(rpc_in_take(in, &len));
	assert_int_equal(len, RPC_LINE_MAX - 1);
	assert_false(rpc_in_ready(in));

	space = rpc_in_space(in, &room);
	assert_int_equal(room, RPC_LINE_MAX);
	memset(space, 'x', room);
	rpc_in_added(in, room);
	assert_true(rpc_in_ready(in));
	assert_null(rpc_in_take(in, &len));
	free(in);
}

/* --- Requests ----------------------------------------------------------- */

static json_t *serve(struct lab_rig *f, const char *line, size_t len)
{
	struct watcher watcher = {.bus = NULL};
	struct call call = {.fd = -1, .watcher = &watcher};
	char *text = rpc_serve(&f->lab, line, len, &call);
	json_t *reply;

	assert_non_null(text);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_null(memchr(text, '\n', strlen(text) - 1));
	reply = json_loads(text, 0, NULL);
	assert_non_null(reply);
	free(text);
	return reply;
}

static int code_of(const json_t *reply)
{
	const json_t *error = json_object_get(reply, "error");

	return (int)json_integer_value(json_object_get(error, "code"));
}

#define REQUEST(rest) "{\"jsonrpc\":\"2.0\",\"id\":1," rest "}"

static void refusals(void **state)
{
	static const struct {
		const char *line;
		int code;
	} rows[] = {
		{"", RPC_BAD_JSON},
		{"hello", RPC_BAD_JSON},
		{"{", RPC_BAD_JSON},
		{REQUEST("\"id\":2,\"method\":\"show\""), RPC_BAD_JSON},
		{REQUEST("\"method\":\"\xff\""), RPC_BAD_JSON},
		{REQUEST("\"method\":\"\\u0000\""), RPC_BAD_JSON},
		{REQUEST("\"method\":\"show\"") "x", RPC_BAD_JSON},
		{"1e999", RPC_BAD_JSON},
		{"[]", RPC_BAD_REQUEST},
		{"[" REQUEST("\"method\":\"show\"") "]", RPC_BAD_REQUEST},
		{"{}", RPC_BAD_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"method\":\"show\"}", RPC_BAD_REQUEST},
		{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"show\"}",
		 RPC_BAD_REQUEST},
		{"{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":\"show\"}",
		 RPC_BAD_REQUEST},
		{REQUEST("\"method\":7"), RPC_BAD_REQUEST},
		{REQUEST("\"method\":\"nosuch\""), RPC_NO_METHOD},
		{REQUEST("\"method\":\"fdb  flush\""), RPC_NO_METHOD},
		{REQUEST("\"method\":\"show\",\"params\":[]"), RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"show\",\"params\":null"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"show\",\"params\":{\"x\":1}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"show\",\"params\":{\"from\":-1}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"stop\",\"params\":{\"from\":0}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"trace\",\"params\":{\"port\":7}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"trace\",\"params\":{\"port\":\"a\"}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"ports\",\"params\":{\"names\":[1]}"),
		 RPC_BAD_PARAMS},
		{REQUEST("\"method\":\"ports\",\"params\":{\"names\":[\"x\"]}"),
		 RPC_FAILED},
	};
	struct lab_rig *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *reply = serve(f, rows[i].line, strlen(rows[i].line));

		if (code_of(reply) != rows[i].code)
			fail_msg("%s: code %d", rows[i].line, code_of(reply));
		json_decref(reply);
	}
	assert_int_equal(f->stops, 0);
}

static void ids_come_back(void **state)
{
	static const char *const ids[] = {"1", "\"x y\"", "null", "1.5", "-7"};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		json_t *id = json_loads(ids[i], JSON_DECODE_ANY, NULL);
		char line[128];
		json_t *reply;

		(void)snprintf(line, sizeof(line),
			       "{\"jsonrpc\":\"2.0\",\"id\":%s,"
			       "\"method\":\"show\"}",
			       ids[i]);
		reply = serve(*state, line, strlen(line));
		assert_true(json_equal(json_object_get(reply, "id"), id));
		assert_non_null(json_object_get(reply, "result"));
		json_decref(reply);
		json_decref(id);
	}
}

/* Brackets in a string nest nothing. */
static void depth(void **state)
{
	char line[256];
	json_t *reply;
	size_t len;

	memset(line, '[', RPC_DEPTH_MAX);
	memset(line + RPC_DEPTH_MAX, ']', RPC_DEPTH_MAX);
	reply = serve(*state, line, (size_t)RPC_DEPTH_MAX * 2);
	assert_int_equal(code_of(reply), RPC_BAD_REQUEST);
	json_decref(reply);

	memset(line, '[', RPC_DEPTH_MAX + 1);
	memset(line + RPC_DEPTH_MAX + 1, ']', RPC_DEPTH_MAX + 1);
	reply = serve(*state, line, ((size_t)RPC_DEPTH_MAX + 1) * 2);
	assert_int_equal(code_of(reply), RPC_BAD_JSON);
	json_decref(reply);

	len = (size_t)snprintf(line, sizeof(line), "[\"\\\"%0100d\"]", 0);
	memset(line + 4, '{', 100);
	reply = serve(*state, line, len);
	assert_int_equal(code_of(reply), RPC_BAD_REQUEST);
	json_decref(reply);
}

static void stop_asks_the_daemon(void **state)
{
	static const char line[] = REQUEST("\"method\":\"stop\"");
	struct lab_rig *f = *state;
	json_t *reply = serve(f, line, strlen(line));

	assert_int_equal(f->stops, 1);
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(reply, "result"), "stopped")),
		"small");
	json_decref(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_any_cut),
		cmocka_unit_test(line_of_just_the_limit),
		cmocka_unit_test(refusals),
		cmocka_unit_test(ids_come_back),
		cmocka_unit_test(depth),
		cmocka_unit_test(stop_asks_the_daemon),
	};

	return cmocka_run_group_tests(tests, ctl_lab_begin, lab_rig_end);
}
