/* SPDX-License-Identifier: MIT */
/* switchctl show: what runs, in what state, and how to connect to it. */
#include "switchd/cmds.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "switchd/answer.h"
#include "switchd/cables.h"
#include "switchd/hosts.h"
#include "switchd/lab.h"
#include "switchd/nats.h"
#include "switchd/screen.h"
#include "switchd/sw_pause.h"

#define ATTACH_SIZE 1024

/* --- switchd ------------------------------------------------------------ */

static json_t *attach_lines(const struct plug *plug)
{
	char text[ATTACH_SIZE] = "";
	json_t *lines = json_array();
	char *line, *rest = text;

	plug->class->attach(plug, text, sizeof(text));
	while ((line = strsep(&rest, "\n")))
		if (*line)
			(void)json_array_append_new(lines, cmd_string(line));
	return lines;
}

static json_t *port_row(const struct swport *port)
{
	struct plug_client client;
	unsigned clients = 0;
	json_t *impair = cables_about(port);
	json_t *row = answer_port(port);

	while (swport_client(port, clients, &client))
		clients++;
	(void)json_object_set_new(row, "clients", json_integer(clients));
	(void)json_object_set_new(row, "attach", attach_lines(port->plug));
	if (impair)
		(void)json_object_set_new(row, "impair", impair);
	if (nats_ops(port))
		(void)json_object_set_new(row, "nat", nats_about(port));
	return row;
}

static const char *protocol_of(const struct topo_switch *topo)
{
	return topo_is_provider(topo) ? "802.1ad" : "802.1q";
}

static json_t *switch_row(const struct lab_switch *sw)
{
	const struct fdb *fdb = bridge_fdb(sw->bridge);
	bool aware = topo_vlan_aware(sw->topo);

	return json_pack("{s:s, s:s, s:b, s:s?, s:I, s:I, s:o, s:o, s:b}",
			 "switch", sw->topo->name, "mode",
			 topo_mode_name(sw->topo), "vlan_aware", aware,
			 "vlan_protocol", aware ? protocol_of(sw->topo) : NULL,
			 "fdb_count", (json_int_t)fdb_count(fdb), "fdb_limit",
			 (json_int_t)fdb_limit(fdb), "vde_reason",
			 sw->env.vde || !sw->vde_reason.msg[0]
				 ? json_null()
				 : cmd_string(sw->vde_reason.msg),
			 "vde_dir",
			 sw->env.vde ? cmd_string(vde_dir_path(sw->env.vde))
				     : json_null(),
			 "anonymous", sw->topo->conf.vde.anonymous);
}

/* Of one that is paused, that too. */
static json_t *with_pause(json_t *row, const struct lab_switch *sw)
{
	if (sw_pause_of(sw))
		(void)json_object_set_new(row, "pause", sw_pause_about(sw));
	return row;
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	uint64_t up_s = (uv_hrtime() - lab->started) / 1000000000;
	json_t *switches = json_array();
	json_t *result;

	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		(void)json_array_append_new(switches,
					    with_pause(switch_row(sw), sw));
	result = json_pack("{s:s, s:i, s:I, s:s, s:i, s:o, s:o, s:o}", "lab",
			   lab->name, "pid", (int)getpid(), "uptime_s",
			   (json_int_t)up_s, "io", io_engine_name(lab->io),
			   "nice", getpriority(PRIO_PROCESS, 0), "run_dir",
			   cmd_string(lab->run_dir), "switches", switches,
			   "hosts", hosts_list(lab));
	return answer_ports(lab, args, port_row, NULL, result);
}

/* --- switchctl ---------------------------------------------------------- */

static bool is_of(const json_t *row, const char *sw)
{
	const char *port = cmd_text(row, "port");
	size_t len = strlen(sw);

	return port && strncmp(port, sw, len) == 0 && port[len] == '.';
}

/* Why a NAT has not passed frames on, by the name of the reason. */
static const char *meaning_of(const char *name)
{
	for (int i = 0; i < NAT_STAT_COUNT; i++)
		if (strcmp(nat_stat_name(i), name) == 0)
			return nat_stat_text(i);
	return "";
}

static void print_nat(struct table *table, const json_t *nat)
{
	bool ping = json_is_true(json_object_get(nat, "ping"));
	const char *version = cmd_text(nat, "libslirp");
	const char *name;
	json_t *count;

	if (version)
		table_note(table, "libslirp %s in process %lld, %lld flows%s",
			   version, cmd_number(nat, "pid"),
			   cmd_number(nat, "flows"),
			   ping ? "" : "; pings stay inside");
	json_object_foreach(json_object_get(nat, "drops"), name, count)
	{
		table_note(table, "dropped %lld: %s, %s",
			   (long long)json_integer_value(count), name,
			   meaning_of(name));
	}
}

