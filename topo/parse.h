/* SPDX-License-Identifier: MIT */
/*
 * parse: what the files of the parser share.
 *
 *	parse.c		the file, its VLANs, defaults and switches
 *	parse_port.c	a port
 *	parse_host.c	hosts, and which ports are theirs
 *	parse_link.c	links, and the ports that they make
 *	parse_capture.c	captures
 *	parse_impair.c	impairments
 *	parse_value.c	a map of options by its table
 */
#ifndef LABSWITCH_TOPO_PARSE_H
#define LABSWITCH_TOPO_PARSE_H

#include "topo/suggest.h"
#include "topo/topo.h"
#include "topo/yaml.h"

struct parser {
	struct topo *topo;
	struct topo_errors *errors;
	const struct opt_kind *const *kinds;
	struct opt_ctx ctx;
	char where[64]; /* begins messages: "port 'r1': ", or "" */
};

/* --- parse_value.c ---------------------------------------------------- */

/* Sets p->where to "WHAT 'NAME': ", or to what alone if name is NULL. */
void parse_enter(struct parser *p, const char *what, const char *name);

/* Adds an error, p->where first. Returns false, always. */
bool parse_fail(struct parser *p, struct mark at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Room for the children of node, at least one. NULL: no memory. */
void *parse_room(struct parser *p, const struct node *node, size_t size);

/* Reads the values of a table from a map; says which keys nobody knows. */
bool parse_rows(struct parser *p, const struct opt *rows,
		const struct node *map, void *conf);

/* Says which values of a table, that must be there, are not in map. */
bool parse_required(struct parser *p, const struct opt *rows,
		    const struct node *map);

/* Whether node can be read as a map; nothing written is an empty one. */
bool parse_is_map(struct parser *p, const struct node *node, const char *what);

/* Whether node's key can be a name; says why not. */
bool parse_name(struct parser *p, const char *name, struct mark at);

/* Reads one value into conf, at the row's offset. */
bool parse_value(struct parser *p, const struct opt *row,
		 const struct node *node, void *conf);

/* Offers the keys of a table. */
void parse_suggest(struct suggest *s, const struct opt *rows);

/* Says that nobody knows node's key. */
bool parse_unknown(struct parser *p, const struct node *node,
		   struct suggest *s);

/* --- parse_host.c ----------------------------------------------------- */

/* Reads `hosts:`. */
void parse_hosts(struct parser *p, const struct node *node);

/*
 * Gives each port its host and its interface's name there, once all ports are
 * read; node (or NULL) is `hosts:`. Nothing is done if there were errors.
 */
void parse_join_hosts(struct parser *p, const struct node *node);

/* --- parse_port.c ----------------------------------------------------- */

/* An error if map has words of two sorts of ports: of an access port, a trunk
 * and, unless it is a link's, whose ends may differ, a tunnel. */
bool parse_vlan_conflict(struct parser *p, const struct node *map, bool tunnel);

/* An error if map has VLAN words, but the switch cannot look at VLANs. */
bool parse_vlan_unaware(struct parser *p, const struct node *map,
			const struct topo_switch *sw);

/* An error if `secure` of map, which is read into guard, lacks what gives its
 * other words their meaning. */
bool parse_check_secure(struct parser *p, const struct node *map,
			const struct guard_words *guard);

/* Reads the port words of `defaults: {port: {...}}` over conf. */
void parse_defaults(struct parser *p, const struct node *node,
		    struct port_conf *conf);

/*
 * Reads a port of sw; port->conf holds what it inherits. If there were errors,
 * port->kind is NULL.
 */
void parse_port(struct parser *p, const struct node *node,
		const struct topo_switch *sw, struct topo_port *port);

/* --- parse_impair.c --------------------------------------------------- */

/*
 * Once the map of a direction (or NULL) and what stands around it are read into
 * im: notes where its filter is, and says what does not go together. around is
 * the map that has its options for both directions, or NULL.
 */
bool parse_impair(struct parser *p, const struct node *map,
		  const struct node *around, struct mark at,
		  struct topo_impair *im);

/* --- parse_link.c ----------------------------------------------------- */

/* Reads `links:`, once all other ports are read. */
void parse_links(struct parser *p, const struct node *node);

/* --- parse_mirror.c --------------------------------------------------- */

/* Whether what mirrors name is there, once all ports and links are read. */
void parse_check_mirrors(struct parser *p, const struct topo_switch *sw);

/* --- parse_capture.c -------------------------------------------------- */

/* Reads `capture: FILE` of a port. */
void parse_port_capture(struct parser *p, const struct node *node,
			const struct topo_switch *sw,
			const struct topo_port *port);

/* Reads `captures:`, once all ports are read. */
void parse_captures(struct parser *p, const struct node *node);

#endif
