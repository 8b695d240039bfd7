/* SPDX-License-Identifier: MIT */
/* cables: those of a lab, by the names of links and ports. */
#ifndef LABSWITCH_SWITCHD_CABLES_H
#define LABSWITCH_SWITCHD_CABLES_H

#include <jansson.h>
#include <stdbool.h>

#include "switchd/cable.h"
#include "switchd/core/err.h"

struct lab;
struct link;
struct swport;

/* Both directions of a link, or of a port that is no end of one. */
struct cables {
	struct cable *way[2]; /* forth, back; rx, tx. NULL: a perfect one, that
			       * is not there */
};

/* By name; they are made if they are not there. NULL and err if there is no
 * such link or port. */
bool cables_find(const struct lab *lab, const char *name, struct cables *out,
		 struct err *err);

void cables_of_link(struct link *link, struct cables *out);
void cables_of_port(const struct swport *port, struct cables *out);

/* The words of the file are in force again, everywhere. */
void cables_reset(struct lab *lab);

/* --- For answers -------------------------------------------------------- */

/* Words as they are typed: "delay 20ms loss 1%"; empty: none. */
#define CABLES_TEXT_SIZE 640
void cables_text(const struct topo_impair *impair, char text[CABLES_TEXT_SIZE]);

/* {"rx": TEXT} of each direction of a port, or of the one that leaves at the
 * end of a link, that is not perfect; NULL: there is none. */
json_t *cables_about(const struct swport *port);

#endif
