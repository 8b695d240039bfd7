/* SPDX-License-Identifier: MIT */
#include "topo/graph_layout.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_MIN 80 /* of a port */
#define COLUMN_GAP 16
#define SWITCH_GAP 40
#define LEVEL_GAP  12 /* between links above */

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int text_width(const char *text)
{
	return (int)graph_width(text) * LAYOUT_CHAR;
}

static int text_height(const char *text)
{
	return (int)graph_height(text) * LAYOUT_LINE;
}

/* The size of a box with a name and a text below it. */
static void size_box(struct layout_box *box, const char *name, const char *text)
{
	int name_width = (int)strlen(name) * LAYOUT_CHAR;

	box->w = max(name_width, text_width(text)) + 2 * LAYOUT_PAD;
	box->h = LAYOUT_LINE + text_height(text) + LAYOUT_PAD;
}

/* Makes the picture large enough for a box. */
static void include(struct layout *layout, const struct layout_box *box)
{
	struct layout_box *all = &layout->all;
	int right = max(all->x + all->w, box->x + box->w);
	int bottom = max(all->y + all->h, box->y + box->h);

	all->x = box->x < all->x ? box->x : all->x;
	all->y = box->y < all->y ? box->y : all->y;
	all->w = right - all->x;
	all->h = bottom - all->y;
}

/* --- Levels: what would lie on each other ------------------------------- */

struct span {
	int left, right;
	size_t of;
	size_t level;
};

static int shorter_first(const void *a, const void *b)
{
	const struct span *p = a, *q = b;
	int lengths[] = {p->right - p->left, q->right - q->left};

	if (lengths[0] != lengths[1])
		return lengths[0] < lengths[1] ? -1 : 1;
	return p->of < q->of ? -1 : 1;
}

/*
 * Gives each span the lowest level on which it meets no other, shorter ones
 * first. used has room for n. Returns how many levels that took.
 */
static size_t make_levels(struct span *spans, bool *used, size_t n)
{
	size_t count = 0;

	if (n > 1)
		qsort(spans, n, sizeof(*spans), shorter_first);
	for (size_t i = 0; i < n; i++) {
		struct span *span = &spans[i];

		memset(used, 0, n);
		for (size_t k = 0; k < i; k++) {
			if (spans[k].left <= span->right &&
			    span->left <= spans[k].right)
				used[spans[k].level] = true;
		}
		while (used[span->level])
			span->level++;
		if (span->level >= count)
			count = span->level + 1;
	}
	return count;
}

/* --- From left to right --------------------------------------------------- */

static int column_width(const struct layout *layout, const struct graph *graph,
			const struct graph_edge *edge)
{
	int width = max(COLUMN_MIN, text_width(edge->label));

	if (graph->devices[edge->device].edges == 1)
		width = max(width, layout->devices[edge->device].w);
	return width + COLUMN_GAP;
}

static int all_columns(const struct layout *layout, const struct graph *graph,
		       const struct graph_switch *sw)
{
	int width = 0;

	for (size_t i = 0; i < sw->edges; i++)
		width += column_width(layout, graph,
				      &graph->edges[sw->edge + i]);
	return width;
}

/* Places a switch at x, and its ports with what hangs there alone. */
static void place_switch(struct layout *layout, const struct graph *graph,
			 size_t at, int x)
{
	const struct graph_switch *sw = &graph->switches[at];
	struct layout_box *box = &layout->switches[at];
	int columns = all_columns(layout, graph, sw);

	box->x = x;
	box->w = max(box->w, columns);
	x += (box->w - columns) / 2;
	for (size_t i = sw->edge; i < sw->edge + sw->edges; i++) {
		const struct graph_edge *edge = &graph->edges[i];
		struct layout_box *device = &layout->devices[edge->device];
		int width = column_width(layout, graph, edge);

		layout->edges[i] = x + width / 2;
		if (graph->devices[edge->device].edges == 1)
			device->x = layout->edges[i] - device->w / 2;
		x += width;
	}
}