static void print_port(struct table *table, const json_t *row, const char *sw)
{
	const json_t *lines = json_object_get(row, "attach");
	json_t *impair = json_object_get(row, "impair");
	const char *reason = cmd_text(row, "reason");
	const json_t *line;
	const char *way;
	json_t *words;
	size_t i;

	table_text(table, cmd_text(row, "port") + strlen(sw) + 1);
	table_state(table, cmd_text(row, "state"));
	table_text(table, cmd_text(row, "kind"));
	table_text(table, cmd_text(row, "vlan"));
	table_count(table, cmd_number(row, "clients"));
	/* Nobody can connect before it is up. */
	if (reason)
		table_note(table, "%s", reason);
	else
		json_array_foreach(lines, i, line)
			table_note(table, "%s", json_string_value(line));
	json_object_foreach(impair, way, words)
		table_note(table, "%s: %s", way, json_string_value(words));
	print_nat(table, json_object_get(row, "nat"));
}

static void print_switch(struct table *table, const json_t *sw,
			 const json_t *rows)
{
	const char *name = cmd_text(sw, "switch");
	const char *vde_reason = cmd_text(sw, "vde_reason");
	const char *vde_dir = cmd_text(sw, "vde_dir");
	const json_t *pause = json_object_get(sw, "pause");
	const char *protocol = cmd_text(sw, "vlan_protocol");
	const json_t *row;
	size_t i;

	table_heading(table, "%s (%s): %s, %lld of at most %lld MACs known",
		      name, cmd_text(sw, "mode"),
		      !protocol ? "VLAN tags pass untouched"
		      : strcmp(protocol, "802.1ad") == 0
			      ? "VLAN-aware by S-tags"
			      : "VLAN-aware",
		      cmd_number(sw, "fdb_count"), cmd_number(sw, "fdb_limit"));
	if (pause)
		table_note(table,
			   "paused, %lld waiting: `switchctl queue` shows them",
			   cmd_number(pause, "held"));
	if (vde_reason)
		table_note(table, "no VDE directory: %s", vde_reason);
	if (vde_dir && json_is_true(json_object_get(sw, "anonymous")))
		table_note(table,
			   "a new port for each: -netdev 'vde,id=n0,sock=%s', "
			   "vde_plug 'vde://%s' ...",
			   vde_dir, vde_dir);
	json_array_foreach(rows, i, row) if (is_of(row, name))
		print_port(table, row, name);
}

static void print_hosts(const struct screen *screen, const json_t *hosts)
{
	static const char *const columns[] = {"HOST", "INTERFACE", "PORT",
					      "ADDRESS", NULL};
	struct table *table;
	const json_t *row;
	size_t i;

	if (json_array_size(hosts) == 0)
		return;
	fputc('\n', screen->out);
	table = table_new(screen, columns);
	json_array_foreach(hosts, i, row)
	{
		table_text(table, cmd_text(row, "host"));
		table_text(table, cmd_text(row, "ifname"));
		table_text(table, cmd_text(row, "port"));
		table_text(table, cmd_text(row, "address"));
	}
	table_end(table);
}

static void print(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"PORT", "STATE",    "KIND",
					      "VLAN", ">CLIENTS", NULL};
	const json_t *switches = json_object_get(result, "switches");
	const json_t *rows = json_object_get(result, "rows");
	char up[SCREEN_UNITS_SIZE];
	struct table *table;
	const json_t *sw;
	size_t i;

	fprintf(screen->out,
		"lab %s, pid %lld, up for %s, io %s, nice %lld, in %s\n\n",
		cmd_text(result, "lab"), cmd_number(result, "pid"),
		screen_duration(cmd_number(result, "uptime_s"), up),
		cmd_text(result, "io"), cmd_number(result, "nice"),
		cmd_text(result, "run_dir"));
	table = table_new(screen, columns);
	json_array_foreach(switches, i, sw) print_switch(table, sw, rows);
	table_end(table);
	print_hosts(screen, json_object_get(result, "hosts"));
}

static const struct cmd_param params[] = {{.name = NULL}};

const struct cmd cmd_show = {
	.name = "show",
	.help = "what runs, in what state, and how to connect to it",
	.params = params,
	.paged = true,
	.serve = serve,
	.print = print,
};
