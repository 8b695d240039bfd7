/* SPDX-License-Identifier: MIT */
/*
 * switchctl trace: what the switch would do with a frame, and why, step by
 * step (explain.h). Nothing is sent, learned or counted.
 */
#include "switchd/cmds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/explain.h"
#include "switchd/lab.h"

#define TRACE_MAX FRAME_MAX /* bytes; a request has room for half of it */

/* --- switchd ------------------------------------------------------------ */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_gap(char c)
{
	return c && strchr(" \t:-.", c);
}

/* Pairs of digits, with gaps between them or not. */
static bool read_hex(const char *text, uint8_t *data, uint32_t *len,
		     struct err *err)
{
	for (*len = 0; *text; text++) {
		int high = digit(text[0]);
		int low = high < 0 ? -1 : digit(text[1]);

		if (is_gap(*text))
			continue;
		if (low < 0)
			return err_set(err,
				       "'%.2s' is no byte: write it as two "
				       "hexadecimal digits",
				       text);
		if (*len == TRACE_MAX)
			return err_set(err, "longer than %d bytes", TRACE_MAX);
		data[(*len)++] = (uint8_t)(high << 4 | low);
		text++;
	}
	return true;
}

static json_t *trace(const struct swport *port, const char *hex, uint8_t *data,
		     struct err *err)
{
	struct frame f = {.data = data};

	return read_hex(hex, data, &f.len, err) ? explain_frame(port, &f, false)
						: NULL;
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	struct swport *port = lab_find_port(lab, cmd_text(args, "port"), err);
	uint8_t *data;
	json_t *result;

	if (!port)
		return NULL;
	if (!port->in_bridge) {
		err_set(err, "port '%s' is %s: no frame can come in there",
			port->topo->name, swport_state_name(port));
		return NULL;
	}
	data = malloc(TRACE_MAX);
	result = data ? trace(port, cmd_text(args, "frame"), data, err) : NULL;
	free(data);
	return result;
}

/* --- switchctl ---------------------------------------------------------- */

static void print(const struct screen *screen, json_t *result)
{
	explain_print(screen, result);
}

static const struct cmd_param params[] = {
	{.name = "port", .meta = "PORT", .required = true},
	{.name = "frame", .meta = "HEX", .type = PARAM_REST, .required = true},
	{.name = NULL},
};

const struct cmd cmd_trace = {
	.name = "trace",
	.help = "what would happen to a frame, and why",
	.params = params,
	.serve = serve,
	.print = print,
};