/* The link that is drawn between a switch and the next one, or link_count. */
static size_t find_beside(const struct graph *graph, size_t sw)
{
	size_t i = 0;

	for (; i < graph->link_count; i++) {
		const size_t *ends = graph->links[i].sw;

		if ((ends[0] == sw && ends[1] == sw + 1) ||
		    (ends[1] == sw && ends[0] == sw + 1))
			break;
	}
	return i;
}

static void place_row(struct layout *layout, const struct graph *graph)
{
	int x = 0;

	for (size_t i = 0; i < graph->switch_count; i++) {
		size_t at = find_beside(graph, i);
		int gap = SWITCH_GAP;

		place_switch(layout, graph, i, x);
		x += layout->switches[i].w;
		if (at < graph->link_count) {
			gap = max(gap, text_width(graph->links[at].label) +
					       2 * LAYOUT_PAD);
			layout->links[at] = (struct layout_link){
				.beside = true, .x = {x, x + gap}};
		}
		x += gap;
	}
}

/* --- Links above ---------------------------------------------------------- */

/*
 * Where on its switch's top an end is, so that lines to the same side do not
 * cross: those to the left first, the nearest of them leftmost, then those to
 * the right, the farthest leftmost; of links of the same two switches one runs
 * around the next.
 */
static long end_rank(const struct graph_link *link, int end)
{
	long here = (long)link->sw[end];
	long there = (long)link->sw[!end];

	return there < here ? here - there - 100000 : here - there;
}

static bool is_before(const struct graph *graph, size_t a, int a_end, size_t b,
		      int b_end)
{
	long ranks[] = {end_rank(&graph->links[a], a_end),
			end_rank(&graph->links[b], b_end)};

	if (ranks[0] != ranks[1])
		return ranks[0] < ranks[1];
	if (a == b)
		return a_end < b_end;
	return (a < b) ==
	       (graph->links[a].sw[a_end] < graph->links[a].sw[!a_end]);
}

static void place_end(struct layout *layout, const struct graph *graph,
		      size_t at, int end)
{
	size_t sw = graph->links[at].sw[end];
	const struct layout_box *box = &layout->switches[sw];
	int before = 0, count = 0;

	for (size_t i = 0; i < graph->link_count; i++) {
		for (int e = 0; e < 2 && !layout->links[i].beside; e++) {
			if (graph->links[i].sw[e] != sw)
				continue;
			count++;
			before += is_before(graph, i, e, at, end);
		}
	}
	layout->links[at].x[end] = box->x + box->w * (before + 1) / (count + 1);
}

/* How far a link above reaches: its line and its label. */
static struct span link_span(const struct layout_link *link, const char *label)
{
	int left = link->x[0] < link->x[1] ? link->x[0] : link->x[1];
	int right = max(link->x[0], link->x[1]);
	int more = text_width(label) + 2 * LAYOUT_PAD - (right - left);

	if (more > 0) {
		left -= more / 2;
		right += more / 2;
	}
	return (struct span){.left = left, .right = right};
}

static void place_above(struct layout *layout, const struct graph *graph,
			struct span *spans, bool *used)
{
	int height = LEVEL_GAP;
	size_t n = 0;

	for (size_t i = 0; i < graph->link_count; i++) {
		const char *label = graph->links[i].label;

		if (layout->links[i].beside)
			continue;
		place_end(layout, graph, i, 0);
		place_end(layout, graph, i, 1);
		spans[n] = link_span(&layout->links[i], label);
		spans[n++].of = i;
		height = max(height, LEVEL_GAP + text_height(label));
	}
	(void)make_levels(spans, used, n);
	for (size_t i = 0; i < n; i++) {
		int y = -LEVEL_GAP - height / 2 - (int)spans[i].level * height;

		layout->links[spans[i].of].y = y;
		include(layout, &(struct layout_box){
					spans[i].left, y - height / 2,
					spans[i].right - spans[i].left, 0});
	}
}

/* --- From top to bottom --------------------------------------------------- */

