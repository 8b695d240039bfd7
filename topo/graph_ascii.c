/* SPDX-License-Identifier: MIT */
/*
 * A listing with lines in it, for terminals and plain text: each switch, below
 * it its ports, and behind each what the file says. Words go to a new line
 * where 80 columns end; a word is not cut.
 */
#include "topo/graph_model.h"

#include <string.h>

#define COLUMNS 80

/* A place on the screen. */
struct pen {
	FILE *out;
	size_t column;
	size_t indent; /* of lines that go on with what began before */
};

static void put(struct pen *pen, const char *text, size_t len)
{
	fwrite(text, 1, len, pen->out);
	pen->column += graph_columns(text, len);
}

static void put_text(struct pen *pen, const char *text)
{
	put(pen, text, strlen(text));
}

static void fill(struct pen *pen, char c, size_t column)
{
	while (pen->column < column)
		put(pen, &c, 1);
}

static void end_line(struct pen *pen)
{
	fputc('\n', pen->out);
	pen->column = 0;
}

/* Words, the first after a blank, on as many lines as that takes. */
static void put_words(struct pen *pen, const char *text, size_t len)
{
	while (len > 0) {
		const char *blank = memchr(text, ' ', len);
		size_t word = blank ? (size_t)(blank - text) : len;
		size_t columns = graph_columns(text, word) + 1;

		if (pen->column + columns > COLUMNS &&
		    pen->column > pen->indent) {
			end_line(pen);
			put_text(pen, "  |");
			fill(pen, ' ', pen->indent);
		}
		put_text(pen, " ");
		put(pen, text, word);
		text += word + (blank ? 1 : 0);
		len -= word + (blank ? 1 : 0);
	}
}

/* Each line as words after a comma. */
static void put_options(struct pen *pen, const char *text)
{
	const char *line;
	size_t len;

	while ((line = graph_line(&text, &len))) {
		put_text(pen, ",");
		put_words(pen, line, len);
	}
}

static void put_port(struct pen *pen, const struct graph *graph,
		     const struct graph_edge *edge)
{
	const struct graph_device *device = &graph->devices[edge->device];
	const char *kind = edge->kind;
	size_t len;
	const char *first = graph_line(&kind, &len);

	put_text(pen, "  +-- ");
	put_text(pen, edge->port->name);
	put_text(pen, " ");
	fill(pen, '-', pen->indent);
	put_words(pen, first, len);
	put_options(pen, kind);
	if (topo_host_name(edge->port) &&
	    (device->edges > 1 || strcmp(device->name, edge->port->name) != 0))
		fprintf(pen->out, ", %s of %s", edge->port->ifname,
			device->name);
	put_options(pen, edge->words);
	end_line(pen);
}

static void put_link(struct pen *pen, const struct graph_link *link, int end)
{
	const struct topo_link *topo = link->topo;

	put_text(pen, "  +== ");
	put_text(pen, topo->ends[end].port->name);
	put_text(pen, " ");
	fill(pen, '=', pen->indent);
	put_text(pen, " [");
	put_text(pen, topo->ends[!end].sw->name);
	put_text(pen, "]");
	put_options(pen, link->words);
	end_line(pen);
}

/* Where what is behind ports begins: as far right as the longest name. */
static size_t indent_of(const struct topo_switch *sw)
{
	size_t longest = 0;

	for (size_t i = 0; i < sw->port_count; i++) {
		size_t len = strlen(sw->ports[i].name);

		longest = len > longest ? len : longest;
	}
	return longest + sizeof("  +-- ") + 3;
}

static void put_switch(const struct graph *graph, size_t at, FILE *out)
{
	const struct graph_switch *sw = &graph->switches[at];
	struct pen pen = {out, 0, 3};

	put_text(&pen, "[");
	put_text(&pen, sw->topo->name);
	put_text(&pen, "]");
	put_options(&pen, sw->words);
	end_line(&pen);
	if (sw->topo->port_count > 0)
		fputs("  |\n", out);
	pen.indent = indent_of(sw->topo);
	for (size_t i = 0; i < sw->edges; i++)
		put_port(&pen, graph, &graph->edges[sw->edge + i]);
	for (size_t i = 0; i < graph->link_count; i++) {
		for (int end = 0; end < 2; end++) {
			if (graph->links[i].sw[end] == at)
				put_link(&pen, &graph->links[i], end);
		}
	}
}

bool graph_ascii(const struct graph *graph, FILE *out)
{
	for (size_t i = 0; i < graph->switch_count; i++) {
		if (i > 0)
			fputc('\n', out);
		put_switch(graph, i, out);
	}
	return true;
}
