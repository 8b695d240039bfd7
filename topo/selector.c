/* SPDX-License-Identifier: MIT */
#include "topo/selector.h"

#include <stdio.h>
#include <string.h>

#include "topo/suggest.h"
#include "topo/topo.h"

#define ALL "all" /* which no switch can be called */

_Static_assert(SELECTOR_NAME_SIZE == TOPO_NAME_SIZE, "of the same names");

/* "#7", as ports are called that are in no file. */
static bool is_dynamic(const char *port)
{
	size_t digits = strspn(port + (port[0] == '#'), "0123456789");

	return port[0] == '#' && digits >= 1 && digits <= 4 &&
	       !port[1 + digits];
}

/* A name, also as links have it that are not given one: "a--b#2". */
static bool is_name(const char *text)
{
	char name[TOPO_NAME_SIZE];
	size_t len = strcspn(text, "#");

	(void)snprintf(name, sizeof(name), "%.*s", (int)len, text);
	return topo_name_valid(name) && strlen(text) < sizeof(name) &&
	       (!text[len] || is_dynamic(text + len));
}

bool selector_parse(const char *text, struct selector *selector,
		    struct err *err)
{
	char sw[TOPO_NAME_SIZE + 1]; /* one more: too long is seen */
	const char *dot = strchr(text, '.');
	const char *port = dot ? dot + 1 : "*";
	size_t len = strcspn(text, ".");
	bool all = strcmp(text, ALL) == 0;

	(void)snprintf(sw, sizeof(sw), "%.*s", (int)len, text);
	if (!(all || is_name(sw)) ||
	    !(strcmp(port, "*") == 0 || is_name(port) || is_dynamic(port)))
		return err_set(err,
			       "is '%.70s', expected all, SWITCH, SWITCH.*, "
			       "SWITCH.PORT or LINK",
			       text);
	memset(selector, 0, sizeof(*selector));
	memcpy(selector->sw, sw, len);
	if (*port != '*')
		memcpy(selector->port, port, strlen(port));
	return true;
}

const char *selector_format(const struct selector *selector,
			    char buf[SELECTOR_TEXT_SIZE])
{
	(void)snprintf(buf, SELECTOR_TEXT_SIZE, "%s%s%s", selector->sw,
		       *selector->port ? "." : "", selector->port);
	return buf;
}

bool selector_takes(const struct selector *selector, const char *sw,
		    const char *port, const char *link)
{
	if (strcmp(selector->sw, ALL) == 0)
		return true;
	if (*selector->port)
		return strcmp(selector->sw, sw) == 0 &&
		       strcmp(selector->port, port) == 0;
	return strcmp(selector->sw, sw) == 0 ||
	       (link && strcmp(selector->sw, link) == 0);
}

/* --- What there is to select -------------------------------------------- */

/* The switch that has a port of this name, or NULL. */
static const struct topo_switch *switch_with(const struct topo *topo,
					     const char *port)
{
	for (size_t i = 0; i < topo->switch_count; i++) {
		if (topo_find_port(&topo->switches[i], port))
			return &topo->switches[i];
	}
	return NULL;
}

static bool no_switch(const struct selector *selector, const struct topo *topo,
		      struct err *err)
{
	const char *name = selector->sw;
	const struct topo_switch *sw = switch_with(topo, name);
	struct suggest s = suggest_for(name);

	if (sw && !*selector->port)
		return err_set(err, "is '%s', a port: did you mean '%s.%s'?",
			       name, sw->name, name);
	for (size_t i = 0; i < topo->switch_count; i++)
		suggest_try(&s, topo->switches[i].name);
	if (*selector->port)
		return err_set(err,
			       "has '%s', but there is no switch of that "
			       "name%s",
			       name, suggest_tail(&s));
	for (size_t i = 0; i < topo->link_count; i++)
		suggest_try(&s, topo->links[i].conf.name);
	return err_set(err,
		       "is '%s', but there is no switch or link of that name%s",
		       name, suggest_tail(&s));
}

static bool no_port(const struct selector *selector,
		    const struct topo_switch *sw, struct err *err)
{
	struct suggest s = suggest_for(selector->port);

	if (is_dynamic(selector->port))
		return err_set(err,
			       "is '%s.%s', a port that comes and goes; '%s.*' "
			       "has it",
			       sw->name, selector->port, sw->name);
	for (size_t i = 0; i < sw->port_count; i++)
		suggest_try(&s, sw->ports[i].name);
	return err_set(err, "is '%s.%s', but switch '%s' has no such port%s",
		       sw->name, selector->port, sw->name, suggest_tail(&s));
}

bool selector_check(const struct selector *selector, const struct topo *topo,
		    struct err *err)
{
	const struct topo_switch *sw;

	if (strcmp(selector->sw, ALL) == 0)
		return true;
	if (!*selector->port && topo_find_link(topo, selector->sw))
		return true;
	sw = topo_find_switch(topo, selector->sw);
	if (!sw)
		return no_switch(selector, topo, err);
	return !*selector->port || topo_find_port(sw, selector->port) ||
	       no_port(selector, sw, err);
}
