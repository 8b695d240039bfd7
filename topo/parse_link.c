/* SPDX-License-Identifier: MIT */
/*
 * Links: `A -- B`, `A -- B: {...}` and `{ends: [A, B], ...}`; and the ports
 * that they make on their switches, which are there once all links are read.
 */
#include "topo/parse.h"

#include <stdlib.h>
#include <string.h>

#define DASHES    " -- "
#define ENDS_MAX  3 /* one more than a link has */
#define NAME_BACK "-back"

/* What is written of a link. */
struct entry {
	struct {
		char name[64]; /* longer than a name: it is not found */
		struct mark at;
	} ends[ENDS_MAX];
	size_t end_count;
	const struct node *map; /* of its options, or NULL */
};

static struct topo_switch *own_switch(struct parser *p,
				      const struct topo_switch *sw)
{
	return &p->topo->switches[sw - p->topo->switches];
}

/* --- Its ends ----------------------------------------------------------- */

static void add_end(struct entry *entry, const char *text, size_t len,
		    struct mark at)
{
	if (entry->end_count == ENDS_MAX)
		return;
	for (; len > 0 && text[0] == ' '; len--, at.col++)
		text++;
	while (len > 0 && text[len - 1] == ' ')
		len--;
	entry->ends[entry->end_count].at = at;
	(void)snprintf(entry->ends[entry->end_count++].name,
		       sizeof(entry->ends[0].name), "%.*s", (int)len, text);
}

/* at is where text stands in the file. */
static bool split_ends(struct parser *p, const char *text, struct mark at,
		       struct entry *entry)
{
	const char *from = text;
	const char *dashes = strstr(text, DASHES);

	if (!dashes)
		return parse_fail(p, at,
				  "'%.60s' is not a link: expected 'A" DASHES
				  "B', two switches",
				  text);
	while (dashes) {
		add_end(entry, from, (size_t)(dashes - from), at);
		at.col += (unsigned)(dashes - from + strlen(DASHES));
		from = dashes + strlen(DASHES);
		dashes = strstr(from, DASHES);
	}
	add_end(entry, from, strlen(from), at);
	return true;
}

static bool list_ends(struct parser *p, const struct node *ends,
		      struct entry *entry)
{
	if (ends->type == NODE_SCALAR)
		return split_ends(p, ends->text, ends->at, entry);
	if (ends->type != NODE_LIST)
		return parse_fail(p, ends->at,
				  "'ends' is a list of two switches");
	for (const struct node *n = ends->child; n; n = n->next) {
		if (n->type != NODE_SCALAR)
			return parse_fail(p, n->at,
					  "'ends' is a list of two switches");
		add_end(entry, n->text, strlen(n->text), n->at);
	}
	return true;
}

static const struct topo_switch *find_end(struct parser *p, const char *name,
					  struct mark at)
{
	const struct topo *topo = p->topo;
	const struct topo_switch *sw = topo_find_switch(topo, name);
	struct suggest s = suggest_for(name);

	if (sw)
		return sw;
	for (size_t i = 0; i < topo->switch_count; i++)
		suggest_try(&s, topo->switches[i].name);
	if (strpbrk(name, ".:"))
		(void)parse_fail(p, at,
				 "'%.60s': an end is a switch alone, the link "
				 "makes its port there",
				 name);
	else
		(void)parse_fail(p, at, "there is no switch '%.60s'%s", name,
				 suggest_tail(&s));
	return NULL;
}

static bool find_ends(struct parser *p, const struct node *node,
		      const struct entry *entry, struct topo_link *link)
{
	if (entry->end_count == 2) {
		for (int i = 0; i < 2; i++)
			link->ends[i].sw = find_end(p, entry->ends[i].name,
						    entry->ends[i].at);
	} else {
		(void)parse_fail(p, node->at,
				 "a link has two ends; more switches on one "
				 "wire are linked to one with 'mode: hub'");
	}
	return link->ends[0].sw && link->ends[1].sw;
}

/* --- What is written ---------------------------------------------------- */

/* `A -- B: {...}`, in which a map has but one key. */
static bool take_keyed(struct parser *p, const struct node *map,
		       struct entry *entry)
{
	const struct node *key = map->child;

	while (key && !strstr(key->key, DASHES))
		key = key->next;
	if (!key)
		return parse_fail(
			p, map->at,
			"'ends' is missing: the two switches, or 'A" DASHES
			"B' in front");
	for (const struct node *n = map->child; n; n = n->next) {
		if (n != key)
			return parse_fail(p, n->key_at,
					  "indent '%.60s' to put it into the "
					  "link '%.60s'",
					  n->key, key->key);
	}
	entry->map = key;
	if (yaml_get(key, "ends"))
		return parse_fail(p, yaml_get(key, "ends")->key_at,
				  "'ends' are '%.60s' already", key->key);
	return parse_is_map(p, key, "name, vlan, trunk, ...") &&
	       split_ends(p, key->key, key->key_at, entry);
}

