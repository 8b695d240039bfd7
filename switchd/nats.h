/* SPDX-License-Identifier: MIT */
/*
 * nats: the NAT ports of a lab, for commands; and leases.json.
 *
 * Guests keep the addresses that they were given over the life of a port, which
 * a change of the file may end, and over that of the daemon, which may be
 * killed. So the leases are kept here by the names of ports, and written to
 * leases.json in the run-time directory within a second of a change. A daemon
 * that ends in peace removes the file.
 *
 *	{"version": 1, "ports": {"lan.out": [
 *	  {"mac": "52:54:00:12:34:56", "address": "10.0.2.15",
 *	   "name": "alice", "expires": 1763730000}]}}
 *
 * expires is in seconds since 1970 (UTC); null: never.
 */
#ifndef LABSWITCH_SWITCHD_NATS_H
#define LABSWITCH_SWITCHD_NATS_H

#include <jansson.h>
#include <stdbool.h>

#include "plugs/plug_nat.h"
#include "switchd/core/err.h"

#define NATS_FILE "leases.json"

struct lab;
struct swport;

/* --- Leases ------------------------------------------------------------- */

/* Starts zeroed. */
struct nats {
	json_t *ports; /* leases by the name of the port */
	bool changed;  /* since they were written */
};

/* Reads leases.json, if there is one; what is in it is not trusted. */
void nats_load(struct lab *lab);

/* Gives a new port the leases that one of its name had; and takes them from
 * one that is about to be removed. Nothing happens to ports of other kinds. */
void nats_give(struct lab *lab, struct swport *port);
void nats_take(struct lab *lab, struct swport *port);

/* Writes leases.json if a lease has changed. */
void nats_tick(struct lab *lab);

/* Removes leases.json. */
void nats_done(struct lab *lab);

/* --- For commands ------------------------------------------------------- */

/* The ops of the port, or NULL if it is no NAT. */
const struct plug_nat_ops *nats_ops(const struct swport *port);

/* The NAT that params name as "port". NULL and err if there is none. */
struct swport *nats_find(const struct lab *lab, const json_t *params,
			 struct err *err);

/* The "nat" of a port's row in `show`. */
json_t *nats_about(const struct swport *port);

/*
 * A page of rows, each made of the i-th thing of a NAT (NULL: no more), of all
 * NATs or of the one that params name. NULL and err if there is no such port.
 */
typedef json_t *nats_row_fn(const struct swport *port, size_t i);
json_t *nats_page(const struct lab *lab, const json_t *params,
		  nats_row_fn *make, struct err *err);

#endif
