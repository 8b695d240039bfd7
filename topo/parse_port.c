/* SPDX-License-Identifier: MIT */
/*
 * A port is `KIND ARGS` or a map with one kind for a key. The first is read as
 * if it were {KIND: "ARGS"}, by making that node.
 */
#include "topo/parse.h"

#include <stdlib.h>
#include <string.h>

#include "topo/errors.h"

#define SPACES " \t"

static const char *const vlan_keys[] = {"vlan", "tunnel", "trunk", "native",
					"native-tagged"};

/* Those from this one on are of trunks. */
#define TRUNK_KEYS 2
#define VLAN_KEYS  (sizeof(vlan_keys) / sizeof(vlan_keys[0]))

/* An error if map has key and one of those from vlan_keys[first] on. */
static bool stands_alone(struct parser *p, const struct node *map,
			 const char *key, size_t first)
{
	const struct node *node = yaml_get(map, key);

	for (size_t i = first; node && i < VLAN_KEYS; i++) {
		if (yaml_get(map, vlan_keys[i]))
			return parse_fail(p, node->key_at,
					  "'%s' with '%s': a port is an access "
					  "port, a trunk or a tunnel",
					  key, vlan_keys[i]);
	}
	return true;
}

bool parse_vlan_conflict(struct parser *p, const struct node *map, bool tunnel)
{
	const struct node *tagged = yaml_get(map, "native-tagged");
	bool ok = stands_alone(p, map, "vlan", tunnel ? 1 : TRUNK_KEYS);

	if (tunnel)
		ok = stands_alone(p, map, "tunnel", TRUNK_KEYS) && ok;
	if (tagged && yaml_get(map, "native"))
		ok = parse_fail(p, tagged->key_at,
				"'native-tagged' with 'native': the native "
				"VLAN leaves either with a tag or without");
	return ok;
}

/* A port of one sort inherits nothing that is of another. */
static void drop_inherited(const struct node *map, struct vlan_words *words)
{
	const struct node *native = yaml_get(map, "native");
	const struct node *tagged = yaml_get(map, "native-tagged");

	if (yaml_get(map, "vlan") || yaml_get(map, "tunnel"))
		*words = (struct vlan_words){0};
	if (yaml_get(map, "trunk") || native || tagged)
		words->access = words->tunnel = 0;
	if (native)
		words->native_tagged = 0;
	if (tagged)
		words->native = 0;
}

bool parse_vlan_unaware(struct parser *p, const struct node *map,
			const struct topo_switch *sw)
{
	const struct switch_conf *conf = &sw->conf;
	const struct node *tunnel = yaml_get(map, "tunnel");
	bool ok = true;

	if (tunnel && conf->vlan_protocol == PROTOCOL_8021Q)
		ok = parse_fail(p, tunnel->key_at,
				"'tunnel' on a switch with 'vlan-protocol: "
				"802.1q'");
	if (conf->mode == MODE_SWITCH && conf->vlan_aware != AWARE_NO)
		return ok;
	for (size_t i = 0; i < VLAN_KEYS; i++) {
		const struct node *n = yaml_get(map, vlan_keys[i]);

		if (n && conf->mode != MODE_SWITCH)
			ok = parse_fail(p, n->key_at,
					"'%s' on a switch with 'mode: %s'",
					n->key, topo_mode_name(sw));
		else if (n)
			ok = parse_fail(p, n->key_at,
					"'%s' on a switch with 'vlan-aware: "
					"no'",
					n->key);
	}
	return ok;
}

/* Once map, of port words, is read into conf. */
static bool check_impair(struct parser *p, const struct node *map,
			 struct mark at, struct port_conf *conf)
{
	bool ok = parse_impair(p, yaml_get(map, "rx"), NULL, at, &conf->rx);

	return parse_impair(p, yaml_get(map, "tx"), NULL, at, &conf->tx) && ok;
}

bool parse_check_secure(struct parser *p, const struct node *map,
			const struct guard_words *guard)
{
	const struct node *secure = yaml_get(map, "secure");

	return !secure || guard->secure.max ||
	       parse_fail(p, secure->at,
			  "'secure' needs 'max', how many addresses may send "
			  "here");
}

static bool check_mirror(struct parser *p, const struct node *map,
			 const struct port_conf *conf)
{
	const struct node *mirror = yaml_get(map, "mirror");

	return !mirror || *conf->mirror.of[0] ||
	       parse_fail(
		       p, mirror->at,
		       "'mirror' needs 'of', the ports whose frames it gets");
}

