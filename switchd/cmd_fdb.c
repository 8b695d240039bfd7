/* SPDX-License-Identifier: MIT */
/* switchctl fdb: which port leads to which MAC address; flush, add, del. */
#include "switchd/cmds.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

#define NS_PER_S 1000000000u

/* --- What the four share ------------------------------------------------ */

/* A VLAN may be named only where the switch keeps VLANs apart. */
static bool vlan_fits(const struct lab_switch *sw, uint16_t vid,
		      struct err *err)
{
	if (vid && !topo_vlan_aware(sw->topo))
		return err_set(err,
			       "switch '%s' is not VLAN-aware: it knows MACs "
			       "without a VLAN",
			       sw->topo->name);
	return true;
}

static bool read_mac(const json_t *args, struct mac *mac, struct err *err)
{
	const char *text = cmd_text(args, "mac");

	if (!mac_parse(text, mac))
		return err_set(err,
			       "'%.40s' is no MAC address: write it as "
			       "02:00:00:00:00:01",
			       text);
	return true;
}

static json_t *vlan_value(uint16_t vid)
{
	return vid ? json_integer(vid) : json_null();
}

static void print_removed(const struct screen *screen, json_t *result)
{
	fprintf(screen->out, "entries removed: %lld\n",
		cmd_number(result, "removed"));
}

/* --- fdb: switchd ------------------------------------------------------- */

static json_t *entry_row(const struct lab_switch *sw,
			 const struct fdb_entry *entry, uint64_t now)
{
	const struct swport *port = lab_port_numbered(sw, entry->port);
	uint64_t age_s = now > entry->seen ? (now - entry->seen) / NS_PER_S : 0;
	char name[SWPORT_NAME_SIZE] = "";
	char mac[MAC_TEXT_SIZE];

	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:b, s:b}", "switch",
			 sw->topo->name, "vlan", vlan_value(entry->vid), "mac",
			 mac_format(&entry->mac, mac), "port",
			 port ? swport_full_name(port, name) : name, "age_s",
			 entry->is_static ? json_null()
					  : json_integer((json_int_t)age_s),
			 "static", entry->is_static, "sticky",
			 entry->is_sticky);
}

/* The entries of switch number pos.sw from slot pos.at on; false: full. */
static bool add_entries(struct page *page, const struct lab_switch *sw,
			struct position pos)
{
	const struct fdb *fdb = bridge_fdb(sw->bridge);
	uint64_t now = uv_hrtime();
	struct fdb_entry entry;

	while (fdb_next(fdb, &pos.at, &entry))
		if (!page_add(page, entry_row(sw, &entry, now), pos))
			return false;
	return true;
}

static json_t *serve_list(struct lab *lab, const json_t *args, struct err *err)
{
	struct position pos = {0, 0};
	struct lab_switch *only;
	struct page page;

	if (!answer_switch(lab, args, &only, err))
		return NULL;
	page_begin(&page, args);
	for (const struct lab_switch *sw = lab->switches; sw;
	     sw = sw->next, pos.sw++) {
		if (pos.sw < page.from.sw || (only && sw != only))
			continue;
		pos.at = pos.sw == page.from.sw ? page.from.at : 0;
		if (!add_entries(&page, sw, pos))
			break;
	}
	return page_end(&page, json_object());
}

/* --- fdb: switchctl ----------------------------------------------------- */

static void print_entry(struct table *table, const json_t *row)
{
	const json_t *vlan = json_object_get(row, "vlan");
	char age[SCREEN_UNITS_SIZE];

	table_text(table, cmd_text(row, "mac"));
	table_count(table, json_integer_value(vlan));
	table_text(table, cmd_text(row, "port"));
	if (json_is_true(json_object_get(row, "sticky")))
		table_text(table, "sticky");
	else if (json_is_true(json_object_get(row, "static")))
		table_text(table, "static");
	else
		table_text(table,
			   screen_duration(cmd_number(row, "age_s"), age));
}

static void print_list(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"MAC", ">VLAN", "PORT", ">AGE",
					      NULL};
	const json_t *rows = json_object_get(result, "rows");
	struct table *table = table_new(screen, columns);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) print_entry(table, row);
	table_end(table);
}

static const struct cmd_param list_params[] = {
	{.name = "switch", .meta = "SWITCH"},
	{.name = NULL},
};

const struct cmd cmd_fdb = {
	.name = "fdb",
	.help = "which port leads to which MAC address, and since when",
	.params = list_params,
	.paged = true,
	.serve = serve_list,
	.print = print_list,
};

/* --- fdb flush ---------------------------------------------------------- */

/* The dynamic entries of both this port and this VLAN. */
static size_t flush_both(struct fdb *fdb, uint16_t port, uint16_t vid)
{
	struct fdb_entry entry;
	uint32_t slot = 0;
	size_t count = 0;

	while (fdb_next(fdb, &slot, &entry))
		if (entry.port == port && entry.vid == vid && !entry.is_static)
			count += fdb_delete(fdb, vid, entry.mac.b);
	return count;
}

static size_t flush_switch(const struct lab_switch *sw,
			   const struct swport *port, uint16_t vid)
{
	struct fdb *fdb = bridge_fdb(sw->bridge);

	if (port && vid)
		return flush_both(fdb, port->topo->conf.number, vid);
	if (port)
		return fdb_flush_port(fdb, port->topo->conf.number);
	return vid ? fdb_flush_vid(fdb, vid) : fdb_flush(fdb);
}

/* Reads which switch (NULL: all), port (NULL: all) and VLAN (0: all). */
static bool read_scope(const struct lab *lab, const json_t *args,
		       struct lab_switch **sw, struct swport **port,
		       struct err *err)
{
	const char *name = cmd_text(args, "port");

