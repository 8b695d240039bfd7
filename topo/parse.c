/* SPDX-License-Identifier: MIT */
/*
 * The parser looks keys up in the order in which it needs them (VLANs before
 * the ports that name them, defaults before what inherits them), so that the
 * file may have them in any order. It goes on after every error; errors are
 * sorted by place as they are collected.
 *
 * What two things of a topology must not share (numbers, claims, directories)
 * is checked when all of it has been read.
 */
#include "topo/parse.h"

#include <stdlib.h>
#include <string.h>

#include "topo/errors.h"

#define CLAIM_SIZE 256

/* --- name and vlans --------------------------------------------------- */

static void read_name(struct parser *p, const struct node *node)
{
	if (node->type != NODE_SCALAR) {
		(void)parse_fail(p, node->at, "'name' must be a word");
		return;
	}
	if (parse_name(p, node->text, node->at))
		(void)snprintf(p->topo->name, sizeof(p->topo->name), "%s",
			       node->text);
}

static void read_vlans(struct parser *p, const struct node *node)
{
	struct topo *topo = p->topo;

	if (!parse_is_map(p, node, "VLAN names and numbers"))
		return;
	topo->vlans = parse_room(p, node, sizeof(*topo->vlans));
	if (!topo->vlans)
		return;
	parse_enter(p, "vlans: ", NULL);
	for (const struct node *n = node->child; n; n = n->next) {
		struct opt_vlan *vlan = &topo->vlans[topo->vlan_count++];
		const struct opt row = {
			.key = n->key,
			.type = &opt_port_nr,
			OPT_AT(struct opt_vlan, vid),
			.min = VID_MIN,
			.max = VID_MAX,
		};

		(void)snprintf(vlan->name, sizeof(vlan->name), "%s", n->key);
		/* Who uses the name makes no error if its number is one. */
		vlan->vid = VID_MIN;
		(void)parse_name(p, n->key, n->key_at);
		(void)parse_value(p, &row, n, vlan);
	}
	p->ctx = (struct opt_ctx){topo->vlans, topo->vlan_count};
	parse_enter(p, "", NULL);
}

/* --- Port numbers ----------------------------------------------------- */

static void check_number(struct parser *p, const struct node *node,
			 const struct topo_port *port,
			 const struct topo_port *owner[])
{
	const struct topo_port *other = owner[port->conf.number];
	const struct node *number = yaml_get(node, "number");

	parse_enter(p, "port", port->name);
	if (other)
		(void)parse_fail(p, number->at,
				 "number %u is taken by port '%s' in line %u",
				 port->conf.number, other->name,
				 other->mark.line);
	owner[port->conf.number] = port;
}

static void check_numbers(struct parser *p, const struct node *ports,
			  const struct topo_switch *sw)
{
	const struct topo_port *owner[TOPO_PORTS_MAX + 1] = {NULL};
	const struct node *node = ports->child;

	for (size_t i = 0; node; i++, node = node->next) {
		if (sw->ports[i].conf.numbered && sw->ports[i].conf.number)
			check_number(p, node, &sw->ports[i], owner);
	}
}

/* Ports without a number get the lowest free ones, in the order of the file,
 * those of links last. */
static void number_ports(struct topo_switch *sw)
{
	bool used[TOPO_PORTS_MAX + 1] = {false};
	uint16_t next = 1;

	for (size_t i = 0; i < sw->port_count; i++)
		used[sw->ports[i].conf.number] = sw->ports[i].conf.numbered;
	for (size_t i = 0; i < sw->port_count; i++) {
		if (sw->ports[i].conf.numbered)
			continue;
		while (used[next])
			next++;
		used[next] = true;
		sw->ports[i].conf.number = next;
	}
}

/* --- Switches --------------------------------------------------------- */

