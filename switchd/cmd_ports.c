/* SPDX-License-Identifier: MIT */
/* switchctl ports: what passed each port, what did not and why. */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

/* --- switchd ------------------------------------------------------------ */

static json_t *client_rows(const struct swport *port)
{
	json_t *rows = json_array();
	struct plug_client client;

	for (unsigned i = 0; swport_client(port, i, &client); i++) {
		json_t *row = json_pack(
			"{s:o, s:I, s:i, s:I}", "text", cmd_string(client.text),
			"uid", (json_int_t)client.uid, "pid", client.pid,
			"held", (json_int_t)client.held);

		answer_counters(row, client.counters);
		(void)json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *port_row(const struct swport *port)
{
	json_t *row = answer_port(port);

	answer_counters(row, &port->counters);
	(void)json_object_set_new(row, "held",
				  json_integer((json_int_t)swport_held(port)));
	(void)json_object_set_new(row, "clients", client_rows(port));
	return row;
}

/* A port is meant by "SWITCH", "SWITCH.PORT", "PORT", or the name of its link.
 */
static bool is_meant(const struct swport *port, const char *name)
{
	const char *link = topo_link_name(port->topo);
	char full[SWPORT_NAME_SIZE];

	return strcmp(name, port->sw->topo->name) == 0 ||
	       strcmp(name, port->topo->name) == 0 ||
	       (link && strcmp(name, link) == 0) ||
	       strcmp(name, swport_full_name(port, full)) == 0;
}

static bool is_wanted(const struct swport *port, const json_t *args)
{
	const json_t *names = json_object_get(args, "names");
	const json_t *name;
	size_t i;

	json_array_foreach(
		names, i,
		name) if (is_meant(port, json_string_value(name))) return true;
	return json_array_size(names) == 0;
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	if (!answer_names(lab, args, err))
		return NULL;
	return answer_ports(lab, args, port_row, is_wanted, json_object());
}

/* --- switchctl ---------------------------------------------------------- */

static void print_drops(struct table *table, const char *what, json_t *row)
{
	json_t *drops = json_object_get(row, "drops");

	for (int i = 0; i < DROP_COUNT; i++) {
		long long count = cmd_number(drops, drop_name(i));

		if (count)
			table_note(table, "%sdropped %lld: %s, %s", what, count,
				   drop_name(i), drop_text(i));
	}
}

static void print_client(struct table *table, json_t *row)
{
	char rx[SCREEN_UNITS_SIZE], tx[SCREEN_UNITS_SIZE];
	char who[64] = "";

	if (cmd_number(row, "pid") != 0)
		(void)snprintf(who, sizeof(who), ", uid %lld, pid %lld",
			       cmd_number(row, "uid"), cmd_number(row, "pid"));
	table_note(table,
		   "client \"%s\"%s: rx %lld frames, %s; tx %lld frames, %s; "
		   "%lld held",
		   cmd_text(row, "text"), who, cmd_number(row, "rx_frames"),
		   screen_bytes(cmd_number(row, "rx_bytes"), rx),
		   cmd_number(row, "tx_frames"),
		   screen_bytes(cmd_number(row, "tx_bytes"), tx),
		   cmd_number(row, "held"));
	print_drops(table, "  ", row);
}

static void print_port(struct table *table, json_t *row)
{
	const char *reason = cmd_text(row, "reason");
	const json_t *clients = json_object_get(row, "clients");
	json_t *client;
	size_t i;

	table_text(table, cmd_text(row, "port"));
	table_state(table, cmd_text(row, "state"));
	table_text(table, cmd_text(row, "vlan"));
	table_count(table, cmd_number(row, "rx_frames"));
	table_bytes(table, cmd_number(row, "rx_bytes"));
	table_count(table, cmd_number(row, "tx_frames"));
	table_bytes(table, cmd_number(row, "tx_bytes"));
	table_count(table, cmd_number(row, "held"));
	if (reason)
		table_note(table, "%s", reason);
	print_drops(table, "", row);
	json_array_foreach(clients, i, client) print_client(table, client);
}

static void print(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {
		"PORT",       "STATE",     "VLAN",  ">RX FRAMES", ">RX BYTES",
		">TX FRAMES", ">TX BYTES", ">HELD", NULL};
	const json_t *rows = json_object_get(result, "rows");
	struct table *table = table_new(screen, columns);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) print_port(table, row);
	table_end(table);
}

static const struct cmd_param params[] = {
	{.name = "names", .meta = "NAME", .type = PARAM_LIST},
	{.name = NULL},
};

const struct cmd cmd_ports = {
	.name = "ports",
	.help = "what passed each port, and what did not and why",
	.params = params,
	.paged = true,
	.serve = serve,
	.print = print,
};
