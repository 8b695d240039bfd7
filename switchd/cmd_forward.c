/* SPDX-License-Identifier: MIT */
/*
 * switchctl forward: the ways in through a NAT; list, add, del.
 *
 * Whether a port of this machine can be had is known only when the NAT's
 * process has tried. The daemon does not wait for that: an addition is
 * "waiting", and switchctl asks again until it is open or has failed.
 */
#include "switchd/cmds.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/client.h"
#include "switchd/lab.h"
#include "switchd/nats.h"

#define SETTLE_TRIES 250 /* of 20 ms */
#define SETTLE_NS    20000000

/* --- forward list ------------------------------------------------------- */

static json_t *make_row(const struct swport *port, size_t i)
{
	struct plug_nat_forward f;
	char name[SWPORT_NAME_SIZE];

	if (!nats_ops(port)->forward(port->plug, (unsigned)i, &f))
		return NULL;
	return json_pack("{s:s, s:s, s:s, s:o, s:b}", "port",
			 swport_full_name(port, name), "forward", f.text,
			 "state", nat_forward_state_name(f.state), "reason",
			 f.reason[0] ? cmd_string(f.reason) : json_null(),
			 "of_file", f.of_file);
}

static json_t *serve_list(struct lab *lab, const json_t *args, struct err *err)
{
	return nats_page(lab, args, make_row, err);
}

static void print_list(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"PORT", "STATE", "FORWARD", NULL};
	struct table *table = table_new(screen, columns);
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		const char *reason = cmd_text(row, "reason");

		table_text(table, cmd_text(row, "port"));
		table_text(table, cmd_text(row, "state"));
		table_text(table, cmd_text(row, "forward"));
		if (reason)
			table_note(table, "%s", reason);
	}
	table_end(table);
}

static const struct cmd_param list_params[] = {
	{.name = "port", .meta = "PORT"},
	{.name = NULL},
};

const struct cmd cmd_forward_list = {
	.name = "forward list",
	.help = "the ways in through NATs, and whether they are open",
	.params = list_params,
	.paged = true,
	.serve = serve_list,
	.print = print_list,
};

/* --- forward add, in switchd -------------------------------------------- */

/* The row of the forward that was added last. */
static json_t *last_row(const struct swport *port, const char *text)
{
	json_t *row;

	for (size_t i = 0; (row = make_row(port, i)); i++) {
		if (strcmp(cmd_text(row, "forward"), text) == 0)
			return row;
		json_decref(row);
	}
	return json_object();
}

static json_t *serve_add(struct lab *lab, const json_t *args, struct err *err)
{
	struct swport *port = nats_find(lab, args, err);
	char text[NAT_FORWARD_SIZE];

	if (!port || !nats_ops(port)->forward_add(
			     port->plug, cmd_text(args, "forward"), text, err))
		return NULL;
	return last_row(port, text);
}

/* --- forward add, in switchctl ------------------------------------------ */

static json_t *find_row(const json_t *list, const json_t *wanted)
{
	const json_t *rows = json_object_get(list, "rows");
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (json_equal(json_object_get(row, "forward"),
			       json_object_get(wanted, "forward")))
			return row;
	}
	return NULL;
}

static bool is_waiting(const json_t *row)
{
	const char *state = cmd_text(row, "state");

	return state && strcmp(state, "waiting") == 0;
}

/* Asks until it waits no longer; row becomes what is known at the end. */
static void settle(struct client *client, json_t *row)
{
	const struct timespec moment = {.tv_nsec = SETTLE_NS};
	json_t *args = json_pack("{s:O}", "port", json_object_get(row, "port"));

	for (int i = 0; is_waiting(row) && i < SETTLE_TRIES; i++) {
		struct err err;
		json_t *list = client_call(client, "forward list", args, &err);
		const json_t *now = find_row(list, row);

		if (now)
			(void)json_object_update(row, (json_t *)(uintptr_t)now);
		json_decref(list);
		if (!now)
			break;
		(void)nanosleep(&moment, NULL);
	}
	json_decref(args);
}

/* One that cannot be had is not left behind. */
static bool take_back(struct client *client, const json_t *row, struct err *err)
{
	json_t *args =
		json_pack("{s:O, s:O}", "port", json_object_get(row, "port"),
			  "forward", json_object_get(row, "forward"));

	json_decref(client_call(client, "forward del", args, err));
	json_decref(args);
	return err_set(err, "no forward %s: %s", cmd_text(row, "forward"),
		       cmd_text(row, "reason"));
}

static void print_forward(const struct screen *screen, json_t *row)
{
	fprintf(screen->out, "%s: %s\n", cmd_text(row, "state"),
		cmd_text(row, "forward"));
}

static bool add(const struct cmd_env *env, struct client *client,
		const json_t *params, struct err *err)
{
	json_t *row = client_call(client, "forward add", params, err);
	bool ok = row != NULL;

	if (ok)
		settle(client, row);
	if (ok && strcmp(cmd_text(row, "state"), "failed") == 0)
		ok = take_back(client, row, err);
	else if (ok && env->json)
		ok = cmd_print_json(row, err);
	else if (ok)
		print_forward(&env->screen, row);
	json_decref(row);
	return ok;
}

static int run_add(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	struct client *client = env->open(env->lab, &err);
	bool ok = client && add(env, client, params, &err);

	if (client)
		client_close(client);
	return ok ? EXIT_SUCCESS : cmd_complain(EXIT_FAILURE, &err);
}

static const struct cmd_param change_params[] = {
	{.name = "port", .meta = "PORT", .required = true},
	{.name = "forward", .meta = "FORWARD", .required = true},
	{.name = NULL},
};

const struct cmd cmd_forward_add = {
	.name = "forward add",
	.help = "opens a way in, as the file writes it: 'tcp 2222 -> .15:22'",
	.params = change_params,
	.serve = serve_add,
	.run = run_add,
};

/* --- forward del -------------------------------------------------------- */

static json_t *serve_del(struct lab *lab, const json_t *args, struct err *err)
{
	struct swport *port = nats_find(lab, args, err);

	if (!port || !nats_ops(port)->forward_del(
			     port->plug, cmd_text(args, "forward"), err))
		return NULL;
	return json_pack("{s:i}", "removed", 1);
}

static void print_del(const struct screen *screen, json_t *result)
{
	fputs("removed\n", screen->out);
}

const struct cmd cmd_forward_del = {
	.name = "forward del",
	.help = "closes a way in; connections that it has let in stay",
	.params = change_params,
	.serve = serve_del,
	.print = print_del,
};
