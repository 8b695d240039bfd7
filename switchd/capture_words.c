/* SPDX-License-Identifier: MIT */
#include "switchd/capture_words.h"

#include <stdio.h>
#include <string.h>

#include "switchd/cmd.h"
#include "topo/selector.h"
#include "topo/topo.h"

static bool has_switch(const json_t *show, const char *name)
{
	const json_t *sw;
	size_t i;

	json_array_foreach(json_object_get(show, "switches"), i, sw)
	{
		if (strcmp(cmd_text(sw, "switch"), name) == 0)
			return true;
	}
	return false;
}

/* A link is called like its ports, but for "-back" at one of them. */
static bool has_link(const json_t *show, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(show, "rows"), i, row)
	{
		const char *kind = cmd_text(row, "kind");

		if (kind && strcmp(kind, topo_link_kind.name) == 0 &&
		    strcmp(strchr(cmd_text(row, "port"), '.') + 1, name) == 0)
			return true;
	}
	return false;
}

/* The full name of the port that is called so, or NULL; *count of them. */
static const char *find_port(const json_t *show, const char *name, int *count)
{
	const char *found = NULL;
	const json_t *row;
	size_t i;

	*count = 0;
	json_array_foreach(json_object_get(show, "rows"), i, row)
	{
		const char *full = cmd_text(row, "port");
		const char *port =
			strchr(name, '.') ? full : strchr(full, '.') + 1;

		if (strcmp(port, name) == 0) {
			found = full;
			++*count;
		}
	}
	return found;
}

/*
 * The selector that a word is, or NULL: err says why it cannot be one, or is
 * empty if it may be a word of a filter.
 */
static const char *place_of(const json_t *show, const char *word,
			    struct err *err)
{
	struct selector selector;
	const char *full;
	int count;

	err->msg[0] = '\0';
	if (strcmp(word, "all") == 0 || has_switch(show, word) ||
	    has_link(show, word))
		return word;
	full = find_port(show, word, &count);
	if (count > 1) {
		(void)err_set(err,
			      "port '%s' is on more than one switch: say "
			      "SWITCH.%s",
			      word, word);
		return NULL;
	}
	if (full || !strchr(word, '.') ||
	    !selector_parse(word, &selector, NULL))
		return full;
	if (!selector.port[0] && has_switch(show, selector.sw))
		return word;
	(void)err_set(err, "there is no port '%s'", word);
	return NULL;
}

static bool add_word(char filter[FILTER_TEXT_MAX + 1], const char *word,
		     struct err *err)
{
	size_t used = strlen(filter);
	size_t room = FILTER_TEXT_MAX + 1 - used;
	int len = snprintf(filter + used, room, "%s%s", used ? " " : "", word);

	return (size_t)len < room ||
	       err_set(err, "the filter is longer than %d bytes",
		       FILTER_TEXT_MAX);
}

/* Ports first, then the filter; if that is there already, ports only. */
static bool sort_words(const json_t *show, const json_t *words, json_t *of,
		       char filter[FILTER_TEXT_MAX + 1], struct err *err)
{
	bool ports_only = filter[0];
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
	{
		const char *text = json_string_value(word);
		const char *place = NULL;

		if (ports_only || !filter[0]) {
			place = place_of(show, text, err);
			if (!place && err->msg[0])
				return false;
		}
		if (place)
			(void)json_array_append_new(of, json_string(place));
		else if (ports_only || i == 0)
			return err_set(err, "there is no port '%s'", text);
		else if (!add_word(filter, text, err))
			return false;
	}
	return true;
}

json_t *capture_words(const json_t *show, const json_t *params,
		      char filter[FILTER_TEXT_MAX + 1], struct err *err)
{
	const json_t *words = json_object_get(params, "ports");
	const char *rest = cmd_text(params, "filter");
	json_t *of = json_array();

	filter[0] = '\0';
	if ((!rest || add_word(filter, rest, err)) &&
	    sort_words(show, words, of, filter, err))
		return of;
	json_decref(of);
	return NULL;
}
