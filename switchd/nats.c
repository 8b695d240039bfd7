/* SPDX-License-Identifier: MIT */
#include "switchd/nats.h"

#include <assert.h>
#include <string.h>

#include "switchd/answer.h"
#include "switchd/cmd.h"
#include "switchd/lab.h"

/* A position has the number of the port and the index of the thing. */
#define INDEX_BITS 13

static_assert(LEASES_MAX < 1 << INDEX_BITS, "every lease has a position");

const struct plug_nat_ops *nats_ops(const struct swport *port)
{
	return port->plug->class->nat;
}

struct swport *nats_find(const struct lab *lab, const json_t *params,
			 struct err *err)
{
	const char *name = cmd_text(params, "port");
	struct swport *port = lab_find_port(lab, name, err);

	if (!port || nats_ops(port))
		return port;
	(void)err_set(err, "port '%.64s' is of kind %s, not nat", name,
		      port->topo->kind->name);
	return NULL;
}

static json_t *drops_of(const struct nat_stats *stats)
{
	json_t *drops = json_object();

	for (int i = 0; i < NAT_STAT_COUNT; i++)
		if (stats->count[i])
			(void)json_object_set_new(
				drops, nat_stat_name(i),
				json_integer((json_int_t)stats->count[i]));
	return drops;
}

json_t *nats_about(const struct swport *port)
{
	struct plug_nat_about about;
	char mac[MAC_TEXT_SIZE];
	bool ready;

	nats_ops(port)->about(port->plug, &about);
	ready = about.ready.version[0] != '\0';
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "mac",
		mac_format(&about.mac, mac), "pid",
		about.pid ? json_integer(about.pid) : json_null(), "libslirp",
		ready ? cmd_string(about.ready.version) : json_null(), "ping",
		ready ? json_boolean(about.ready.ping) : json_null(), "ping6",
		ready ? json_boolean(about.ready.ping6) : json_null(), "flows",
		(json_int_t)about.stats.flows, "fds",
		(json_int_t)about.stats.fds, "drops", drops_of(&about.stats));
}

/* --- Pages -------------------------------------------------------------- */

static bool add_rows(struct page *page, const struct swport *port,
		     nats_row_fn *make, struct position pos, size_t from)
{
	uint32_t number = (uint32_t)port->topo->conf.number << INDEX_BITS;
	json_t *row;

	for (size_t i = from; (row = make(port, i)); i++) {
		pos.at = number | (uint32_t)(i + 1);
		if (!page_add(page, row, pos))
			return false;
	}
	return true;
}

static bool add_switch(struct page *page, const struct lab_switch *sw,
		       const struct swport *only, nats_row_fn *make,
		       struct position pos)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		const struct swport *port = sw->ports[i];
		uint32_t from = pos.at >> INDEX_BITS;
		uint16_t number = port->topo->conf.number;

		if (!nats_ops(port) || port->removing || number < from ||
		    (only && port != only))
			continue;
		if (!add_rows(page, port, make, pos,
			      number == from ? pos.at & ((1u << INDEX_BITS) - 1)
					     : 0))
			return false;
	}
	return true;
}

json_t *nats_page(const struct lab *lab, const json_t *params,
		  nats_row_fn *make, struct err *err)
{
	const struct swport *only = NULL;
	struct position pos = {0, 0};
	struct page page;

	if (json_object_get(params, "port")) {
		only = nats_find(lab, params, err);
		if (!only)
			return NULL;
	}
	page_begin(&page, params);
	for (const struct lab_switch *sw = lab->switches; sw;
	     sw = sw->next, pos.sw++) {
		if (pos.sw < page.from.sw)
			continue;
		pos.at = pos.sw == page.from.sw ? page.from.at : 0;
		if (!add_switch(&page, sw, only, make, pos))
			break;
	}
	return page_end(&page, json_object());
}
