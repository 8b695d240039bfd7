/* SPDX-License-Identifier: MIT */
/* switchctl stp: the spanning trees; reenable and mcheck of a port. */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

#define NS_PER_S 1000000000u

/* --- stp: switchd ------------------------------------------------------- */

static json_t *id_text(uint64_t id)
{
	char text[STP_ID_TEXT_SIZE];

	return json_string(stp_id_format(id, text));
}

/* The switch of this lab that has the identifier, or NULL. */
static const struct lab_switch *switch_with(const struct lab *lab, uint64_t id)
{
	const struct lab_switch *sw = lab->switches;
	struct stp_info info;

	for (; sw; sw = sw->next) {
		if (!sw->spanning.stp)
			continue;
		stp_read(sw->spanning.stp, &info);
		if (info.id == id)
			return sw;
	}
	return NULL;
}

/* "sw2.up"; or, of a bridge elsewhere, "8000.020000000001 port 2". */
static json_t *bridge_port(const struct lab *lab, uint64_t bridge,
			   uint16_t port)
{
	const struct lab_switch *sw = switch_with(lab, bridge);
	const struct swport *far =
		sw ? lab_port_numbered(sw, stp_port_number(port)) : NULL;
	char name[SWPORT_NAME_SIZE], id[STP_ID_TEXT_SIZE];

	if (far)
		return json_string(swport_full_name(far, name));
	return json_sprintf("%s port %u", stp_id_format(bridge, id),
			    stp_port_number(port));
}

static json_t *root_port(const struct lab_switch *sw, uint16_t number)
{
	const struct swport *port =
		number ? lab_port_numbered(sw, number) : NULL;
	char name[SWPORT_NAME_SIZE];

	return port ? json_string(swport_full_name(port, name)) : json_null();
}

static json_t *changed_s(const struct stp_info *info)
{
	uint64_t ns = uv_hrtime() - info->changed_at;

	return info->changed_at ? json_integer((json_int_t)(ns / NS_PER_S))
				: json_null();
}

static json_t *switch_row(const struct lab_switch *sw)
{
	const struct lab_switch *root;
	struct stp_info info;

	stp_read(sw->spanning.stp, &info);
	root = switch_with(sw->lab, info.root);
	return json_pack(
		"{s:s, s:s, s:o, s:o, s:s?, s:I, s:o, s:i, s:i, s:i, s:b, s:I, "
		"s:o}",
		"switch", sw->topo->name, "version",
		sw->topo->conf.stp.version == TOPO_STP_STP ? "stp" : "rstp",
		"id", id_text(info.id), "root", id_text(info.root),
		"root_switch", root ? root->topo->name : NULL, "cost",
		(json_int_t)info.cost, "root_port",
		root_port(sw, info.root_port), "hello_s", info.times.hello,
		"max_age_s", info.times.max_age, "forward_delay_s",
		info.times.forward_delay, "changing", info.changing, "changes",
		(json_int_t)info.changes, "changed_s", changed_s(&info));
}

static json_t *counts_value(const struct stp_counts *c)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "rx_config", (json_int_t)c->rx_config, "rx_tcn",
			 (json_int_t)c->rx_tcn, "rx_rst", (json_int_t)c->rx_rst,
			 "rx_bad", (json_int_t)c->rx_bad, "rx_over",
			 (json_int_t)c->rx_over, "rx_down",
			 (json_int_t)c->rx_down, "tx_config",
			 (json_int_t)c->tx_config, "tx_tcn",
			 (json_int_t)c->tx_tcn, "tx_rst", (json_int_t)c->tx_rst,
			 "forwarding", (json_int_t)c->forwarding);
}

static json_t *neighbour(const struct swport *port,
			 const struct stp_port_info *info)
{
	bool heard =
		info->role == STP_ROLE_ROOT || info->role == STP_ROLE_ALTERNATE;

	return heard ? bridge_port(port->sw->lab, info->designated_bridge,
				   info->designated_port)
		     : json_null();
}