static void read_ports(struct parser *p, const struct node *node,
		       const struct port_conf *defaults, struct topo_switch *sw)
{
	if (!parse_is_map(p, node, "ports"))
		return;
	if (yaml_count(node) > TOPO_PORTS_MAX) {
		(void)parse_fail(p, node->key_at, "more than %d ports",
				 TOPO_PORTS_MAX);
		return;
	}
	sw->ports = parse_room(p, node, sizeof(*sw->ports));
	if (!sw->ports)
		return;
	for (const struct node *n = node->child; n; n = n->next) {
		struct topo_port *port = &sw->ports[sw->port_count++];

		port->conf = *defaults;
		parse_enter(p, "switch", sw->name);
		parse_port(p, n, sw, port);
	}
	check_numbers(p, node, sw);
}

/* Two switches in one directory would take each other's clients. */
static void check_vde_dir(struct parser *p, const struct node *vde,
			  const struct topo_switch *sw)
{
	for (const struct topo_switch *o = p->topo->switches; o < sw; o++) {
		if (sw->conf.vde.dir[0] &&
		    strcmp(o->conf.vde.dir, sw->conf.vde.dir) == 0)
			(void)parse_fail(p, vde->key_at,
					 "%s is taken by switch '%s' in line "
					 "%u",
					 o->conf.vde.dir, o->name,
					 o->mark.line);
	}
}

static void check_stp(struct parser *p, const struct node *stp,
		      const struct topo_switch *sw)
{
	static const struct mac any = {{0x02}};
	struct stp_conf tree = topo_stp_conf(&sw->conf.stp, &any);
	struct err err;

	if (sw->conf.stp.version == TOPO_STP_OFF)
		return;
	if (sw->conf.mode != MODE_SWITCH)
		(void)parse_fail(p, stp->key_at,
				 "'stp' on a %s, whose ports all forward",
				 topo_mode_name(sw));
	else if (!stp_conf_check(&tree, &err))
		(void)parse_fail(p, stp->key_at, "'stp': %s", err.msg);
}

static void check_switch(struct parser *p, const struct node *node,
			 const struct topo_switch *sw)
{
	const struct switch_conf *conf = &sw->conf;
	const struct node *vde = yaml_get(node, "vde");
	const struct node *anonymous = yaml_get(vde, "anonymous");

	(void)parse_vlan_conflict(p, anonymous, true);
	(void)parse_vlan_unaware(p, anonymous, sw);
	(void)parse_check_secure(p, anonymous, &conf->vde.anonymous_guard);
	check_stp(p, yaml_get(node, "stp"), sw);
	if (conf->mode != MODE_SWITCH && conf->vlan_aware == AWARE_YES)
		(void)parse_fail(p, yaml_get(node, "vlan-aware")->key_at,
				 "'vlan-aware: yes' on a %s, which knows no "
				 "VLANs",
				 topo_mode_name(sw));
	if (conf->mode == MODE_WIRE && conf->vde.anonymous)
		(void)parse_fail(p, anonymous ? anonymous->key_at : vde->key_at,
				 "a wire has no place for clients without a "
				 "port: write 'anonymous: no'");
}

/* A word of a switch that is indented too little is a switch of that name. */
static bool is_outdented(const struct node *sw)
{
	return !strcmp(sw->key, "ports") || !strcmp(sw->key, "defaults") ||
	       opt_find(topo_switch_rows, sw->key);
}

static void unknown_in_switch(struct parser *p, const struct node *sw,
			      const struct node *n)
{
	struct suggest s = suggest_for(n->key);

	suggest_try(&s, "ports");
	suggest_try(&s, "defaults");
	parse_suggest(&s, topo_switch_rows);
	if (!*suggest_tail(&s) && is_outdented(sw))
		(void)parse_fail(p, n->key_at,
				 "unknown key '%.60s'; indent '%s' to put it "
				 "into the switch above",
				 n->key, sw->key);
	else
		(void)parse_unknown(p, n, &s);
}

static void read_switch_rows(struct parser *p, const struct node *node,
			     struct switch_conf *conf)
{
	for (const struct node *n = node->child; n; n = n->next) {
		const struct opt *row = opt_find(topo_switch_rows, n->key);

		if (row)
			(void)parse_value(p, row, n, conf);
		else if (strcmp(n->key, "ports") != 0 &&
			 strcmp(n->key, "defaults") != 0)
			unknown_in_switch(p, node, n);
	}
}

