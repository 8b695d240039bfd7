/* SPDX-License-Identifier: MIT */
/* Whether two topologies want the same. */
#ifndef LABSWITCH_TESTS_SAME_H
#define LABSWITCH_TESTS_SAME_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topo/topo.h"

static inline bool same_port(const struct topo_port *a,
			     const struct topo_port *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       opt_equal(topo_port_rows, &a->conf, &b->conf) &&
	       a->conf.numbered == b->conf.numbered &&
	       opt_equal(a->kind->rows, a->kind_conf, b->kind_conf) &&
	       (!a->kind->arg ||
		opt_same(a->kind->arg, a->kind_conf, b->kind_conf));
}

static inline bool same_switch(const struct topo_switch *a,
			       const struct topo_switch *b)
{
	if (strcmp(a->name, b->name) != 0 || a->port_count != b->port_count ||
	    !opt_equal(topo_switch_rows, &a->conf, &b->conf))
		return false;
	for (size_t i = 0; i < a->port_count; i++) {
		if (!same_port(&a->ports[i], &b->ports[i]))
			return false;
	}
	return true;
}

static inline bool same_link(const struct topo_link *a,
			     const struct topo_link *b)
{
	return a->named == b->named &&
	       opt_equal(topo_link_rows, &a->conf, &b->conf) &&
	       strcmp(a->ends[0].sw->name, b->ends[0].sw->name) == 0 &&
	       strcmp(a->ends[1].sw->name, b->ends[1].sw->name) == 0 &&
	       same_port(a->ends[0].port, b->ends[0].port) &&
	       same_port(a->ends[1].port, b->ends[1].port);
}

static inline bool same_topo(const struct topo *a, const struct topo *b)
{
	if (strcmp(a->name, b->name) != 0 || a->nice != b->nice ||
	    a->vlan_count != b->vlan_count ||
	    a->switch_count != b->switch_count ||
	    a->link_count != b->link_count ||
	    a->capture_count != b->capture_count)
		return false;
	for (size_t i = 0; i < a->vlan_count; i++) {
		if (strcmp(a->vlans[i].name, b->vlans[i].name) != 0 ||
		    a->vlans[i].vid != b->vlans[i].vid)
			return false;
	}
	for (size_t i = 0; i < a->switch_count; i++) {
		if (!same_switch(&a->switches[i], &b->switches[i]))
			return false;
	}
	for (size_t i = 0; i < a->link_count; i++) {
		if (!same_link(&a->links[i], &b->links[i]))
			return false;
	}
	for (size_t i = 0; i < a->capture_count; i++) {
		if (a->captures[i].on_port != b->captures[i].on_port ||
		    !opt_equal(topo_capture_rows, &a->captures[i].conf,
			       &b->captures[i].conf))
			return false;
	}
	return true;
}

/* What topo_dump() writes; free() it. */
static inline char *dump_text(const struct topo *topo, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		abort();
	topo_dump(topo, out);
	(void)fclose(out);
	return text;
}

#endif
