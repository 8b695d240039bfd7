/* SPDX-License-Identifier: MIT */
/*
 * bpdu: what bridges tell each other (IEEE 802.1D-2004 clause 9), as frames.
 *
 *	01:80:c2:00:00:00 | source | length | 42 42 03 | BPDU | padding
 *
 *	octet	  Config, RST		(9.3.1, 9.3.3; a TCN ends after 3)
 *	 0-1	  protocol: 0
 *	 2	  version: 0 (Config, TCN), 2 (RST)
 *	 3	  type: 00 Config, 80 TCN, 02 RST
 *	 4	  flags: TC 01, proposal 02, role 0c, learning 10,
 *		  forwarding 20, agreement 40, TC acknowledged 80
 *	 5-12	  root identifier
 *	13-16	  root path cost
 *	17-26	  bridge identifier, port identifier
 *	27-34	  message age, max age, hello time, forward delay: 1/256 s
 *	35	  RST: length of what version 1 adds, 0
 *
 * A BPDU of a version to come is read as what this version knows of it (9.3.4).
 */
#ifndef LABSWITCH_CORE_BPDU_H
#define LABSWITCH_CORE_BPDU_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/frame.h"
#include "switchd/core/mac.h"
#include "switchd/core/stp_vector.h"

#define BPDU_FRAME 60 /* the least frame of Ethernet without its FCS */

/* The bounds of table 17-1, hello times as earlier editions had them. */
#define STP_HELLO_MIN         1
#define STP_HELLO_MAX         10
#define STP_MAX_AGE_MIN       6
#define STP_MAX_AGE_MAX       40
#define STP_FORWARD_DELAY_MIN 4
#define STP_FORWARD_DELAY_MAX 30

enum bpdu_type { BPDU_CONFIG, BPDU_TCN, BPDU_RST, BPDU_TYPE_COUNT };

/* The role of the port that sent it, as it is on the wire (9.2.9). */
enum bpdu_role {
	BPDU_UNKNOWN,
	BPDU_ALTERNATE, /* or backup */
	BPDU_ROOT,
	BPDU_DESIGNATED
};

struct bpdu {
	enum bpdu_type type;
	enum bpdu_role role; /* designated, of a Config BPDU */
	bool topology_change;
	bool topology_change_ack;
	bool proposal;
	bool agreement;
	bool learning;
	bool forwarding;
	struct stp_vector vector; /* rx is 0 */
	struct stp_times times;
};

/* 01:80:c2:00:00:00, the bridge group address (table 7-10). */
bool bpdu_is_for(const uint8_t dst[6]);

/*
 * Reads a frame of any length. Returns false if it is not a BPDU, or an invalid
 * one (9.3.4): too short for its type, an unknown protocol or type, or older
 * than it may get.
 *
 * Times are rounded to seconds and brought within the bounds above, so whatever
 * a neighbour says, no timer is without end and none makes us busy. An RST BPDU
 * whose role is unknown is given as a Config BPDU (9.2.9).
 */
bool bpdu_parse(const struct frame *f, struct bpdu *b);

/* Writes a whole frame, padded with zeros; b->times are in seconds. */
void bpdu_emit(const struct bpdu *b, const struct mac *src,
	       uint8_t frame[BPDU_FRAME]);

#endif