static void read_switch(struct parser *p, const struct node *node,
			struct port_conf defaults, struct topo_switch *sw)
{
	const struct node *own = yaml_get(node, "defaults");
	const struct node *ports = yaml_get(node, "ports");

	parse_enter(p, "", NULL);
	(void)parse_name(p, node->key, node->key_at);
	parse_enter(p, "switch", node->key);
	(void)snprintf(sw->name, sizeof(sw->name), "%s", node->key);
	sw->mark = node->key_at;
	opt_defaults(topo_switch_rows, &sw->conf);
	if (!parse_is_map(p, node, "mode, ports, vde, ..."))
		return;
	sw->conf.vde.anonymous = yaml_get(node, "vde");
	if (yaml_get(node, "stp"))
		sw->conf.stp.version = TOPO_STP_RSTP;
	read_switch_rows(p, node, &sw->conf);
	check_switch(p, node, sw);
	check_vde_dir(p, yaml_get(node, "vde"), sw);
	if (sw->conf.mode != MODE_SWITCH || sw->conf.vlan_aware == AWARE_NO)
		defaults.vlan = (struct vlan_words){0};
	if (sw->conf.vlan_protocol == PROTOCOL_8021Q)
		defaults.vlan.tunnel = 0;
	if (own) {
		parse_defaults(p, own, &defaults);
		(void)parse_vlan_unaware(p, yaml_get(own, "port"), sw);
	}
	if (ports)
		read_ports(p, ports, &defaults, sw);
}

static void read_switches(struct parser *p, const struct node *node,
			  const struct port_conf *defaults)
{
	struct topo *topo = p->topo;

	if (!parse_is_map(p, node, "switches"))
		return;
	topo->switches = parse_room(p, node, sizeof(*topo->switches));
	if (!topo->switches)
		return;
	for (const struct node *n = node->child; n; n = n->next)
		read_switch(p, n, *defaults,
			    &topo->switches[topo->switch_count++]);
}

/* Once those of links are there, too. */
static void check_wire(struct parser *p, const struct topo_switch *sw)
{
	size_t count = 0;

	if (sw->conf.mode != MODE_WIRE)
		return;
	parse_enter(p, "switch", sw->name);
	for (size_t i = 0; i < sw->port_count; i++) {
		if (topo_is_mirror(&sw->ports[i]) || ++count <= 2)
			continue;
		(void)parse_fail(p, sw->ports[i].mark,
				 "a wire has two ports, and '%s' is one more",
				 sw->ports[i].name);
	}
	if (count < 2)
		(void)parse_fail(p, sw->mark,
				 "a wire has two ports, this one has %zu",
				 count);
}

/* --- What must not be shared ------------------------------------------ */

struct claim {
	char text[CLAIM_SIZE];
	const struct topo_switch *sw;
	const struct topo_port *port;
};

static void add_claim(struct parser *p, struct claim *claims, size_t *count,
		      const struct claim *claim)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(claims[i].text, claim->text) != 0)
			continue;
		parse_enter(p, "port", claim->port->name);
		(void)parse_fail(p, claim->port->mark,
				 "%.100s is taken by port '%s.%s' in line %u",
				 claim->text, claims[i].sw->name,
				 claims[i].port->name,
				 claims[i].port->mark.line);
		return;
	}
	claims[(*count)++] = *claim;
}

static void check_claims(struct parser *p, struct claim *claims)
{
	const struct topo *topo = p->topo;
	size_t count = 0;

	for (size_t i = 0; i < topo->switch_count; i++) {
		const struct topo_switch *sw = &topo->switches[i];

		for (size_t j = 0; j < sw->port_count; j++) {
			const struct topo_port *port = &sw->ports[j];
			struct claim claim = {.sw = sw, .port = port};

			if (!port->kind || !port->kind->claim)
				continue;
			port->kind->claim(port->kind_conf, claim.text,
					  sizeof(claim.text));
			if (claim.text[0])
				add_claim(p, claims, &count, &claim);
		}
	}
}

