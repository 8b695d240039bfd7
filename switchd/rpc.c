/* SPDX-License-Identifier: MIT */
#include "switchd/rpc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/cmd.h"

char *rpc_in_space(struct rpc_in *in, size_t *room)
{
	memmove(in->data, in->data + in->start, in->end - in->start);
	in->end -= in->start;
	in->scanned -= in->start;
	in->start = 0;
	*room = sizeof(in->data) - in->end;
	return in->data + in->end;
}

void rpc_in_added(struct rpc_in *in, size_t len)
{
	assert(len <= sizeof(in->data) - in->end);
	in->end += len;
}

static bool at_newline(const struct rpc_in *in)
{
	return in->scanned < in->end && in->data[in->scanned] == '\n';
}

bool rpc_in_ready(struct rpc_in *in)
{
	const char *from = in->data + in->scanned;
	const char *found = memchr(from, '\n', in->end - in->scanned);

	in->scanned = found ? (size_t)(found - in->data) : in->end;
	return found || in->end - in->start == sizeof(in->data);
}

const char *rpc_in_take(struct rpc_in *in, size_t *len)
{
	const char *line = in->data + in->start;

	if (!at_newline(in))
		return NULL;
	*len = in->scanned - in->start;
	in->start = ++in->scanned;
	return line;
}

void rpc_in_put_back(struct rpc_in *in, const char *line)
{
	in->start = in->scanned = (size_t)(line - in->data);
}

bool rpc_in_partial(struct rpc_in *in)
{
	return in->end > in->start && !rpc_in_ready(in);
}

/* Makes a line of a reply, which it takes over. */
static char *to_line(json_t *reply)
{
	size_t len = json_dumpb(reply, NULL, 0, JSON_COMPACT);
	char *line = len ? malloc(len + 2) : NULL;

	if (line) {
		(void)json_dumpb(reply, line, len, JSON_COMPACT);
		line[len] = '\n';
		line[len + 1] = '\0';
	}
	json_decref(reply);
	return line;
}

/* data is taken over; it may be NULL. */
static char *error_line(const json_t *id, int code, const char *message,
			json_t *data)
{
	return to_line(json_pack("{s:s, s:O?, s:{s:i, s:o, s:o*}}", "jsonrpc",
				 "2.0", "id", id, "error", "code", code,
				 "message", cmd_string(message), "data", data));
}

/* jansson parses by recursion and counts levels only up to 2048. */
static bool too_deep(const char *text, size_t len)
{
	unsigned depth = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth)
			depth--;
		if (depth > RPC_DEPTH_MAX)
			return true;
	}
	return false;
}

static bool valid_id(const json_t *id)
{
	return json_is_string(id) || json_is_number(id) || json_is_null(id);
}

/* What is wrong with a request, or NULL. */
static const char *complaint(const json_t *request)
{
	const char *version;

	if (!json_is_object(request))
		return "a request is one object";
	version = json_string_value(json_object_get(request, "jsonrpc"));
	if (!version || strcmp(version, "2.0") != 0)
		return "\"jsonrpc\" must be \"2.0\"";
	if (!valid_id(json_object_get(request, "id")))
		return "\"id\" must be a string, a number or null";
	if (!json_is_string(json_object_get(request, "method")))
		return "\"method\" must be a string";
	return NULL;
}

static char *serve(struct lab *lab, const struct cmd *cmd, const json_t *id,
		   json_t *params, struct call *call)
{
	struct err err = {.msg = "no memory"};
	json_t *result;
	char *line;

	if (!cmd_check(cmd, params, &err))
		return rpc_error(id, RPC_BAD_PARAMS, err.msg);
	result = cmd->serve ? cmd->serve(lab, params, &err)
			    : cmd->serve_call(lab, params, call, &err);
	if (call->waits)
		return NULL;
	if (!result)
		return error_line(id, call->code ? call->code : RPC_FAILED,
				  err.msg, call->data);
	line = to_line(json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id", id,
				 "result", result));
	if (line && strlen(line) > RPC_REPLY_MAX) {
		free(line);
		return rpc_error(id, RPC_TOO_LARGE, "the answer is too large");
	}
	return line;
}

static char *dispatch(struct lab *lab, const json_t *request, struct call *call)
{
	const char *why = complaint(request);
	const json_t *id = json_object_get(request, "id");
	json_t *params = json_object_get(request, "params");
	const struct cmd *cmd;
	char *line;

	if (why)
		return rpc_error(valid_id(id) ? id : NULL, RPC_BAD_REQUEST,
				 why);
	cmd = cmd_find(json_string_value(json_object_get(request, "method")));
	if (!cmd || !(cmd->serve || cmd->serve_call))
		return rpc_error(id, RPC_NO_METHOD, "no such method");
	params = params ? json_incref(params) : json_object();
	line = serve(lab, cmd, id, params, call);
	json_decref(params);
	return line;
}

char *rpc_serve(struct lab *lab, const char *line, size_t len,
		struct call *call)
{
	json_error_t error;
	json_t *request;
	char *reply;

	if (too_deep(line, len))
		return rpc_error(NULL, RPC_BAD_JSON, "nested too deeply");
	request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!request)
		return rpc_error(NULL, RPC_BAD_JSON, error.text);
	reply = dispatch(lab, request, call);
	json_decref(request);
	return reply;
}

char *rpc_error(const json_t *id, int code, const char *message)
{
	return error_line(id, code, message, NULL);
}
