/* SPDX-License-Identifier: MIT */
/*
 * The picture as text for programs that draw: Graphviz' dot and Mermaid, which
 * find the places themselves. Nodes have numbers for names, so no name of the
 * topology can mean something there; what is shown is quoted.
 */
#include <string.h>

#include "topo/graph_model.h"

/* How a language writes what is shown. */
struct language {
	const char *line_break;
	/* One byte of a text. */
	void (*put)(FILE *out, char c);
};

static void put_lines(const struct language *language, const char *text,
		      FILE *out)
{
	for (; *text; text++) {
		if (*text != '\n')
			language->put(out, *text);
		else if (text[1])
			fputs(language->line_break, out);
	}
}

/* A name, and what is said of it below. */
static void put_label(const struct language *language, const char *name,
		      const char *text, FILE *out)
{
	put_lines(language, name, out);
	if (*text)
		fputs(language->line_break, out);
	put_lines(language, text, out);
}

/* --- dot ---------------------------------------------------------------- */

static void dot_put(FILE *out, char c)
{
	if (c == '"' || c == '\\')
		fputc('\\', out);
	fputc(c, out);
}

static const struct language dot = {"\\n", dot_put};

bool graph_dot(const struct graph *graph, FILE *out)
{
	fprintf(out, "graph \"%s\" {\n", graph->topo->name);
	fputs("\tnode [shape=box, fontname=monospace, fontsize=11]\n"
	      "\tedge [fontname=monospace, fontsize=10]\n",
	      out);
	for (size_t i = 0; i < graph->switch_count; i++) {
		fprintf(out, "\ts%zu [style=filled, label=\"", i);
		put_label(&dot, graph->switches[i].topo->name,
			  graph->switches[i].words, out);
		fputs("\"]\n", out);
	}
	for (size_t i = 0; i < graph->device_count; i++) {
		fprintf(out, "\td%zu [label=\"", i);
		put_label(&dot, graph->devices[i].name, graph->devices[i].label,
			  out);
		fputs("\"]\n", out);
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		fprintf(out, "\ts%zu -- d%zu [label=\"", graph->edges[i].sw,
			graph->edges[i].device);
		put_lines(&dot, graph->edges[i].label, out);
		fputs("\"]\n", out);
	}
	for (size_t i = 0; i < graph->link_count; i++) {
		fprintf(out, "\ts%zu -- s%zu [style=bold, label=\"",
			graph->links[i].sw[0], graph->links[i].sw[1]);
		put_lines(&dot, graph->links[i].label, out);
		fputs("\"]\n", out);
	}
	fputs("}\n", out);
	return true;
}

/* --- Mermaid ------------------------------------------------------------ */

/* What could mean something there is written as its number. */
static void mermaid_put(FILE *out, char c)
{
	if ((unsigned char)c >= 0x80 || strchr(" ,.:/_-", c) ||
	    (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z'))
		fputc(c, out);
	else
		fprintf(out, "#%u;", (unsigned char)c);
}

static const struct language mermaid = {"<br/>", mermaid_put};

static void mermaid_line(const char *line, const char *label, FILE *out)
{
	fprintf(out, " %s", line);
	if (*label) {
		fputs("|\"", out);
		put_lines(&mermaid, label, out);
		fputs("\"|", out);
	}
	fputc(' ', out);
}

bool graph_mermaid(const struct graph *graph, FILE *out)
{
	fputs("flowchart TB\n", out);
	for (size_t i = 0; i < graph->switch_count; i++) {
		fprintf(out, "\ts%zu[[\"", i);
		put_label(&mermaid, graph->switches[i].topo->name,
			  graph->switches[i].words, out);
		fputs("\"]]\n", out);
	}
	for (size_t i = 0; i < graph->device_count; i++) {
		fprintf(out, "\td%zu[\"", i);
		put_label(&mermaid, graph->devices[i].name,
			  graph->devices[i].label, out);
		fputs("\"]\n", out);
	}
	for (size_t i = 0; i < graph->edge_count; i++) {
		fprintf(out, "\ts%zu", graph->edges[i].sw);
		mermaid_line("---", graph->edges[i].label, out);
		fprintf(out, "d%zu\n", graph->edges[i].device);
	}
	for (size_t i = 0; i < graph->link_count; i++) {
		fprintf(out, "\ts%zu", graph->links[i].sw[0]);
		mermaid_line("===", graph->links[i].label, out);
		fprintf(out, "s%zu\n", graph->links[i].sw[1]);
	}
	return true;
}
