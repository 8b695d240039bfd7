/* SPDX-License-Identifier: MIT */
#include "topo/topo.h"

#include <stdlib.h>
#include <string.h>

/* --- The model -------------------------------------------------------- */

struct topo *topo_new(void)
{
	struct topo *topo = calloc(1, sizeof(*topo));

	if (topo)
		opt_defaults(topo_rows, topo);
	return topo;
}

void topo_free(struct topo *topo)
{
	if (!topo)
		return;
	for (size_t i = 0; i < topo->switch_count; i++) {
		struct topo_switch *sw = &topo->switches[i];

		for (size_t j = 0; j < sw->port_count; j++)
			free(sw->ports[j].kind_conf);
		free(sw->ports);
	}
	free(topo->captures);
	free(topo->links);
	free(topo->switches);
	free(topo->hosts);
	free(topo->vlans);
	free(topo);
}

static bool uses_vlan(const struct vlan_words *words)
{
	return words->access || words->native || words->native_tagged ||
	       words->tunnel || !vidset_is_empty(&words->trunk);
}

bool topo_vlan_aware(const struct topo_switch *sw)
{
	if (sw->conf.mode != MODE_SWITCH)
		return false;
	if (sw->conf.vlan_aware != AWARE_AUTO)
		return sw->conf.vlan_aware == AWARE_YES;
	for (size_t i = 0; i < sw->port_count; i++) {
		if (uses_vlan(&sw->ports[i].conf.vlan))
			return true;
	}
	return uses_vlan(&sw->conf.vde.anonymous_vlan);
}

bool topo_is_provider(const struct topo_switch *sw)
{
	if (sw->conf.vlan_protocol != PROTOCOL_AUTO)
		return sw->conf.vlan_protocol == PROTOCOL_8021AD;
	for (size_t i = 0; i < sw->port_count; i++) {
		if (sw->ports[i].conf.vlan.tunnel)
			return true;
	}
	return sw->conf.vde.anonymous_vlan.tunnel;
}

const struct topo_switch *topo_find_switch(const struct topo *topo,
					   const char *name)
{
	for (size_t i = 0; i < topo->switch_count; i++) {
		if (strcmp(topo->switches[i].name, name) == 0)
			return &topo->switches[i];
	}
	return NULL;
}

const struct topo_port *topo_find_port(const struct topo_switch *sw,
				       const char *name)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		if (strcmp(sw->ports[i].name, name) == 0)
			return &sw->ports[i];
	}
	return NULL;
}

const struct topo_link *topo_find_link(const struct topo *topo,
				       const char *name)
{
	for (size_t i = 0; i < topo->link_count; i++) {
		if (strcmp(topo->links[i].conf.name, name) == 0)
			return &topo->links[i];
	}
	return NULL;
}

const struct topo_capture *topo_find_capture(const struct topo *topo,
					     const char *file)
{
	for (size_t i = 0; i < topo->capture_count; i++) {
		if (strcmp(topo->captures[i].conf.file, file) == 0)
			return &topo->captures[i];
	}
	return NULL;
}

bool topo_capture_takes(const struct topo_capture *capture, const char *sw,
			const char *port, const char *link)
{
	for (size_t i = 0; i < SELECTORS_MAX && capture->conf.of[i].sw[0];
	     i++) {
		if (selector_takes(&capture->conf.of[i], sw, port, link))
			return true;
	}
	return false;
}

const char *topo_host_name(const struct topo_port *port)
{
	if (!port->kind || !port->kind->host)
		return NULL;
	return (const char *)port->kind_conf + port->kind->host->offset;
}

const char *topo_link_name(const struct topo_port *port)
{
	return port->link ? port->link->conf.name : NULL;
}

bool topo_name_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";
	static const char *const reserved[] = {"control", "ctl",  "all",
					       "any",     "lock", "show"};
	size_t len = strspn(name, letters);

	if (len == 0 || name[len] || len >= TOPO_NAME_SIZE ||
	    strchr("0123456789_-", name[0]))
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (strcmp(reserved[i], name) == 0)
			return false;
	}
	return true;
}

bool topo_is_mirror(const struct topo_port *port)
{
	return *port->conf.mirror.of[0];
}

bool topo_mirrors(const struct topo_port *port, const struct topo_port *of,
		  enum topo_direction direction)
{
	const struct mirror_words *words = &port->conf.mirror;

	if (topo_is_mirror(of) ||
	    (words->direction != TOPO_BOTH && words->direction != direction))
		return false;
	for (size_t i = 0; i < TOPO_MIRRORED_MAX && *words->of[i]; i++)
		if (strcmp(words->of[i], "all") == 0 ||
		    strcmp(words->of[i], of->name) == 0)
			return true;
	return false;
}