/* Whether node is what parse_port_capture() reads. */
static bool is_capture(const struct node *node)
{
	return opt_find(topo_port_capture_rows, node->key);
}

static void read_default_words(struct parser *p, const struct node *map,
			       struct port_conf *conf)
{
	(void)parse_vlan_conflict(p, map, true);
	drop_inherited(map, &conf->vlan);
	for (const struct node *n = map->child; n; n = n->next) {
		const struct opt *row = opt_find(topo_port_rows, n->key);
		struct suggest s = suggest_for(n->key);

		parse_suggest(&s, topo_port_rows);
		if (is_capture(n) || strcmp(n->key, "number") == 0 ||
		    strcmp(n->key, "mirror") == 0)
			(void)parse_fail(p, n->key_at,
					 "'%s' cannot have a default", n->key);
		else if (!row)
			(void)parse_unknown(p, n, &s);
		else
			(void)parse_value(p, row, n, conf);
	}
	(void)check_impair(p, map, map->at, conf);
	(void)parse_check_secure(p, map, &conf->guard);
}

void parse_defaults(struct parser *p, const struct node *node,
		    struct port_conf *conf)
{
	if (!parse_is_map(p, node, "defaults"))
		return;
	for (const struct node *n = node->child; n; n = n->next) {
		struct suggest s = suggest_for(n->key);

		suggest_try(&s, "port");
		if (strcmp(n->key, "port") != 0)
			(void)parse_unknown(p, n, &s);
		else if (parse_is_map(p, n, "port words"))
			read_default_words(p, n, conf);
	}
}

/* --- The kind --------------------------------------------------------- */

static const struct opt_kind *find_kind(const struct parser *p,
					const char *name, size_t len)
{
	for (size_t i = 0; p->kinds[i]; i++) {
		if (strlen(p->kinds[i]->name) == len &&
		    memcmp(p->kinds[i]->name, name, len) == 0)
			return p->kinds[i];
	}
	return NULL;
}

static bool no_kind(struct parser *p, struct mark at, const char *typed)
{
	struct suggest s = suggest_for(typed);
	char list[120] = "";

	for (size_t i = 0; p->kinds[i]; i++) {
		size_t used = strlen(list);

		suggest_try(&s, p->kinds[i]->name);
		(void)snprintf(list + used, sizeof(list) - used, "%s%s",
			       i ? ", " : "", p->kinds[i]->name);
	}
	return parse_fail(p, at, "expected a kind of plug (%s)%s", list,
			  suggest_tail(&s));
}

/* Makes of `KIND ARGS` the node of {KIND: "ARGS"}. */
static const struct opt_kind *split(struct parser *p, const struct node *node,
				    struct node *arg)
{
	size_t len = strcspn(node->text, SPACES);
	size_t skip = len + strspn(node->text + len, SPACES);
	const struct opt_kind *kind = find_kind(p, node->text, len);

	if (!kind) {
		char word[64];

		(void)snprintf(word, sizeof(word), "%.*s", (int)len,
			       node->text);
		(void)no_kind(p, node->at, word);
		return NULL;
	}
	*arg = (struct node){.key = kind->name,
			     .key_at = node->at,
			     .at = node->at,
			     .text = node->text + skip};
	arg->type = *arg->text ? NODE_SCALAR : NODE_NONE;
	if (node->verbatim)
		arg->at.col += (unsigned)skip;
	return kind;
}

/* What may have been meant for a kind in a map without one. */
static bool no_kind_in_map(struct parser *p, const struct node *map)
{
	for (const struct node *n = map->child; n; n = n->next) {
		size_t len = strcspn(n->key, SPACES ":");
		const struct opt_kind *kind = find_kind(p, n->key, len);

		if (kind)
			return parse_fail(
				p, n->key_at,
				"'%.60s' is one word here; in braces "
				"it is '%s: %.60s'",
				n->key, kind->name,
				n->key + len +
					strspn(n->key + len, SPACES ":"));
	}
	for (const struct node *n = map->child; n; n = n->next) {
		struct suggest s = suggest_for(n->key);

		for (size_t i = 0; p->kinds[i]; i++)
			suggest_try(&s, p->kinds[i]->name);
		if (*suggest_tail(&s) && !opt_find(topo_port_rows, n->key))
			return no_kind(p, n->key_at, n->key);
	}
	return no_kind(p, map->at, "");
}

