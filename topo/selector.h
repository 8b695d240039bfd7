/* SPDX-License-Identifier: MIT */
/*
 * selector: which ports are meant: `all`, `sw1` or `sw1.*`, `sw1.pc1`; or both
 * ends of a link, by its name.
 *
 * A selector is kept as it is, not as a list of ports, because ports come and
 * go: dynamic ports, `sw1.#7`, are in it as those of the file are.
 */
#ifndef LABSWITCH_TOPO_SELECTOR_H
#define LABSWITCH_TOPO_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "switchd/core/err.h"

#define SELECTORS_MAX      64 /* of one list */
#define SELECTOR_NAME_SIZE 33 /* as TOPO_NAME_SIZE */
#define SELECTOR_TEXT_SIZE ((size_t)2 * SELECTOR_NAME_SIZE)

struct topo;

struct selector {
	char sw[SELECTOR_NAME_SIZE];   /* or a link; "all": each; empty: no
					* port at all */
	char port[SELECTOR_NAME_SIZE]; /* empty: all ports of it */
};

/* Reads one, into all of its bytes. The message goes on after the value's name:
 * "is ...". */
bool selector_parse(const char *text, struct selector *selector,
		    struct err *err);

/* "all", "sw1" or "sw1.pc1"; returns buf. */
const char *selector_format(const struct selector *selector,
			    char buf[SELECTOR_TEXT_SIZE]);

/* Whether the port is meant; link: whose end it is, or NULL. */
bool selector_takes(const struct selector *selector, const char *sw,
		    const char *port, const char *link);

/* Whether topo has what the selector names; the message is as above. */
bool selector_check(const struct selector *selector, const struct topo *topo,
		    struct err *err);

#endif
