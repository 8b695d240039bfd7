/* SPDX-License-Identifier: MIT */
/*
 * A host is what has a name and ports of a kind whose ports are interfaces of
 * hosts (struct opt_kind). Most need no more than their ports say; `hosts:`
 * has the rest.
 */
#include "topo/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_host no_words; /* of hosts that `hosts:` leaves out */

void parse_hosts(struct parser *p, const struct node *node)
{
	struct topo *topo = p->topo;

	if (!parse_is_map(p, node, "hosts"))
		return;
	topo->hosts = parse_room(p, node, sizeof(*topo->hosts));
	if (!topo->hosts)
		return;
	for (const struct node *n = node->child; n; n = n->next) {
		struct topo_host *host = &topo->hosts[topo->host_count++];

		(void)snprintf(host->name, sizeof(host->name), "%s", n->key);
		host->mark = n->key_at;
		parse_enter(p, "", NULL);
		(void)parse_name(p, n->key, n->key_at);
		parse_enter(p, "host", n->key);
		if (parse_is_map(p, n, "forward, routes"))
			(void)parse_rows(p, topo_host_rows, n, &host->conf);
	}
	parse_enter(p, "", NULL);
}

/* --- Joining ------------------------------------------------------------ */

/* The ports that are interfaces of hosts, in the order of the file. */
struct members {
	struct topo_port **port;
	size_t count;
};

static bool find_members(struct topo *topo, struct members *members)
{
	size_t room = 1;

	for (size_t i = 0; i < topo->switch_count; i++)
		room += topo->switches[i].port_count;
	*members = (struct members){.port = calloc(room, sizeof(void *))};
	if (!members->port)
		return false;
	for (size_t i = 0; i < topo->switch_count; i++) {
		struct topo_switch *sw = &topo->switches[i];

		for (size_t k = 0; k < sw->port_count; k++) {
			if (topo_host_name(&sw->ports[k]))
				members->port[members->count++] = &sw->ports[k];
		}
	}
	return true;
}

static const char *written_ifname(const struct topo_port *port)
{
	return (const char *)port->kind_conf + port->kind->ifname->offset;
}

static bool is_of(const struct topo_port *port, const char *host)
{
	return strcmp(topo_host_name(port), host) == 0;
}

/* Whether a port of the same host has this name, or has it written. */
static bool is_taken(const struct members *members,
		     const struct topo_port *port, const char *ifname)
{
	const char *host = topo_host_name(port);

	for (size_t i = 0; i < members->count; i++) {
		const struct topo_port *other = members->port[i];

		if (other != port && is_of(other, host) &&
		    (strcmp(other->ifname, ifname) == 0 ||
		     strcmp(written_ifname(other), ifname) == 0))
			return true;
	}
	return false;
}

static void name_interface(const struct members *members,
			   struct topo_port *port)
{
	unsigned n = 0;

	(void)snprintf(port->ifname, sizeof(port->ifname), "%s",
		       written_ifname(port));
	if (port->ifname[0])
		return;
	do
		(void)snprintf(port->ifname, sizeof(port->ifname), "eth%u",
			       n++);
	while (is_taken(members, port, port->ifname));
}

static void join(const struct topo *topo, struct topo_port *port)
{
	port->host = &no_words;
	for (size_t i = 0; i < topo->host_count; i++) {
		if (is_of(port, topo->hosts[i].name))
			port->host = &topo->hosts[i].conf;
	}
}

/* --- Checks ------------------------------------------------------------- */

static bool is_reached(const struct members *members, const char *host,
		       const struct net *gateway)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct topo_port *port = members->port[i];

		if (is_of(port, host) &&
		    port->kind->reaches(port->kind_conf, gateway))
			return true;
	}
	return false;
}

static void check_routes(struct parser *p, const struct members *members,
			 const struct topo_host *host, const struct node *node)
{
	char text[NET_TEXT_SIZE];

	for (unsigned i = 0; i < OPT_ROUTES_MAX; i++) {
		const struct opt_route *route = &host->conf.routes[i];

		if (route->via.family &&
		    !is_reached(members, host->name, &route->via))
			(void)parse_fail(p, yaml_get(node, "routes")->at,
					 "gateway %s is on no network that "
					 "the ports of the host have written",
					 net_format_addr(&route->via, text));
	}
}

static bool check_known(struct parser *p, const struct members *members,
			const struct topo_host *host)
{
	struct suggest s = suggest_for(host->name);

	for (size_t i = 0; i < members->count; i++) {
		if (is_of(members->port[i], host->name))
			return true;
		suggest_try(&s, topo_host_name(members->port[i]));
	}
	return parse_fail(p, host->mark, "no port belongs to this host%s",
			  suggest_tail(&s));
}

void parse_join_hosts(struct parser *p, const struct node *node)
{
	const struct topo *topo = p->topo;
	struct members members;

	if (p->errors->count > 0)
		return;
	if (!find_members(p->topo, &members)) {
		(void)parse_fail(p, (struct mark){1, 1}, "no memory");
		return;
	}
	for (size_t i = 0; i < members.count; i++) {
		join(topo, members.port[i]);
		name_interface(&members, members.port[i]);
	}
	for (size_t i = 0; i < topo->host_count; i++) {
		const struct topo_host *host = &topo->hosts[i];

		parse_enter(p, "host", host->name);
		if (check_known(p, &members, host))
			check_routes(p, &members, host,
				     yaml_get(node, host->name));
	}
	free(members.port);
}
