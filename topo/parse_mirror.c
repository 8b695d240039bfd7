/* SPDX-License-Identifier: MIT */
/* Mirrors name ports of their switch, links' among them, so they are checked
 * once all are there. */
#include "topo/parse.h"

#include <string.h>

static void check_name(struct parser *p, const struct topo_switch *sw,
		       const struct topo_port *mirror, const char *name)
{
	const struct topo_port *port = topo_find_port(sw, name);
	struct suggest s = suggest_for(name);

	if (strcmp(name, "all") == 0)
		return;
	for (size_t i = 0; i < sw->port_count; i++)
		suggest_try(&s, sw->ports[i].name);
	if (!port)
		(void)parse_fail(p, mirror->mark,
				 "'mirror' has '%s', but switch '%s' has no "
				 "port or link of that name%s",
				 name, sw->name, suggest_tail(&s));
	else if (topo_is_mirror(port))
		(void)parse_fail(p, mirror->mark,
				 "'mirror' has '%s', a mirror %s", name,
				 port == mirror ? "itself" : "too");
}

void parse_check_mirrors(struct parser *p, const struct topo_switch *sw)
{
	unsigned count = 0;

	for (size_t i = 0; i < sw->port_count; i++) {
		const struct topo_port *mirror = &sw->ports[i];
		const struct mirror_words *words = &mirror->conf.mirror;

		parse_enter(p, "port", mirror->name);
		for (size_t k = 0; k < TOPO_MIRRORED_MAX && *words->of[k]; k++)
			check_name(p, sw, mirror, words->of[k]);
		count += topo_is_mirror(mirror);
		if (topo_is_mirror(mirror) && count == TOPO_MIRRORS_MAX + 1)
			(void)parse_fail(p, mirror->mark,
					 "more than %d mirrors on switch '%s'",
					 TOPO_MIRRORS_MAX, sw->name);
	}
	parse_enter(p, "", NULL);
}