static json_t *port_row(const struct swport *port)
{
	const struct lab_switch *sw = port->sw;
	uint16_t number = port->topo->conf.number;
	char name[SWPORT_NAME_SIZE], why[STP_WHY_SIZE];
	struct stp_port_info info;

	stp_port_read(sw->spanning.stp, number, &info);
	return json_pack(
		"{s:s, s:i, s:s, s:s, s:I, s:i, s:b, s:b, s:s, s:b, s:b, s:o, "
		"s:o, s:I, s:o, s:o, s:s}",
		"port", swport_full_name(port, name), "number", number, "role",
		stp_role_name(info.role), "state", stp_state_name(info.state),
		"cost", (json_int_t)info.cost, "priority", info.id >> 8 & 0xf0,
		"edge", info.edge, "point_to_point", info.p2p, "version",
		info.rstp ? "rstp" : "stp", "bpdu_guard", info.bpdu_guard,
		"root_guard", info.root_guard, "neighbour",
		neighbour(port, &info), "designated_root",
		id_text(info.designated_root), "designated_cost",
		(json_int_t)info.designated_cost, "designated_port",
		bridge_port(sw->lab, info.designated_bridge,
			    info.designated_port),
		"bpdus", counts_value(&info.counts), "why",
		spanning_why(sw, number, why));
}

static bool is_wanted(const struct swport *port, const json_t *args)
{
	const char *sw = cmd_text(args, "switch");

	return port->sw->spanning.stp &&
	       (!sw || strcmp(sw, port->sw->topo->name) == 0);
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	json_t *switches = json_array();
	struct lab_switch *only;

	if (!answer_switch(lab, args, &only, err)) {
		json_decref(switches);
		return NULL;
	}
	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		if (sw->spanning.stp && (!only || sw == only))
			(void)json_array_append_new(switches, switch_row(sw));
	return answer_ports(lab, args, port_row, is_wanted,
			    json_pack("{s:o}", "switches", switches));
}

/* --- stp: switchctl ----------------------------------------------------- */

static bool is_of(const json_t *row, const char *sw)
{
	const char *port = cmd_text(row, "port");
	size_t len = strlen(sw);

	return port && strncmp(port, sw, len) == 0 && port[len] == '.';
}

static const char *link_text(const json_t *row)
{
	if (json_is_true(json_object_get(row, "edge")))
		return "edge";
	return json_is_true(json_object_get(row, "point_to_point"))
		       ? "point-to-point"
		       : "shared";
}

static long long sum(const json_t *bpdus, const char *const *keys)
{
	long long count = 0;

	for (; *keys; keys++)
		count += cmd_number(bpdus, *keys);
	return count;
}

static void print_port(struct table *table, const json_t *row, const char *sw)
{
	static const char *const rx[] = {"rx_config", "rx_tcn", "rx_rst", NULL};
	static const char *const tx[] = {"tx_config", "tx_tcn", "tx_rst", NULL};
	static const char *const lost[] = {"rx_bad", "rx_over", "rx_down",
					   NULL};
	const json_t *bpdus = json_object_get(row, "bpdus");

	table_text(table, cmd_text(row, "port") + strlen(sw) + 1);
	table_text(table, cmd_text(row, "role"));
	table_text(table, cmd_text(row, "state"));
	table_count(table, cmd_number(row, "cost"));
	table_count(table, cmd_number(row, "priority"));
	table_text(table, link_text(row));
	table_text(table, cmd_text(row, "version"));
	table_text(table, cmd_text(row, "neighbour"));
	table_count(table, sum(bpdus, rx));
	table_count(table, sum(bpdus, tx));
	table_note(table, "%s", cmd_text(row, "why"));
	if (sum(bpdus, lost))
		table_note(table,
			   "BPDUs not taken: %lld invalid, %lld beyond the "
			   "budget, %lld while it was shut",
			   cmd_number(bpdus, "rx_bad"),
			   cmd_number(bpdus, "rx_over"),
			   cmd_number(bpdus, "rx_down"));
}