	*port = NULL;
	if (!answer_switch(lab, args, sw, err))
		return false;
	if (!name)
		return true;
	*port = lab_find_port(lab, name, err);
	if (!*port)
		return false;
	if (*sw && (*port)->sw != *sw)
		return err_set(err, "port '%s' is not on switch '%s'", name,
			       (*sw)->topo->name);
	*sw = (*port)->sw;
	return true;
}

static json_t *serve_flush(struct lab *lab, const json_t *args, struct err *err)
{
	struct lab_switch *only;
	struct swport *port;
	uint16_t vid;
	size_t count = 0;

	if (!read_scope(lab, args, &only, &port, err) ||
	    !answer_vlan(lab, args, &vid, err) ||
	    (only && !vlan_fits(only, vid, err)))
		return NULL;
	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		if (!only || sw == only)
			count += flush_switch(sw, port, vid);
	return json_pack("{s:I}", "removed", (json_int_t)count);
}

static const struct cmd_param flush_params[] = {
	{.name = "switch", .meta = "SWITCH"},
	{.name = "port", .meta = "NAME", .word = "port"},
	{.name = "vlan", .meta = "VID", .word = "vlan"},
	{.name = NULL},
};

const struct cmd cmd_fdb_flush = {
	.name = "fdb flush",
	.help = "forgets what was learned; static entries stay",
	.params = flush_params,
	.serve = serve_flush,
	.print = print_removed,
};

/* --- fdb add ------------------------------------------------------------ */

/* The VLAN of the port's untagged frames, where none is named; 0 if the switch
 * keeps none apart. */
static bool default_vlan(const struct swport *port, uint16_t *vid,
			 struct err *err)
{
	bool aware = topo_vlan_aware(port->sw->topo);

	*vid = aware ? swport_vlan(port->topo).pvid : 0;
	if (aware && !*vid)
		return err_set(err,
			       "port '%s' has no native VLAN: say which "
			       "with 'vlan VID'",
			       port->topo->name);
	return true;
}

static bool add_static(const struct lab *lab, const json_t *args,
		       const struct mac *mac, struct err *err)
{
	struct swport *port = lab_find_port(lab, cmd_text(args, "port"), err);
	uint16_t vid;

	if (!port || !answer_vlan(lab, args, &vid, err) ||
	    !vlan_fits(port->sw, vid, err) ||
	    (!vid && !default_vlan(port, &vid, err)))
		return false;
	if (!port->in_bridge)
		return err_set(err,
			       "port '%s' is %s: its entries last only "
			       "while it is up",
			       port->topo->name, swport_state_name(port));
	if (!fdb_add_static(bridge_fdb(port->sw->bridge), vid, mac->b,
			    port->topo->conf.number, uv_hrtime()))
		return err_set(err, "the database is full of static entries");
	return true;
}

static json_t *serve_add(struct lab *lab, const json_t *args, struct err *err)
{
	struct mac mac;

	if (!read_mac(args, &mac, err))
		return NULL;
	if (mac_is_group(mac.b) || mac_is_zero(mac.b)) {
		err_set(err, "only the address of one station can be added");
		return NULL;
	}
	return add_static(lab, args, &mac, err)
		       ? json_pack("{s:b}", "added", true)
		       : NULL;
}

static void print_added(const struct screen *screen, json_t *result)
{
	fputs("added\n", screen->out);
}

static const struct cmd_param add_params[] = {
	{.name = "mac", .meta = "MAC", .required = true},
	{.name = "port", .meta = "PORT", .required = true},
	{.name = "vlan", .meta = "VID", .word = "vlan"},
	{.name = NULL},
};

const struct cmd cmd_fdb_add = {
	.name = "fdb add",
	.help = "adds a static entry, which traffic neither moves nor ages",
	.params = add_params,
	.serve = serve_add,
	.print = print_added,
};

/* --- fdb del ------------------------------------------------------------ */

/* vid 0: in whatever VLAN it is. */
static size_t delete_mac(struct fdb *fdb, const struct mac *mac, uint16_t vid)
{
	struct fdb_entry entry;
	uint32_t slot = 0;
	size_t count = 0;

	while (fdb_next(fdb, &slot, &entry))
		if (memcmp(&entry.mac, mac, sizeof(*mac)) == 0 &&
		    (!vid || entry.vid == vid))
			count += fdb_delete(fdb, entry.vid, mac->b);
	return count;
}

static json_t *serve_del(struct lab *lab, const json_t *args, struct err *err)
{
	struct lab_switch *only;
	struct mac mac;
	uint16_t vid;
	size_t count = 0;

	if (!read_mac(args, &mac, err) ||
	    !answer_switch(lab, args, &only, err) ||
	    !answer_vlan(lab, args, &vid, err) ||
	    (only && !vlan_fits(only, vid, err)))
		return NULL;
	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		if (!only || sw == only)
			count += delete_mac(bridge_fdb(sw->bridge), &mac, vid);
	if (!count) {
		err_set(err, "there is no such entry");
		return NULL;
	}
	return json_pack("{s:I}", "removed", (json_int_t)count);
}

static const struct cmd_param del_params[] = {
	{.name = "mac", .meta = "MAC", .required = true},
	{.name = "switch", .meta = "SWITCH"},
	{.name = "vlan", .meta = "VID", .word = "vlan"},
	{.name = NULL},
};

const struct cmd cmd_fdb_del = {
	.name = "fdb del",
	.help = "removes an entry, learned or static",
	.params = del_params,
	.serve = serve_del,
	.print = print_removed,
};
