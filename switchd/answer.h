/* SPDX-License-Identifier: MIT */
/*
 * answer: what the serve() functions of several commands share.
 *
 * A listing may be longer than one reply, so it comes in pages. The next page
 * begins at a position, not at a row number: what came or went in between
 * moves nothing else in or out of the listing. A page ends after
 * ANSWER_ROWS_MAX rows or ANSWER_BYTES_MAX bytes, whichever is first.
 */
#ifndef LABSWITCH_SWITCHD_ANSWER_H
#define LABSWITCH_SWITCHD_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/counters.h"
#include "switchd/core/err.h"

#define ANSWER_ROWS_MAX  1000
#define ANSWER_BYTES_MAX (512u << 10)

struct lab;
struct lab_switch;
struct swport;

/* A place in a lab: a switch by index, and in it a port number, FDB slot... */
struct position {
	uint32_t sw;
	uint32_t at;
};

struct page {
	json_t *rows;
	size_t bytes;
	struct position from; /* of the page */
	struct position next; /* behind the last row */
	bool full;
};

/* Starts a page at params' "from". */
void page_begin(struct page *page, const json_t *params);

/*
 * Adds a row, which it takes over; next is the position behind it. Returns
 * whether there is room for one more.
 */
bool page_add(struct page *page, json_t *row, struct position next);

/* Puts "rows" and "next" into result, which it takes over and returns; NULL
 * if there was no memory for some of it. */
json_t *page_end(struct page *page, json_t *result);

/*
 * A page of ports: a row by make() for each that wanted() (NULL: all) accepts,
 * put into result, which it takes over and returns.
 */
typedef json_t *port_row_fn(const struct swport *port);
typedef bool port_wanted_fn(const struct swport *port, const json_t *params);
json_t *answer_ports(const struct lab *lab, const json_t *params,
		     port_row_fn *make, port_wanted_fn *wanted, json_t *result);

/* A row with the port's name, kind, state, reason and VLAN words. */
json_t *answer_port(const struct swport *port);

/* Those in force, as a file says them: "trunk 10,20 native 5"; null if tags
 * mean nothing to the port's switch. */
json_t *answer_vlan_words(const struct swport *port);

/* Adds what passed, and "drops": the reasons that are not zero. */
void answer_counters(json_t *row, const struct counters *counters);

/*
 * The switch that params name as "switch", or NULL in *sw if they do not.
 * Returns false and err if there is none of that name.
 */
bool answer_switch(const struct lab *lab, const json_t *params,
		   struct lab_switch **sw, struct err *err);

/* Whether each of "names" in params is a switch or a port; err if not. */
bool answer_names(const struct lab *lab, const json_t *params, struct err *err);

/*
 * The VLAN that params name as "vlan", by number or by its name in the
 * topology; 0 if they do not. Returns false and err if it is neither.
 */
bool answer_vlan(const struct lab *lab, const json_t *params, uint16_t *vid,
		 struct err *err);

#endif
