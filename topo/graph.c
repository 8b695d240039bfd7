/* SPDX-License-Identifier: MIT */
#include "topo/graph.h"

#include "topo/graph_model.h"

static bool (*const writers[])(const struct graph *graph, FILE *out) = {
	[GRAPH_ASCII] = graph_ascii,
	[GRAPH_DOT] = graph_dot,
	[GRAPH_MERMAID] = graph_mermaid,
	[GRAPH_SVG] = graph_svg,
};

const char *const graph_formats[] = {
	[GRAPH_ASCII] = "ascii",     [GRAPH_DOT] = "dot",
	[GRAPH_MERMAID] = "mermaid", [GRAPH_SVG] = "svg",
	[GRAPH_FORMAT_COUNT] = NULL,
};

_Static_assert(sizeof(writers) / sizeof(writers[0]) == GRAPH_FORMAT_COUNT,
	       "a writer for each format");
_Static_assert(sizeof(graph_formats) / sizeof(graph_formats[0]) ==
		       GRAPH_FORMAT_COUNT + 1,
	       "a name for each format");

bool topo_graph(const struct topo *topo, enum graph_format format, FILE *out,
		struct err *err)
{
	struct graph graph;
	bool ok = graph_init(&graph, topo) && writers[format](&graph, out);

	graph_done(&graph);
	return ok || err_set(err, "no memory");
}