static bool take_entry(struct parser *p, const struct node *node,
		       struct entry *entry)
{
	const struct node *ends = yaml_get(node, "ends");

	if (node->type == NODE_SCALAR)
		return split_ends(p, node->text, node->at, entry);
	if (node->type != NODE_MAP)
		return parse_fail(p, node->at,
				  "expected 'A" DASHES "B', 'A" DASHES
				  "B: {...}' or {ends: [A, B], ...}");
	if (!ends)
		return take_keyed(p, node, entry);
	entry->map = node;
	return list_ends(p, ends, entry);
}

/* What stands for both directions, before what stands for one. */
static void read_both(struct parser *p, const struct node *map,
		      struct topo_link *link)
{
	for (const struct node *n = map->child; n; n = n->next) {
		const struct opt *row = opt_find(topo_impair_rows, n->key);

		if (row && parse_value(p, row, n, &link->conf.forth))
			memcpy(opt_place(row, &link->conf.back),
			       opt_value(row, &link->conf.forth), row->size);
	}
}

static void read_options(struct parser *p, const struct node *map,
			 struct topo_link *link)
{
	read_both(p, map, link);
	for (const struct node *n = map->child; n; n = n->next) {
		const struct opt *row = opt_find(topo_link_rows, n->key);
		struct suggest s = suggest_for(n->key);

		parse_suggest(&s, topo_link_rows);
		parse_suggest(&s, topo_impair_rows);
		if (row)
			(void)parse_value(p, row, n, &link->conf);
		else if (strcmp(n->key, "ends") != 0 &&
			 !opt_find(topo_impair_rows, n->key))
			(void)parse_unknown(p, n, &s);
	}
	link->named = yaml_get(map, "name");
	(void)(parse_impair(p, yaml_get(map, "forth"), map, link->mark,
			    &link->conf.forth) &&
	       parse_impair(p, yaml_get(map, "back"), map, link->mark,
			    &link->conf.back));
}

/* Words of a link mean something to a switch at one of its ends at least. */
static void check_vlans(struct parser *p, const struct node *map,
			const struct topo_link *link)
{
	const struct switch_conf *b = &link->ends[1].sw->conf;
	bool providers[2] = {topo_is_provider(link->ends[0].sw),
			     topo_is_provider(link->ends[1].sw)};
	const struct node *tunnel = yaml_get(map, "tunnel");

	(void)parse_vlan_conflict(p, map, providers[0] && providers[1]);
	if (tunnel && !providers[0] && !providers[1])
		(void)parse_fail(p, tunnel->key_at,
				 "'tunnel' between two switches without "
				 "'vlan-protocol: 802.1ad'");
	if (b->mode != MODE_SWITCH || b->vlan_aware == AWARE_NO)
		(void)parse_vlan_unaware(p, map, link->ends[0].sw);
}

/* --- Its name ----------------------------------------------------------- */

static bool is_taken(const struct topo *topo, const char *name)
{
	return topo_find_switch(topo, name) || topo_find_link(topo, name);
}

/* How many links before this one are called after the same ends: each has one
 * of the first names that this one could have. */
static unsigned count_same(const struct topo *topo,
			   const struct topo_link *link)
{
	unsigned count = 0;

	for (size_t i = 0; i < topo->link_count; i++) {
		const struct topo_link *other = &topo->links[i];

		count += !other->named &&
			 other->ends[0].sw == link->ends[0].sw &&
			 other->ends[1].sw == link->ends[1].sw;
	}
	return count;
}

/* "A--B", or the first of "A--B#2", "A--B#3" ... that is free. */
static void name_link(struct parser *p, struct mark at, struct topo_link *link)
{
	char name[2 * TOPO_NAME_SIZE + 16];
	int len = snprintf(name, sizeof(name), "%s--%s", link->ends[0].sw->name,
			   link->ends[1].sw->name);
	unsigned i = count_same(p->topo, link) + 1;

	for (i = i < 2 ? 2 : i; is_taken(p->topo, name); i++)
		(void)snprintf(name + len, sizeof(name) - (size_t)len, "#%u",
			       i);
	if (strlen(name) >= TOPO_NAME_SIZE)
		(void)parse_fail(p, at,
				 "without 'name' it is called '%.80s', which "
				 "is longer than %d",
				 name, TOPO_NAME_SIZE - 1);
	(void)snprintf(link->conf.name, sizeof(link->conf.name), "%.32s", name);
}

static bool check_name(struct parser *p, struct mark at,
		       const struct topo_link *link)
{
	const char *name = link->conf.name;
	const struct topo_switch *sw = topo_find_switch(p->topo, name);
	const struct topo_link *other = topo_find_link(p->topo, name);

	if (!*name)
		return false; /* it cannot be a name, as has been said */
	if (sw)
		return parse_fail(p, at,
				  "'%s' is the name of the switch in line %u",
				  name, sw->mark.line);
	return !other ||
	       parse_fail(p, at, "'%s' is the name of the link in line %u",
			  name, other->mark.line);
}

