/* SPDX-License-Identifier: MIT */
/*
 * graph_layout: places for a picture, in pixels.
 *
 *	   +------- link of switches apart ---+
 *	+--+--+ link of neighbours +-----+ +--+--+
 *	| sw1 +--------------------+ sw2 | | sw3 |
 *	++---++                    +--+--+ +--+--+
 *	 |   |                        |       |
 *	pc1  +----- host on both -----+      pc2
 *
 * Switches stand in a row in the order of the file, each as wide as its ports
 * need, and ports hang below in columns. Links of switches that are not beside
 * each other, or have one already, run above at levels of their own; hosts on
 * several ports lie below, as wide as these are apart. It is made for pictures
 * of a lab: a switch with 50 ports is a very wide one.
 */
#ifndef LABSWITCH_TOPO_GRAPH_LAYOUT_H
#define LABSWITCH_TOPO_GRAPH_LAYOUT_H

#include "topo/graph_model.h"

#define LAYOUT_CHAR 8  /* width of a character */
#define LAYOUT_LINE 17 /* height of a line */
#define LAYOUT_PAD  10 /* between a text and what is around it */

struct layout_box {
	int x, y, w, h;
};

struct layout_link {
	bool beside; /* straight, between neighbours */
	int x[2];    /* of its ends; if not beside: on top of the switches */
	int y;       /* of its horizontal line */
};

struct layout {
	struct layout_box *switches;
	struct layout_box *devices;
	int *edges; /* x of each */
	struct layout_link *links;
	struct layout_box all;
};

/* Returns false if there is no memory. In both cases it ends with
 * layout_done(). */
bool layout_init(struct layout *layout, const struct graph *graph);
void layout_done(struct layout *layout);

#endif
