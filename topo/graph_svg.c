/* SPDX-License-Identifier: MIT */
/*
 * The picture as SVG 1.1, for documents: of a size in pixels that a browser
 * shrinks where it is too wide, on a background of its own, without scripts,
 * fonts or anything else from outside. Lines are drawn first, so that boxes
 * and labels lie on them.
 */
#include <string.h>

#include "topo/graph_layout.h"

#define MARGIN 12

static void put_char(FILE *out, char c)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	default:
		fputc(c, out);
	}
}

/* A line of text about x, on the line y. */
static void put_text(FILE *out, const char *class, int x, int y,
		     const char *text, size_t len)
{
	fprintf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
	for (size_t i = 0; i < len; i++)
		put_char(out, text[i]);
	fputs("</text>\n", out);
}

/* Lines of text about x, the first below y. */
static void put_lines(FILE *out, const char *class, int x, int y,
		      const char *text)
{
	const char *line;
	size_t len;

	while ((line = graph_line(&text, &len))) {
		y += LAYOUT_LINE;
		put_text(out, class, x, y, line, len);
	}
}

static void put_box(FILE *out, const char *class, const struct layout_box *box,
		    const char *name, const char *text)
{
	int x = box->x + box->w / 2;
	int y = box->y + LAYOUT_LINE;

	fprintf(out,
		"<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
		"height=\"%d\" rx=\"5\"/>\n",
		class, box->x, box->y, box->w, box->h);
	put_text(out, "name", x, y, name, strlen(name));
	put_lines(out, "words", x, y, text);
}

static void put_head(const struct graph *graph, const struct layout_box *all,
		     FILE *out)
{
	int x = all->x - MARGIN, y = all->y - MARGIN;
	int w = all->w + 2 * MARGIN, h = all->h + 2 * MARGIN;

	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		"height=\"%d\" viewBox=\"%d %d %d %d\" role=\"img\">\n",
		w, h, x, y, w, h);
	fprintf(out, "<title>%s</title>\n",
		graph->topo->name[0] ? graph->topo->name : "topology");
	fputs("<style>\n"
	      "text { font: 12px monospace; text-anchor: middle; fill: #222 }\n"
	      ".name { font-weight: bold; font-size: 13px }\n"
	      ".label { paint-order: stroke; stroke: #fff; stroke-width: 5px; "
	      "fill: #555 }\n"
	      ".port { stroke: #555; stroke-width: 1.5; fill: none }\n"
	      ".link { stroke: #1a5fb4; stroke-width: 3; fill: none }\n"
	      ".switch { fill: #cfe2ff; stroke: #1a5fb4; stroke-width: 1.5 }\n"
	      ".host { fill: #e6f4e1; stroke: #3d7a2f }\n"
	      ".plug { fill: #f4f1e6; stroke: #8a7a3a }\n"
	      "</style>\n",
	      out);
	fprintf(out,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		"fill=\"#fff\"/>\n",
		x, y, w, h);
}

static void put_edge_lines(const struct graph *graph,
			   const struct layout *layout, FILE *out)
{
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct graph_edge *edge = &graph->edges[i];

		fprintf(out, "<path class=\"port\" d=\"M%d %dV%d\"/>\n",
			layout->edges[i], layout->switches[edge->sw].h,
			layout->devices[edge->device].y);
	}
}

static void put_link_lines(const struct graph *graph,
			   const struct layout *layout, FILE *out)
{
	for (size_t i = 0; i < graph->link_count; i++) {
		const struct layout_link *link = &layout->links[i];

		fprintf(out, "<path class=\"link\" d=\"M%d %d", link->x[0],
			link->beside ? link->y : 0);
		if (link->beside)
			fprintf(out, "H%d\"/>\n", link->x[1]);
		else
			fprintf(out, "V%dH%dV0\"/>\n", link->y, link->x[1]);
	}
}

static void put_labels(const struct graph *graph, const struct layout *layout,
		       FILE *out)
{
	for (size_t i = 0; i < graph->edge_count; i++)
		put_lines(out, "label", layout->edges[i],
			  layout->switches[graph->edges[i].sw].h + 4,
			  graph->edges[i].label);
	for (size_t i = 0; i < graph->link_count; i++) {
		const struct layout_link *link = &layout->links[i];
		const char *label = graph->links[i].label;
		int height = (int)graph_height(label) * LAYOUT_LINE;

		put_lines(out, "label", (link->x[0] + link->x[1]) / 2,
			  link->beside ? link->y : link->y - height / 2 - 4,
			  label);
	}
}

static void put_boxes(const struct graph *graph, const struct layout *layout,
		      FILE *out)
{
	for (size_t i = 0; i < graph->switch_count; i++)
		put_box(out, "switch", &layout->switches[i],
			graph->switches[i].topo->name,
			graph->switches[i].words);
	for (size_t i = 0; i < graph->device_count; i++) {
		const struct graph_device *device = &graph->devices[i];

		put_box(out, topo_host_name(device->port) ? "host" : "plug",
			&layout->devices[i], device->name, device->label);
	}
}

bool graph_svg(const struct graph *graph, FILE *out)
{
	struct layout layout;
	bool ok = layout_init(&layout, graph);

	if (ok) {
		put_head(graph, &layout.all, out);
		put_link_lines(graph, &layout, out);
		put_edge_lines(graph, &layout, out);
		put_boxes(graph, &layout, out);
		put_labels(graph, &layout, out);
		fputs("</svg>\n", out);
	}
	layout_done(&layout);
	return ok;
}