/* --- links: ------------------------------------------------------------- */

static void read_link(struct parser *p, const struct node *node)
{
	struct entry entry = {.end_count = 0};
	struct topo_link link = {.mark = node->at};
	char both[TOPO_NAME_SIZE];
	const struct node *name;

	parse_enter(p, "links: ", NULL);
	opt_defaults(topo_link_rows, &link.conf);
	if (!take_entry(p, node, &entry) || !find_ends(p, node, &entry, &link))
		return;
	(void)snprintf(both, sizeof(both), "%.14s" DASHES "%.14s",
		       link.ends[0].sw->name, link.ends[1].sw->name);
	parse_enter(p, "link", both);
	name = yaml_get(entry.map, "name");
	if (entry.map)
		read_options(p, entry.map, &link);
	check_vlans(p, entry.map, &link);
	if (!link.named)
		name_link(p, node->at, &link);
	else if (!check_name(p, name->at, &link))
		return;
	p->topo->links[p->topo->link_count++] = link;
}

/* --- Ports -------------------------------------------------------------- */

/* "loop" and, on the same switch, "loop-back"; "a--a#2", "a--a-back#2". False:
 * it has no room. */
static bool name_port(const struct topo_link *link, int end,
		      char name[TOPO_NAME_SIZE])
{
	const char *of = link->conf.name;
	bool back = end == 1 && link->ends[0].sw == link->ends[1].sw;
	int len = (int)strcspn(of, "#");

	return snprintf(name, TOPO_NAME_SIZE, "%.*s%s%s", len, of,
			back ? NAME_BACK : "", of + len) < TOPO_NAME_SIZE;
}

/* At the end of a tunnel it is one, and at the other what else was said. */
static struct vlan_words words_at(const struct topo_link *link, int end)
{
	struct vlan_words words = link->conf.vlan;

	if (words.tunnel && topo_is_provider(link->ends[end].sw))
		return (struct vlan_words){.tunnel = words.tunnel};
	words.tunnel = 0;
	return words;
}

static void add_port(struct parser *p, const struct topo_link *link, int end)
{
	struct topo_switch *sw = own_switch(p, link->ends[end].sw);
	struct topo_port port = {
		.mark = link->mark,
		.kind = &topo_link_kind,
		.conf = {.vlan = words_at(link, end),
			 .guard.storm = link->conf.storm,
			 .mtu = link->conf.mtu,
			 .stp = link->conf.stp},
		.link = link,
	};
	const struct topo_port *other;
	struct topo_port *room;

	parse_enter(p, "link", link->conf.name);
	if (!name_port(link, end, port.name))
		(void)parse_fail(p, link->mark,
				 "its second port is called '%s', cut at %d "
				 "characters: give it a shorter 'name'",
				 port.name, TOPO_NAME_SIZE - 1);
	room = realloc(sw->ports, (sw->port_count + 1) * sizeof(*room));
	if (room)
		sw->ports = room;
	other = topo_find_port(sw, port.name);
	if (other)
		(void)parse_fail(p, link->mark,
				 "its port on switch '%s' is called as the one "
				 "in line %u: give it another 'name'",
				 sw->name, other->mark.line);
	else if (sw->port_count == TOPO_PORTS_MAX)
		(void)parse_fail(p, link->mark, "more than %d ports",
				 TOPO_PORTS_MAX);
	else if (!room)
		(void)parse_fail(p, link->mark, "no memory");
	else
		sw->ports[sw->port_count++] = port;
}

/* Now that the lists of ports stay where they are. */
static void find_ports(struct topo_link *link)
{
	char name[TOPO_NAME_SIZE];

	for (int i = 0; i < 2; i++) {
		(void)name_port(link, i, name);
		link->ends[i].port = topo_find_port(link->ends[i].sw, name);
	}
}

void parse_links(struct parser *p, const struct node *node)
{
	struct topo *topo = p->topo;

	parse_enter(p, "", NULL);
	if (node->type == NODE_MAP || node->type == NODE_SCALAR)
		(void)parse_fail(p, node->at,
				 "'links' is a list: each begins with '-'");
	topo->links = parse_room(p, node, sizeof(*topo->links));
	if (!topo->links)
		return;
	for (const struct node *n = node->child; node->type == NODE_LIST && n;
	     n = n->next)
		read_link(p, n);
	for (size_t i = 0; i < topo->link_count; i++) {
		add_port(p, &topo->links[i], 0);
		add_port(p, &topo->links[i], 1);
	}
	for (size_t i = 0; i < topo->link_count; i++)
		find_ports(&topo->links[i]);
	parse_enter(p, "", NULL);
}
