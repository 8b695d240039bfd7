/* SPDX-License-Identifier: MIT */
/*
 * fuzz_rpc: bytes of a control connection, against a lab without switches.
 *
 * The first byte says in pieces of how many bytes the rest arrives. Every
 * whole line must have exactly one reply: one line, JSON, with an id and
 * either a result or an error with code and message.
 */
#include <jansson.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/cmd.h"
#include "switchd/events.h"
#include "switchd/lab.h"
#include "switchd/rpc.h"
#include "tests/fuzz/fuzz.h"

static void stop(struct lab *lab)
{
}

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void check_reply(char *text)
{
	size_t len = text ? strlen(text) : 0;
	const json_t *error, *result;
	json_t *reply;

	must(len > 1 && len <= RPC_REPLY_MAX &&
	     memchr(text, '\n', len) == text + len - 1);
	reply = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	result = json_object_get(reply, "result");
	error = json_object_get(reply, "error");
	must(reply && json_object_get(reply, "id"));
	must(json_is_object(result) != json_is_object(error));
	must(!error || (json_is_integer(json_object_get(error, "code")) &&
			json_is_string(json_object_get(error, "message"))));
	json_decref(reply);
	free(text);
}

static void wake(struct watcher *watcher)
{
}

/* Serves all lines that are whole; false: the connection would be closed, or
 * is a stream of events from now on. */
static bool serve(struct lab *lab, struct rpc_in *in)
{
	/* A descriptor that everything refuses, at last. */
	const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct watcher watcher = {.wake = wake};
	struct call call = {.fd = null, .watcher = &watcher};
	bool open_still = true;

	while (open_still && rpc_in_ready(in)) {
		size_t len;
		const char *line = rpc_in_take(in, &len);

		call.code = 0;
		call.data = NULL;
		if (line)
			check_reply(rpc_serve(lab, line, len, &call));
		open_still = line && !watcher.bus;
	}
	events_unsubscribe(&watcher);
	(void)close(null);
	return open_still;
}

static void feed(struct lab *lab, struct rpc_in *in, const uint8_t *data,
		 size_t size)
{
	size_t piece = size ? (size_t)data[0] + 1 : 1;
	size_t at = 1;

	while (at < size) {
		size_t room;
		char *space = rpc_in_space(in, &room);
		size_t len = size - at < piece ? size - at : piece;

		must(room > 0);
		len = len < room ? len : room;
		memcpy(space, data + at, len);
		rpc_in_added(in, len);
		at += len;
		if (!serve(lab, in))
			return;
	}
}

/* An engine is too dear to be made for each input. */
static struct lab *empty_lab(void)
{
	static uv_loop_t loop;
	static struct lab lab = {.name = "fuzz", .stop = stop};
	struct err err;

	if (lab.io)
		return &lab;
	must(uv_loop_init(&loop) == 0);
	lab.io = io_engine_new(&loop, IO_AUTO, &err);
	lab.topo = topo_new();
	must(lab.io && lab.topo);
	return &lab;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rpc_in *in = calloc(1, sizeof(*in));

	must(in);
	feed(empty_lab(), in, data, size);
	free(in);
	return 0;
}
