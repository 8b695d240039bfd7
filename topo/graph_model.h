/* SPDX-License-Identifier: MIT */
/*
 * graph_model: what a picture of a topology is of.
 *
 * A device is what is behind a port, or behind several: a host with interfaces
 * on more than one is one device. An edge joins a device with a switch. All
 * are in the order of the file.
 *
 * Texts are lines, each with "\n" behind it.
 */
#ifndef LABSWITCH_TOPO_GRAPH_MODEL_H
#define LABSWITCH_TOPO_GRAPH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "topo/topo.h"

#define GRAPH_COLUMNS 26 /* where labels are folded */

struct graph_switch {
	const struct topo_switch *topo;
	size_t edge, edges; /* the first of its edges, and how many */
	char *words;        /* its options */
};

struct graph_device {
	char name[TOPO_NAME_SIZE];
	const struct topo_port *port; /* the first */
	size_t edges;
	char *label; /* what is said of it, folded */
};

struct graph_edge {
	size_t sw;
	size_t device;
	const struct topo_port *port;
	char *kind;  /* "KIND ARGS" and the options of the kind */
	char *words; /* the options of the port */
	char *label; /* what stands at the line, folded */
};

struct graph_link {
	size_t sw[2];
	const struct topo_link *topo;
	char *words;
	char *label; /* its name, if it has one, and words, folded */
};

struct graph {
	const struct topo *topo;
	struct graph_switch *switches;
	size_t switch_count;
	struct graph_device *devices;
	size_t device_count;
	struct graph_edge *edges;
	size_t edge_count;
	struct graph_link *links;
	size_t link_count;
};

/* Returns false if there is no memory. In both cases it ends with
 * graph_done(). */
bool graph_init(struct graph *graph, const struct topo *topo);
void graph_done(struct graph *graph);

/* --- Texts -------------------------------------------------------------- */

/* The next line of *text, *len bytes, without its end; NULL: that was all. */
const char *graph_line(const char **text, size_t *len);

/* Columns that len bytes take, if each character takes one. */
size_t graph_columns(const char *text, size_t len);

/* The most columns that a line takes, and how many lines there are. */
size_t graph_width(const char *text);
size_t graph_height(const char *text);

/* --- The formats (graph.h); false if there is no memory ----------------- */

bool graph_ascii(const struct graph *graph, FILE *out);
bool graph_dot(const struct graph *graph, FILE *out);
bool graph_mermaid(const struct graph *graph, FILE *out);
bool graph_svg(const struct graph *graph, FILE *out);

#endif
