/* SPDX-License-Identifier: MIT */
/* Switches and ports of a lab by their names and numbers (lab.h). */
#include <stdio.h>
#include <string.h>

#include "switchd/lab.h"

struct lab_switch *lab_find_switch(const struct lab *lab, const char *name)
{
	struct lab_switch *sw = lab->switches;

	while (sw && strcmp(sw->topo->name, name) != 0)
		sw = sw->next;
	return sw;
}

static struct swport *find_anywhere(const struct lab *lab, const char *name,
				    struct err *err)
{
	struct swport *found = NULL;

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		struct swport *port = lab_port_named(sw, name);

		if (port && found) {
			err_set(err,
				"port '%s' is on more than one switch: say "
				"%s.%s or %s.%s",
				name, found->sw->topo->name, name,
				sw->topo->name, name);
			return NULL;
		}
		if (port)
			found = port;
	}
	if (!found)
		err_set(err, "there is no port '%s'", name);
	return found;
}

struct swport *lab_find_port(const struct lab *lab, const char *name,
			     struct err *err)
{
	const char *dot = strchr(name, '.');
	char sw_name[TOPO_NAME_SIZE + 1];
	struct lab_switch *sw;
	struct swport *port;

	if (!dot)
		return find_anywhere(lab, name, err);
	/* One character more than a name may have: it finds nothing. */
	(void)snprintf(sw_name, sizeof(sw_name), "%.*s", (int)(dot - name),
		       name);
	sw = lab_find_switch(lab, sw_name);
	port = sw ? lab_port_named(sw, dot + 1) : NULL;
	if (!sw)
		err_set(err, "there is no switch '%s'", sw_name);
	else if (!port)
		err_set(err, "switch '%s' has no port '%s'", sw_name, dot + 1);
	return port;
}

struct swport *lab_port_numbered(const struct lab_switch *sw, uint16_t number)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		struct swport *port = sw->ports[i];

		if (!port->removing && port->topo->conf.number == number)
			return port;
	}
	return NULL;
}

struct swport *lab_port_named(const struct lab_switch *sw, const char *name)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		struct swport *port = sw->ports[i];

		if (!port->removing && strcmp(port->topo->name, name) == 0)
			return port;
	}
	return NULL;
}