static void print_root(struct table *table, const json_t *sw)
{
	const char *root = cmd_text(sw, "root_switch");
	const char *port = cmd_text(sw, "root_port");

	if (port)
		table_note(table, "root %s%s%s%s, at cost %lld by %s",
			   cmd_text(sw, "root"), root ? " (" : "",
			   root ? root : "", root ? ")" : "",
			   cmd_number(sw, "cost"), port);
	else
		table_note(table, "it is the root");
}

static void print_switch(struct table *table, const json_t *sw,
			 const json_t *rows)
{
	const char *name = cmd_text(sw, "switch");
	const json_t *changed = json_object_get(sw, "changed_s");
	char ago[SCREEN_UNITS_SIZE] = "";
	const json_t *row;
	size_t i;

	table_heading(table,
		      "%s (%s): %s, hello %lld s, max age %lld s, forward "
		      "delay %lld s",
		      name, cmd_text(sw, "version"), cmd_text(sw, "id"),
		      cmd_number(sw, "hello_s"), cmd_number(sw, "max_age_s"),
		      cmd_number(sw, "forward_delay_s"));
	print_root(table, sw);
	if (json_is_integer(changed))
		table_note(table, "topology changes: %lld, the last %s ago%s",
			   cmd_number(sw, "changes"),
			   screen_duration(json_integer_value(changed), ago),
			   json_is_true(json_object_get(sw, "changing"))
				   ? ", and being told"
				   : "");
	json_array_foreach(rows, i, row) if (is_of(row, name))
		print_port(table, row, name);
}

static void print(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {
		"PORT",      "ROLE",     "STATE",  ">COST",
		">PRIORITY", "LINK",     "SPEAKS", "NEIGHBOUR",
		">RX BPDU",  ">TX BPDU", NULL};
	const json_t *rows = json_object_get(result, "rows");
	struct table *table = table_new(screen, columns);
	const json_t *sw;
	size_t i;

	json_array_foreach(json_object_get(result, "switches"), i, sw)
		print_switch(table, sw, rows);
	table_end(table);
}

static const struct cmd_param params[] = {
	{.name = "switch", .meta = "SWITCH"},
	{.name = NULL},
};

const struct cmd cmd_stp = {
	.name = "stp",
	.help = "the spanning trees: roots, roles and states, and why",
	.params = params,
	.paged = true,
	.serve = serve,
	.print = print,
};

/* --- stp reenable, stp mcheck ------------------------------------------- */

static struct swport *find_port(const struct lab *lab, const json_t *args,
				struct err *err)
{
	struct swport *port = lab_find_port(lab, cmd_text(args, "port"), err);

	if (port && !port->sw->spanning.stp) {
		err_set(err, "switch '%s' is in no spanning tree",
			port->sw->topo->name);
		return NULL;
	}
	return port;
}

static json_t *serve_reenable(struct lab *lab, const json_t *args,
			      struct err *err)
{
	struct swport *port = find_port(lab, args, err);

	if (!port)
		return NULL;
	spanning_reenable(port);
	return port_row(port);
}

static json_t *serve_mcheck(struct lab *lab, const json_t *args,
			    struct err *err)
{
	struct swport *port = find_port(lab, args, err);

	if (!port)
		return NULL;
	spanning_mcheck(port);
	return port_row(port);
}

static void print_one(const struct screen *screen, json_t *result)
{
	fprintf(screen->out, "%s: %s\n", cmd_text(result, "port"),
		cmd_text(result, "why"));
}

static const struct cmd_param port_params[] = {
	{.name = "port", .meta = "PORT", .required = true},
	{.name = NULL},
};

const struct cmd cmd_stp_reenable = {
	.name = "stp reenable",
	.help = "opens a port that the BPDU guard has shut",
	.params = port_params,
	.serve = serve_reenable,
	.print = print_one,
};

const struct cmd cmd_stp_mcheck = {
	.name = "stp mcheck",
	.help = "tries RSTP again on a port where STP is spoken",
	.params = port_params,
	.serve = serve_mcheck,
	.print = print_one,
};
