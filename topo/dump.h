/* SPDX-License-Identifier: MIT */
/*
 * dump: what the file says of one thing, as topo_dump() would, but with each
 * option on a line of its own: "key: value\n".
 */
#ifndef LABSWITCH_TOPO_DUMP_H
#define LABSWITCH_TOPO_DUMP_H

#include "topo/topo.h"

void dump_switch_words(const struct topo_switch *sw, FILE *out);

/* "KIND ARGS\n", then the options of the kind; but not which host and which of
 * its interfaces the port is. */
void dump_kind(const struct topo_port *port, FILE *out);

void dump_port_words(const struct topo_port *port, FILE *out);

/* What `hosts:` says of the port's host. */
void dump_host_words(const struct topo_port *port, FILE *out);

/* All but the name. */
void dump_link_words(const struct topo_link *link, FILE *out);

#endif
