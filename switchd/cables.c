/* SPDX-License-Identifier: MIT */
#include "switchd/cables.h"

#include <string.h>

#include "switchd/lab.h"

void cables_of_link(struct link *link, struct cables *out)
{
	out->way[0] = &link->ends[0].out;
	out->way[1] = &link->ends[1].out;
}

void cables_of_port(const struct swport *port, struct cables *out)
{
	out->way[0] = port->cables ? &port->cables->rx : NULL;
	out->way[1] = port->cables ? &port->cables->tx : NULL;
}

bool cables_find(const struct lab *lab, const char *name, struct cables *out,
		 struct err *err)
{
	struct link *link = link_find(lab, name);
	struct swport *port;

	if (link) {
		cables_of_link(link, out);
		return true;
	}
	port = lab_find_port(lab, name, err);
	if (!port)
		return false;
	if (link_cable(port))
		return err_set(err,
			       "'%.64s' is an end of link '%s': name that, and "
			       "'forth' or 'back'",
			       name, topo_link_name(port->topo));
	(void)port_cables_of(port);
	cables_of_port(port, out);
	return true;
}

static void reset(const struct cables *cables)
{
	for (int i = 0; i < 2; i++)
		if (cables->way[i])
			cable_reset(cables->way[i]);
}

void cables_reset(struct lab *lab)
{
	struct cables cables;

	for (struct link *link = lab->links.list; link; link = link->next) {
		cables_of_link(link, &cables);
		reset(&cables);
	}
	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next) {
		for (size_t i = 0; i < sw->port_count; i++) {
			cables_of_port(sw->ports[i], &cables);
			reset(&cables);
		}
	}
}

/* --- For answers -------------------------------------------------------- */

void cables_text(const struct topo_impair *impair, char text[CABLES_TEXT_SIZE])
{
	text[0] = '\0';
	for (const struct opt *row = topo_impair_rows; row->key; row++) {
		char value[TOPO_DROP_SIZE];
		const char *quote = row->type == &opt_text ? "'" : "";

		if (opt_is_default(row, impair))
			continue;
		row->type->format(row, opt_value(row, impair), value,
				  sizeof(value));
		opt_append(text, CABLES_TEXT_SIZE, "%s%s %s%s%s",
			   *text ? " " : "", row->key, quote, value, quote);
	}
}

static void about(json_t *object, const struct cable *c)
{
	char text[CABLES_TEXT_SIZE];

	if (!c || topo_impair_is_none(cable_words(c)))
		return;
	cables_text(cable_words(c), text);
	(void)json_object_set_new(object, c->class->name, json_string(text));
}

json_t *cables_about(const struct swport *port)
{
	json_t *object = json_object();
	struct cables cables;

	cables_of_port(port, &cables);
	about(object, cables.way[0]);
	about(object, cables.way[1]);
	about(object, link_cable(port));
	if (json_object_size(object) > 0)
		return object;
	json_decref(object);
	return NULL;
}
