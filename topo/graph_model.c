/* SPDX-License-Identifier: MIT */
#include "topo/graph_model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "topo/dump.h"

#define LINE_MAX_BYTES 120 /* of an option; more is cut off */

/* --- Texts -------------------------------------------------------------- */

const char *graph_line(const char **text, size_t *len)
{
	const char *line = *text;

	if (!*line)
		return NULL;
	*len = strcspn(line, "\n");
	*text = line + *len + 1;
	return line;
}

size_t graph_columns(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

size_t graph_width(const char *text)
{
	size_t width = 0;
	size_t len;
	const char *line;

	while ((line = graph_line(&text, &len))) {
		size_t columns = graph_columns(line, len);

		width = columns > width ? columns : width;
	}
	return width;
}

size_t graph_height(const char *text)
{
	size_t height = 0;
	size_t len;

	while (graph_line(&text, &len))
		height++;
	return height;
}

/* Breaks lines at blanks where they are longer than GRAPH_COLUMNS. */
static void fold(char *text)
{
	char *start = text;
	char *blank = NULL;

	for (char *p = text; *p; p++) {
		if (*p == '\n') {
			start = p + 1;
			blank = NULL;
		} else if (*p == ' ') {
			blank = p;
		}
		if (blank && graph_columns(start, (size_t)(p - start) + 1) >
				     GRAPH_COLUMNS) {
			*blank = '\n';
			start = blank + 1;
			blank = NULL;
		}
	}
}

/* Cuts off the ends of lines that no picture has room for. */
static void cut(char *text)
{
	char *to = text;
	const char *from = text;
	const char *line;
	size_t len;

	while ((line = graph_line(&from, &len))) {
		size_t kept = len;

		if (len > LINE_MAX_BYTES) {
			kept = LINE_MAX_BYTES - 3;
			while (((unsigned char)line[kept] & 0xc0) == 0x80)
				kept--;
		}
		memmove(to, line, kept);
		to += kept;
		if (kept < len)
			to = mempcpy(to, "...", 3);
		*to++ = '\n';
	}
	*to = '\0';
}

/* --- What is said of each ------------------------------------------------ */

typedef void write_fn(const struct graph *graph, const void *thing, FILE *out);

/* What write() writes of a thing, or NULL: no memory. */
static char *text_of(const struct graph *graph, write_fn *write,
		     const void *thing)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	write(graph, thing, out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	cut(text);
	return text;
}

static char *label_of(const struct graph *graph, write_fn *write,
		      const void *thing)
{
	char *text = text_of(graph, write, thing);

	if (text)
		fold(text);
	return text;
}

static void write_switch(const struct graph *graph, const void *thing,
			 FILE *out)
{
	const struct graph_switch *sw = thing;

	dump_switch_words(sw->topo, out);
}

static void write_kind(const struct graph *graph, const void *thing, FILE *out)
{
	const struct graph_edge *edge = thing;

	dump_kind(edge->port, out);
}

static void write_words(const struct graph *graph, const void *thing, FILE *out)
{
	const struct graph_edge *edge = thing;

	dump_port_words(edge->port, out);
}

static void write_edge(const struct graph *graph, const void *thing, FILE *out)
{
	const struct graph_edge *edge = thing;
	const struct graph_device *device = &graph->devices[edge->device];

	assert(edge->port);
	if (strcmp(edge->port->name, device->name) != 0)
		fprintf(out, "%s\n", edge->port->name);
	if (device->edges > 1) {
		fprintf(out, "%s\n", edge->port->ifname);
		dump_kind(edge->port, out);
	}
	dump_port_words(edge->port, out);
}

/* That of a device with one edge has all of the port's kind in it. */
static void write_device(const struct graph *graph, const void *thing,
			 FILE *out)
{
	const struct graph_device *device = thing;

	if (device->edges == 1)
		dump_kind(device->port, out);
	dump_host_words(device->port, out);
}

static void write_link(const struct graph *graph, const void *thing, FILE *out)
{
	const struct graph_link *link = thing;

	dump_link_words(link->topo, out);
}

static void write_link_label(const struct graph *graph, const void *thing,
			     FILE *out)
{
	const struct graph_link *link = thing;

	if (link->topo->named)
		fprintf(out, "%s\n", link->topo->conf.name);
	dump_link_words(link->topo, out);
}

/* --- Who is joined with whom ---------------------------------------------- */

static size_t find_device(const struct graph *graph, const char *host)
{
	size_t i = 0;

	while (i < graph->device_count &&
	       (!topo_host_name(graph->devices[i].port) ||
		strcmp(graph->devices[i].name, host) != 0))
		i++;
	return i;
}

static void add_port(struct graph *graph, size_t sw,
		     const struct topo_port *port)
{
	const char *host = topo_host_name(port);
	size_t at = host ? find_device(graph, host) : graph->device_count;
	struct graph_device *device = &graph->devices[at];

	if (at == graph->device_count) {
		(void)snprintf(device->name, sizeof(device->name), "%s",
			       host ? host : port->name);
		device->port = port;
		graph->device_count++;
	}
	device->edges++;
	graph->switches[sw].edges++;
	graph->edges[graph->edge_count++] =
		(struct graph_edge){.sw = sw, .device = at, .port = port};
}

static void join(struct graph *graph)
{
	const struct topo *topo = graph->topo;

	graph->switch_count = topo->switch_count;
	for (size_t i = 0; i < topo->switch_count; i++) {
		const struct topo_switch *sw = &topo->switches[i];

		graph->switches[i].topo = sw;
		graph->switches[i].edge = graph->edge_count;
		for (size_t k = 0; k < sw->port_count; k++) {
			if (!sw->ports[k].link)
				add_port(graph, i, &sw->ports[k]);
		}
	}
	graph->link_count = topo->link_count;
	for (size_t i = 0; i < topo->link_count; i++) {
		const struct topo_link *link = &topo->links[i];

		graph->links[i].topo = link;
		for (int end = 0; end < 2; end++)
			graph->links[i].sw[end] =
				(size_t)(link->ends[end].sw - topo->switches);
	}
}

static bool say_all(struct graph *graph)
{
	bool ok = true;

	for (size_t i = 0; i < graph->switch_count; i++) {
		struct graph_switch *sw = &graph->switches[i];

		sw->words = text_of(graph, write_switch, sw);
		ok = ok && sw->words;
	}
	for (size_t i = 0; i < graph->device_count; i++) {
		struct graph_device *device = &graph->devices[i];

		device->label = label_of(graph, write_device, device);
		ok = ok && device->label;
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		struct graph_edge *edge = &graph->edges[i];

		edge->kind = text_of(graph, write_kind, edge);
		edge->words = text_of(graph, write_words, edge);
		edge->label = label_of(graph, write_edge, edge);
		ok = ok && edge->kind && edge->words && edge->label;
	}
	for (size_t i = 0; i < graph->link_count; i++) {
		struct graph_link *link = &graph->links[i];

		link->words = text_of(graph, write_link, link);
		link->label = label_of(graph, write_link_label, link);
		ok = ok && link->words && link->label;
	}
	return ok;
}

bool graph_init(struct graph *graph, const struct topo *topo)
{
	size_t ports = 0;

	for (size_t i = 0; i < topo->switch_count; i++)
		ports += topo->switches[i].port_count;
	*graph = (struct graph){.topo = topo};
	graph->switches =
		calloc(topo->switch_count + 1, sizeof(*graph->switches));
	graph->devices = calloc(ports + 1, sizeof(*graph->devices));
	graph->edges = calloc(ports + 1, sizeof(*graph->edges));
	graph->links = calloc(topo->link_count + 1, sizeof(*graph->links));
	if (!graph->switches || !graph->devices || !graph->edges ||
	    !graph->links)
		return false;
	join(graph);
	return say_all(graph);
}

void graph_done(struct graph *graph)
{
	for (size_t i = 0; i < graph->switch_count; i++)
		free(graph->switches[i].words);
	for (size_t i = 0; i < graph->device_count; i++)
		free(graph->devices[i].label);
	for (size_t i = 0; i < graph->edge_count; i++) {
		free(graph->edges[i].kind);
		free(graph->edges[i].words);
		free(graph->edges[i].label);
	}
	for (size_t i = 0; i < graph->link_count; i++) {
		free(graph->links[i].words);
		free(graph->links[i].label);
	}
	free(graph->switches);
	free(graph->devices);
	free(graph->edges);
	free(graph->links);
}
