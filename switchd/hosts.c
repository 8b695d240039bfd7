/* SPDX-License-Identifier: MIT */
#include "switchd/hosts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugs/priv_hosts.h"
#include "switchd/cmd.h"
#include "switchd/lab.h"

#define ADDRESS_SIZE 512

/* --- Which there are ---------------------------------------------------- */

static bool is_in(const struct lab_switch *sw, const char *name)
{
	for (; sw; sw = sw->next) {
		for (size_t i = 0; i < sw->port_count; i++) {
			const char *host = topo_host_name(sw->ports[i]->topo);

			if (host && strcmp(host, name) == 0)
				return true;
		}
	}
	return false;
}

void hosts_drop_unused(struct lab *lab, const char *name)
{
	char resolv[sizeof(((struct host_place *)0)->resolv)];

	if (!name || is_in(lab->switches, name) || is_in(lab->leaving, name))
		return;
	lab->priv->ops->host_forget(lab->priv->ctx, name);
	/* The helper does it, too, if there still is one. */
	hosts_resolv(lab->run_dir, name, resolv, sizeof(resolv));
	(void)unlink(resolv);
}

/* --- For commands ------------------------------------------------------- */

static json_t *interface_row(const struct swport *port)
{
	const struct topo_port *topo = port->topo;
	const struct opt *arg = topo->kind->arg;
	char name[SWPORT_NAME_SIZE], address[ADDRESS_SIZE];

	arg->type->format(arg, (const char *)topo->kind_conf + arg->offset,
			  address, sizeof(address));
	return json_pack("{s:s, s:s, s:s, s:o}", "host", topo_host_name(topo),
			 "ifname", topo->ifname, "port",
			 swport_full_name(port, name), "address",
			 address[0] ? cmd_string(address) : json_null());
}

json_t *hosts_list(const struct lab *lab)
{
	json_t *list = json_array();

	for (const struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		for (size_t i = 0; i < sw->port_count; i++) {
			const struct swport *port = sw->ports[i];

			if (!port->removing && topo_host_name(port->topo))
				(void)json_array_append_new(
					list, interface_row(port));
		}
	}
	return list;
}

/* Whether no row before the i-th is of the same host. */
static bool is_first(const json_t *list, size_t i)
{
	const char *host = cmd_text(json_array_get(list, i), "host");

	for (size_t k = 0; k < i; k++) {
		if (!strcmp(cmd_text(json_array_get(list, k), "host"), host))
			return false;
	}
	return true;
}

static bool err_unknown(const struct lab *lab, const char *name,
			struct err *err)
{
	json_t *list = hosts_list(lab);
	char names[160] = "";
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
	{
		if (is_first(list, i))
			opt_append(names, sizeof(names), "%s%s",
				   names[0] ? ", " : "", cmd_text(row, "host"));
	}
	(void)err_set(err, "there is no host '%.32s'; %s%s", name,
		      names[0] ? "hosts: " : "the lab has none", names);
	json_decref(list);
	return false;
}

bool hosts_place(const struct lab *lab, const char *name,
		 struct host_place *place, struct err *err)
{
	if (!is_in(lab->switches, name))
		return err_unknown(lab, name, err);
	return lab->priv->ops->host_find(lab->priv->ctx, name, place, err);
}
