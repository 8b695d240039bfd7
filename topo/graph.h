/* SPDX-License-Identifier: MIT */
/*
 * graph: a picture of a topology: switches, their ports and what is behind
 * them, links; with the words that the file has for each.
 *
 *	topo --graph_model.c--> who is joined with whom, and the words
 *	     --graph_ascii.c--> a listing of 80 columns
 *	     --graph_text.c---> Graphviz' dot, or Mermaid
 *	     --graph_layout.c-> places --graph_svg.c--> SVG
 *
 * One topology always gives the same picture, byte by byte, so pictures can be
 * kept beside files and be compared.
 */
#ifndef LABSWITCH_TOPO_GRAPH_H
#define LABSWITCH_TOPO_GRAPH_H

#include <stdio.h>

#include "switchd/core/err.h"

struct topo;

enum graph_format {
	GRAPH_ASCII,
	GRAPH_DOT,
	GRAPH_MERMAID,
	GRAPH_SVG,
	GRAPH_FORMAT_COUNT
};

/* Their names; NULL-ended. */
extern const char *const graph_formats[];

/* Writes the picture. Returns false and err if there is no memory for it. */
bool topo_graph(const struct topo *topo, enum graph_format format, FILE *out,
		struct err *err);

#endif