/* Makes all switches as high as the highest; returns where ports' labels
 * end. */
static int place_tops(struct layout *layout, const struct graph *graph)
{
	int height = 0;
	int label = 0;

	for (size_t i = 0; i < graph->switch_count; i++)
		height = max(height, layout->switches[i].h);
	for (size_t i = 0; i < graph->switch_count; i++)
		layout->switches[i].h = height;
	for (size_t i = 0; i < graph->link_count; i++) {
		if (layout->links[i].beside)
			layout->links[i].y = height / 2;
	}
	for (size_t i = 0; i < graph->edge_count; i++)
		label = max(label, text_height(graph->edges[i].label));
	return height + label + 2 * LAYOUT_PAD;
}

/* Gives a device on several ports the width that they are apart. */
static void span_device(struct layout *layout, const struct graph *graph,
			size_t at)
{
	struct layout_box *box = &layout->devices[at];
	int left = INT_MAX, right = INT_MIN;

	for (size_t i = 0; i < graph->edge_count; i++) {
		if (graph->edges[i].device != at)
			continue;
		left = left < layout->edges[i] ? left : layout->edges[i];
		right = max(right, layout->edges[i]);
	}
	box->w = max(box->w, right - left + 2 * LAYOUT_PAD);
	box->x = (left + right) / 2 - box->w / 2;
}

static void place_devices(struct layout *layout, const struct graph *graph,
			  struct span *spans, bool *used)
{
	int y = place_tops(layout, graph);
	int bottom = y, height = 0;
	size_t n = 0;

	for (size_t i = 0; i < graph->device_count; i++) {
		struct layout_box *box = &layout->devices[i];

		box->y = y;
		if (graph->devices[i].edges == 1) {
			bottom = max(bottom, y + box->h + 2 * LAYOUT_PAD);
			continue;
		}
		span_device(layout, graph, i);
		height = max(height, box->h + 2 * LAYOUT_PAD);
		spans[n++] = (struct span){
			.left = box->x, .right = box->x + box->w, .of = i};
	}
	(void)make_levels(spans, used, n);
	for (size_t i = 0; i < n; i++)
		layout->devices[spans[i].of].y =
			bottom + (int)spans[i].level * height;
}

/* --- All of it ------------------------------------------------------------ */

static void place_all(struct layout *layout, const struct graph *graph,
		      struct span *spans, bool *used)
{
	for (size_t i = 0; i < graph->switch_count; i++)
		size_box(&layout->switches[i], graph->switches[i].topo->name,
			 graph->switches[i].words);
	for (size_t i = 0; i < graph->device_count; i++)
		size_box(&layout->devices[i], graph->devices[i].name,
			 graph->devices[i].label);
	place_row(layout, graph);
	place_above(layout, graph, spans, used);
	place_devices(layout, graph, spans, used);
	for (size_t i = 0; i < graph->switch_count; i++)
		include(layout, &layout->switches[i]);
	for (size_t i = 0; i < graph->device_count; i++)
		include(layout, &layout->devices[i]);
}

bool layout_init(struct layout *layout, const struct graph *graph)
{
	size_t most = max((int)graph->device_count, (int)graph->link_count) + 1;
	struct span *spans = calloc(most, sizeof(*spans));
	bool *used = calloc(most, sizeof(*used));
	bool ok;

	*layout = (struct layout){
		.switches = calloc(graph->switch_count + 1,
				   sizeof(*layout->switches)),
		.devices = calloc(graph->device_count + 1,
				  sizeof(*layout->devices)),
		.edges = calloc(graph->edge_count + 1, sizeof(*layout->edges)),
		.links = calloc(graph->link_count + 1, sizeof(*layout->links)),
	};
	ok = spans && used && layout->switches && layout->devices &&
	     layout->edges && layout->links;
	if (ok)
		place_all(layout, graph, spans, used);
	free(spans);
	free(used);
	return ok;
}

void layout_done(struct layout *layout)
{
	free(layout->switches);
	free(layout->devices);
	free(layout->edges);
	free(layout->links);
}
