/* SPDX-License-Identifier: MIT */
#include "switchd/answer.h"

#include "switchd/cmd.h"
#include "switchd/lab.h"

#define WORDS_SIZE 12000 /* every other VID: 2047 times "4094," */

/* --- Pages -------------------------------------------------------------- */

void page_begin(struct page *page, const json_t *params)
{
	json_int_t from = json_integer_value(json_object_get(params, "from"));

	*page = (struct page){.rows = json_array()};
	page->from.sw = (uint32_t)(from >> 32);
	page->from.at = (uint32_t)from;
}

bool page_add(struct page *page, json_t *row, struct position next)
{
	page->bytes += json_dumpb(row, NULL, 0, JSON_ENCODE_ANY);
	page->next = next;
	(void)json_array_append_new(page->rows, row);
	page->full = json_array_size(page->rows) >= ANSWER_ROWS_MAX ||
		     page->bytes >= ANSWER_BYTES_MAX;
	return !page->full;
}

json_t *page_end(struct page *page, json_t *result)
{
	json_int_t next = (json_int_t)page->next.sw << 32 | page->next.at;

	if (json_object_set_new(result, "rows", page->rows) != 0 ||
	    json_object_set_new(result, "next",
				page->full ? json_integer(next)
					   : json_null()) != 0) {
		json_decref(result);
		return NULL;
	}
	return result;
}

/* --- Ports -------------------------------------------------------------- */

/* The ports of switch number n, from number `at` on; false: the page is full.
 */
static bool add_ports(struct page *page, const struct lab_switch *sw,
		      const json_t *params, port_row_fn *make,
		      port_wanted_fn *wanted, struct position pos)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		const struct swport *port = sw->ports[i];
		uint16_t number = port->topo->conf.number;

		if (number < pos.at || port->removing ||
		    (wanted && !wanted(port, params)))
			continue;
		if (!page_add(page, make(port),
			      (struct position){pos.sw, number + 1u}))
			return false;
	}
	return true;
}

json_t *answer_ports(const struct lab *lab, const json_t *params,
		     port_row_fn *make, port_wanted_fn *wanted, json_t *result)
{
	struct page page;
	struct position pos = {0, 0};

	page_begin(&page, params);
	for (const struct lab_switch *sw = lab->switches; sw;
	     sw = sw->next, pos.sw++) {
		if (pos.sw < page.from.sw)
			continue;
		pos.at = pos.sw == page.from.sw ? page.from.at : 0;
		if (!add_ports(&page, sw, params, make, wanted, pos))
			break;
	}
	return page_end(&page, result);
}

json_t *answer_port(const struct swport *port)
{
	const char *reason = swport_reason(port);
	char name[SWPORT_NAME_SIZE];

	return json_pack("{s:s, s:i, s:b, s:s, s:s, s:o, s:o}", "port",
			 swport_full_name(port, name), "number",
			 port->topo->conf.number, "dynamic", port->dynamic,
			 "kind", port->topo->kind->name, "state",
			 swport_state_name(port), "reason",
			 reason ? cmd_string(reason) : json_null(), "vlan",
			 answer_vlan_words(port));
}

json_t *answer_vlan_words(const struct swport *port)
{
	const struct vlan_words *vlan = &port->topo->conf.vlan;
	uint16_t native = vlan->native ? vlan->native : vlan->native_tagged;
	const char *how = vlan->native_tagged ? "native-tagged" : "native";
	char trunk[WORDS_SIZE];

	if (!topo_vlan_aware(port->sw->topo))
		return json_null();
	if (vlan->tunnel)
		return json_sprintf("tunnel %u", vlan->tunnel);
	if (vidset_is_empty(&vlan->trunk) && !native && !vlan->access &&
	    port->topo->link)
		return json_string("trunk all native 1");
	if (vidset_is_empty(&vlan->trunk) && !native)
		return json_sprintf("vlan %u", vlan->access ? vlan->access : 1);
	if (vidset_is_empty(&vlan->trunk))
		return json_sprintf("%s %u", how, native);
	(void)vidset_format(&vlan->trunk, trunk, sizeof(trunk));
	if (native)
		return json_sprintf("trunk %s %s %u", trunk, how, native);
	return json_sprintf("trunk %s", trunk);
}

void answer_counters(json_t *row, const struct counters *counters)
{
	const struct {
		const char *name;
		uint64_t value;
	} sums[] = {
		{"rx_frames", counters->rx_frames},
		{"rx_bytes", counters->rx_bytes},
		{"rx_forwarded", counters->rx_forwarded},
		{"tx_offered", counters->tx_offered},
		{"tx_frames", counters->tx_frames},
		{"tx_bytes", counters->tx_bytes},
	};
	json_t *drops = json_object();

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		(void)json_object_set_new(
			row, sums[i].name,
			json_integer((json_int_t)sums[i].value));
	for (int i = 0; i < DROP_COUNT; i++)
		if (counters->drops[i])
			(void)json_object_set_new(
				drops, drop_name(i),
				json_integer((json_int_t)counters->drops[i]));
	(void)json_object_set_new(row, "drops", drops);
}

/* --- Parameters --------------------------------------------------------- */

bool answer_switch(const struct lab *lab, const json_t *params,
		   struct lab_switch **sw, struct err *err)
{
	const char *name = cmd_text(params, "switch");

	*sw = name ? lab_find_switch(lab, name) : NULL;
	if (name && !*sw)
		return err_set(err, "there is no switch '%.64s'", name);
	return true;
}

bool answer_names(const struct lab *lab, const json_t *params, struct err *err)
{
	const json_t *names = json_object_get(params, "names");
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
	{
		const char *text = json_string_value(name);

		if (!lab_find_switch(lab, text) && !link_find(lab, text) &&
		    !lab_find_port(lab, text, err))
			return false;
	}
	return true;
}

bool answer_vlan(const struct lab *lab, const json_t *params, uint16_t *vid,
		 struct err *err)
{
	static const struct opt row = {.key = "vlan", .type = &opt_vlan};
	const struct opt_ctx ctx = {lab->topo->vlans, lab->topo->vlan_count};
	const char *text = cmd_text(params, "vlan");
	struct err why;

	*vid = 0;
	if (text && !row.type->parse(&row, &ctx, text, vid, &why))
		return err_set(err, "vlan %s", why.msg);
	return true;
}