static const struct opt_kind *
kind_in_map(struct parser *p, const struct node *map, struct node *arg)
{
	const struct opt_kind *kind = NULL;

	for (const struct node *n = map->child; n; n = n->next) {
		const struct opt_kind *other =
			find_kind(p, n->key, strlen(n->key));

		if (kind && other) {
			(void)parse_fail(p, n->key_at,
					 "two kinds, '%s' and '%s': a port has "
					 "one",
					 kind->name, other->name);
			return NULL;
		}
		if (other) {
			kind = other;
			*arg = *n;
		}
	}
	if (!kind)
		(void)no_kind_in_map(p, map);
	return kind;
}

static const struct opt_kind *
choose_kind(struct parser *p, const struct node *node, struct node *arg)
{
	if (node->type == NODE_SCALAR)
		return split(p, node, arg);
	if (node->type == NODE_MAP)
		return kind_in_map(p, node, arg);
	(void)no_kind(p, node->at, "");
	return NULL;
}

/* --- The options ------------------------------------------------------ */

static bool read_arg(struct parser *p, const struct opt_kind *kind,
		     const struct node *arg, void *conf)
{
	const struct opt *row = kind->arg;

	if (arg->type == NODE_NONE && row && row->flags & OPT_REQUIRED)
		return parse_fail(p, arg->key_at, "'%s' needs a value: %s",
				  kind->name, row->help);
	if (arg->type == NODE_NONE)
		return true;
	if (!row)
		return parse_fail(p, arg->at, "'%s' takes no value",
				  kind->name);
	return parse_value(p, row, arg, conf);
}

static bool read_option(struct parser *p, const struct node *n,
			struct topo_port *port)
{
	const struct opt *row = opt_find(topo_port_rows, n->key);
	struct suggest s = suggest_for(n->key);

	if (row) {
		port->conf.numbered |= strcmp(n->key, "number") == 0;
		return parse_value(p, row, n, &port->conf);
	}
	row = opt_find(port->kind->rows, n->key);
	if (row)
		return parse_value(p, row, n, port->kind_conf);
	if (opt_find(topo_impair_rows, n->key))
		return parse_fail(p, n->key_at,
				  "'%s' is of one direction: 'rx: {%s: ...}' "
				  "or 'tx: {%s: ...}'",
				  n->key, n->key, n->key);
	parse_suggest(&s, topo_port_rows);
	parse_suggest(&s, topo_port_capture_rows);
	parse_suggest(&s, port->kind->rows);
	return parse_unknown(p, n, &s);
}

static bool read_options(struct parser *p, const struct node *node,
			 struct topo_port *port)
{
	bool ok = true;

	for (const struct node *n = node->child; n; n = n->next) {
		if (strcmp(n->key, port->kind->name) != 0 && !is_capture(n))
			ok = read_option(p, n, port) && ok;
	}
	if (ok)
		ok = parse_check_secure(p, node, &port->conf.guard) &&
		     check_mirror(p, node, &port->conf);
	return parse_required(p, port->kind->rows, node) && ok;
}

static bool read_kind(struct parser *p, const struct node *node,
		      const struct node *arg, struct topo_port *port)
{
	const struct opt_kind *kind = port->kind;
	struct err err;
	bool ok;

	port->kind_conf = calloc(1, kind->conf_size ? kind->conf_size : 1);
	if (!port->kind_conf)
		return parse_fail(p, node->at, "no memory");
	opt_kind_defaults(kind, port->kind_conf);
	ok = read_arg(p, kind, arg, port->kind_conf);
	ok = read_options(p, node, port) && ok;
	if (!ok)
		return false;
	if (kind->finish && !kind->finish(port->kind_conf, port->name, &err))
		return parse_fail(p, arg->key_at, "'%s' %s", kind->name,
				  err.msg);
	return true;
}

void parse_port(struct parser *p, const struct node *node,
		const struct topo_switch *sw, struct topo_port *port)
{
	const struct node *capture = yaml_get(node, "capture");
	struct node arg;
	bool ok = parse_name(p, node->key, node->key_at);

	(void)snprintf(port->name, sizeof(port->name), "%s", node->key);
	port->mark = node->key_at;
	parse_enter(p, "port", node->key);
	drop_inherited(node, &port->conf.vlan);
	ok = parse_vlan_conflict(p, node, true) && ok;
	ok = parse_vlan_unaware(p, node, sw) && ok;
	if (capture)
		parse_port_capture(p, capture, sw, port);
	port->kind = choose_kind(p, node, &arg);
	if (port->kind)
		ok = read_kind(p, node, &arg, port) &&
		     check_impair(p, node, port->mark, &port->conf) && ok;
	if (!ok)
		port->kind = NULL;
}
