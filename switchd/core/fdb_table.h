/* SPDX-License-Identifier: MIT */
/*
 * fdb_table: where the entries of an fdb are kept. Only fdb.c includes it; it
 * knows no policy and reports no changes.
 *
 *	cells[hash(vid, mac)...] -> slot, port		    (open addressing)
 *	ports[p].oldest -> slot <-> slot <- ports[p].newest (dynamic entries)
 *	holders[n] -> ports that hold n dynamic entries     (ring)
 *
 * A port's list is in order of last hearing, because time does not run
 * backwards and whatever is heard goes to its end. A count changes by one at a
 * time, so a port only ever moves to the ring next to its own, and the port
 * that holds most is found, and kept, without a search or a heap.
 *
 * A cell has the address and the port beside the slot, and at least half of the
 * cells are empty: one line of the cache tells which port leads to an address,
 * or that none is known. A removal moves those cells up that had made way for
 * it, so that no gap cuts them off.
 *
 * Slots are numbered from 1 and 0 means none, so that memory from calloc() is
 * an empty table and pages that were never used cost nothing. Slots that stay
 * in use do not move.
 */
#ifndef LABSWITCH_CORE_FDB_TABLE_H
#define LABSWITCH_CORE_FDB_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "switchd/core/fdb.h"

struct fdb_cell {
	uint64_t word; /* of its fdb_key */
	uint32_t slot;
	uint16_t port; /* the entry's */
};

struct fdb_slot {
	struct fdb_entry entry;
	bool used;
	uint32_t older; /* neighbours in its port's list, if dynamic */
	uint32_t newer; /* in a free slot: the next free one */
};

struct fdb_port {
	struct fdb_port_conf conf;
	uint32_t stickies;
	uint32_t count; /* dynamic entries */
	uint32_t oldest;
	uint32_t newest;
	uint16_t next; /* neighbours in its ring, if count > 0 */
	uint16_t prev;
};

struct fdb_table {
	uint32_t limit;
	uint32_t count;   /* slots in use */
	uint32_t statics; /* of them */
	uint32_t high;    /* slots 1 to high have been in use */
	uint32_t free;    /* first of those that are no longer */
	uint32_t mask;    /* number of cells, a power of two, - 1 */
	uint32_t most;    /* the highest count of any port */
	struct fdb_cell *cells;
	struct fdb_slot *slots;
	struct fdb_port *ports;
	uint16_t *holders; /* [0..limit]: a port of the ring plus one, or 0 */
	uint64_t key[2];
};

/* Returns false, with nothing to free, if there is no memory. */
bool fdb_table_init(struct fdb_table *t, uint32_t limit, const uint64_t key[2]);
void fdb_table_done(struct fdb_table *t);

/* VID and MAC as one number, the first two bytes of the MAC above the VID. */
static inline uint64_t fdb_table_word(uint16_t vid, const uint8_t mac[6])
{
	uint16_t first;
	uint32_t rest;

	memcpy(&first, mac, sizeof(first));
	memcpy(&rest, mac + sizeof(first), sizeof(rest));
	return (uint64_t)rest << 32 | (uint32_t)first << 16 | vid;
}

struct fdb_key fdb_table_key(const struct fdb_table *t, uint64_t word);

/* Sets vid and mac to those of a key. */
void fdb_table_address(const struct fdb_key *key, struct fdb_entry *entry);

/* The cell of what key stands for, or an empty one, whose slot is 0. */
static inline const struct fdb_cell *fdb_table_find(const struct fdb_table *t,
						    const struct fdb_key *key)
{
	uint32_t i = key->hash & t->mask;

	while (t->cells[i].slot && t->cells[i].word != key->word)
		i = (i + 1) & t->mask;
	return &t->cells[i];
}

/* Has the processor fetch the first cell where key may be. */
static inline void fdb_table_fetch(const struct fdb_table *t,
				   const struct fdb_key *key)
{
	__builtin_prefetch(&t->cells[key->hash & t->mask]);
}

/* The same of the slot that this cell leads to, most likely that of key. */
static inline void fdb_table_fetch_slot(const struct fdb_table *t,
					const struct fdb_key *key)
{
	__builtin_prefetch(&t->slots[t->cells[key->hash & t->mask].slot]);
}

/* Adds an entry that is not there, to a table that is not full. */
void fdb_table_insert(struct fdb_table *t, const struct fdb_entry *entry);

void fdb_table_remove(struct fdb_table *t, uint32_t slot);

/* A dynamic entry was heard on port at now. */
void fdb_table_hear(struct fdb_table *t, uint32_t slot, uint16_t port,
		    uint64_t now);

/*
 * The oldest dynamic entry of the port that holds most of them, or 0. Of
 * several such ports it is the one that has held so many for the longest time.
 */
uint32_t fdb_table_victim(const struct fdb_table *t);

#endif