/* What port number i of a switch has in common with those above it. */
static void check_beside(struct parser *p, const struct topo_switch *sw,
			 size_t i)
{
	const struct topo_port *port = &sw->ports[i];
	struct err err;

	if (!port->kind || !port->kind->beside)
		return;
	for (size_t k = 0; k < i; k++) {
		const struct topo_port *other = &sw->ports[k];

		if (other->kind != port->kind ||
		    port->kind->beside(port->kind_conf, other->kind_conf, &err))
			continue;
		parse_enter(p, "port", port->name);
		(void)parse_fail(p, port->mark,
				 "%.150s port '%s' of this switch in line %u",
				 err.msg, other->name, other->mark.line);
		return;
	}
}

static void check_shared(struct parser *p, const struct node *root)
{
	size_t ports = 0;
	struct claim *claims;

	for (size_t i = 0; i < p->topo->switch_count; i++) {
		const struct topo_switch *sw = &p->topo->switches[i];

		ports += sw->port_count;
		for (size_t k = 0; k < sw->port_count; k++)
			check_beside(p, sw, k);
	}
	claims = calloc(ports + 1, sizeof(*claims));
	if (claims)
		check_claims(p, claims);
	else
		(void)parse_fail(p, root->at, "no memory");
	free(claims);
}

/* --- The file --------------------------------------------------------- */

static void read_file(struct parser *p, const struct node *root)
{
	static const char *const keys[] = {"name",     "vlans",    "defaults",
					   "hosts",    "switches", "links",
					   "captures", "nice"};
	const struct node *found[8] = {NULL};
	const size_t key_count = sizeof(keys) / sizeof(keys[0]);
	struct port_conf defaults = {0};

	opt_defaults(topo_port_rows, &defaults);
	for (const struct node *n = root->child; n; n = n->next) {
		struct suggest s = suggest_for(n->key);
		size_t i = 0;

		while (i < key_count && strcmp(keys[i], n->key) != 0)
			suggest_try(&s, keys[i++]);
		if (i < key_count)
			found[i] = n;
		else
			(void)parse_unknown(p, n, &s);
	}
	if (found[0])
		read_name(p, found[0]);
	if (found[1])
		read_vlans(p, found[1]);
	if (found[2]) {
		parse_enter(p, "defaults: ", NULL);
		parse_defaults(p, found[2], &defaults);
		parse_enter(p, "", NULL);
	}
	if (found[3])
		parse_hosts(p, found[3]);
	if (found[4])
		read_switches(p, found[4], &defaults);
	if (found[5])
		parse_links(p, found[5]);
	for (size_t i = 0; i < p->topo->switch_count; i++) {
		check_wire(p, &p->topo->switches[i]);
		number_ports(&p->topo->switches[i]);
		parse_check_mirrors(p, &p->topo->switches[i]);
	}
	parse_enter(p, "", NULL);
	if (found[6])
		parse_captures(p, found[6]);
	if (found[7])
		(void)parse_value(p, topo_rows, found[7], p->topo);
	check_shared(p, root);
	parse_join_hosts(p, found[3]);
}

struct topo *topo_parse(const char *text, size_t len,
			const struct opt_kind *const *kinds,
			struct topo_errors *errors)
{
	struct parser p = {.errors = errors, .kinds = kinds};
	struct yaml_tree tree = {0};

	memset(errors, 0, sizeof(*errors));
	p.topo = topo_new();
	if (!p.topo)
		(void)errors_at(errors, (struct mark){1, 1}, "no memory");
	else if (yaml_read(&tree, text, len, errors) &&
		 parse_is_map(&p, tree.root, "name, hosts, switches, ..."))
		read_file(&p, tree.root);
	yaml_done(&tree);
	if (errors->count == 0)
		return p.topo;
	topo_free(p.topo);
	return NULL;
}
