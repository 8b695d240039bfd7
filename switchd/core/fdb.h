/* SPDX-License-Identifier: MIT */
/*
 * fdb: the forwarding database (IEEE 802.1Q-2018 clause 8.8): which port leads
 * to (VID, MAC).
 *
 * Entries live in one array of `limit` slots, found through a hash table with
 * a secret key, so that nobody who chooses MACs can choose collisions.
 *
 * When the table is full, the port that holds the most dynamic entries loses
 * the one it has not heard for the longest time. So a guest that floods
 * invented addresses pushes out its own entries, not its neighbours'. (The
 * rule is Open vSwitch's. With a limit of 10 and 5 ports that hold 2 each, a
 * sixth port that sends from 16 addresses ends with 3, and no port loses both.)
 *
 * Static entries are never aged, moved, evicted or flushed by port or VID;
 * they count against the limit. Sticky ones are static, but learned, on a port
 * that is to know only those that were there first; they outlast the port's
 * leaving the bridge.
 *
 * Time is an argument: nanoseconds of any monotonic clock. Ports are small
 * numbers, the bridge's stable handles.
 *
 * Deliberately not here: what a frame does on a miss (bridge.h).
 */
#ifndef LABSWITCH_CORE_FDB_H
#define LABSWITCH_CORE_FDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/mac.h"
#include "switchd/core/vidset.h"

#define FDB_LIMIT_DEFAULT  8192
#define FDB_LIMIT_MAX      1048576
#define FDB_AGEING_DEFAULT 300000000000ull /* ns; 802.1Q table 8-7 */
#define FDB_PORT_MAX       4096            /* ports are 0 to 4095 */

struct fdb_entry {
	struct mac mac;
	uint16_t vid; /* 0 when the bridge is not VLAN-aware */
	uint16_t port;
	bool is_static;
	bool is_sticky; /* then it is static, too */
	uint64_t seen;  /* ns: when it last sent a frame */
};

/* What is learned on a port; all zero: everything. */
struct fdb_port_conf {
	uint32_t limit; /* entries that are learned, sticky or not; 0: none */
	bool strict;    /* who is not learned may not send */
	bool sticky;    /* entries that are learned are sticky */
};

/* X(NAME, name) */
#define FDB_CHANGE_LIST(X)                                                     \
	X(LEARN, learn) /* a new address */                                    \
	X(MOVE, move)   /* known, now on another port */                       \
	X(AGE, age)     /* not heard for the ageing time */                    \
	X(EVICT, evict) /* made room for another */                            \
	X(FLUSH, flush) /* asked for, or its port went down */                 \
	X(ADD, add)     /* static, by hand */                                  \
	X(DELETE, del)  /* static, by hand */

enum fdb_change {
#define FDB_CHANGE_ENUM(upper, lower) FDB_##upper,
	FDB_CHANGE_LIST(FDB_CHANGE_ENUM)
#undef FDB_CHANGE_ENUM
		FDB_CHANGE_COUNT
};

/* "learn", "move", ... */
const char *fdb_change_name(enum fdb_change change);

/*
 * Called for every change, after it took place. entry is as it is now (for
 * removals: as it was); from is the port before a move, else entry->port. The
 * callback must not call into the fdb.
 */
typedef void fdb_change_fn(void *ctx, enum fdb_change change,
			   const struct fdb_entry *entry, uint16_t from);

struct fdb_conf {
	uint32_t limit;         /* entries, 1 to FDB_LIMIT_MAX */
	uint64_t ageing;        /* ns; 0: never */
	uint64_t key[2];        /* secret, random */
	fdb_change_fn *changed; /* or NULL */
	void *ctx;
};

struct fdb;

/* --- Basics ---------------------------------------------------------- */

/* NULL if there is no memory. */
struct fdb *fdb_new(const struct fdb_conf *conf);
void fdb_free(struct fdb *fdb);

void fdb_set_ageing(struct fdb *fdb, uint64_t ageing);

/*
 * Changes the limit; what does not fit any more is evicted by the rule above
 * (static entries last). Returns false, unchanged, if there is no memory.
 */
bool fdb_set_limit(struct fdb *fdb, uint32_t limit);

size_t fdb_count(const struct fdb *fdb);
uint32_t fdb_limit(const struct fdb *fdb);

/* --- Forwarding ------------------------------------------------------ */

/* (vid, mac) as the database looks for it. */
struct fdb_key {
	uint64_t word;
	uint32_t hash;
};

/*
 * Whoever has several frames to look at makes the keys of all of them first,
 * then fetches those of the sources: by the time that they are asked for,
 * memory has brought what is known of them. like: NULL, or a key of this fdb,
 * which is taken again if it is of this address, as most are in a burst. Valid
 * as long as the fdb.
 */
struct fdb_key fdb_key(const struct fdb *fdb, uint16_t vid,
		       const uint8_t mac[6], const struct fdb_key *like);
void fdb_fetch(const struct fdb *fdb, const struct fdb_key *source);

/*
 * A frame from the address of key arrived on port: adds, refreshes or moves
 * its entry. A static entry stays as it is. It is an individual address and
 * not zero. Returns false, and changes nothing, if it may not send there: the
 * port is strict and cannot learn it, or it is sticky on another port.
 */
bool fdb_learn_key(struct fdb *fdb, const struct fdb_key *key, uint16_t port,
		   uint64_t now);

/* Whether fdb_learn_key() would return true. */
bool fdb_may_send(const struct fdb *fdb, const struct fdb_key *key,
		  uint16_t port);

/* The port that leads there, or -1. Entries older than the ageing time count
 * until fdb_age() takes them away. */
int fdb_lookup_key(const struct fdb *fdb, const struct fdb_key *key);

static inline bool fdb_learn(struct fdb *fdb, uint16_t vid,
			     const uint8_t mac[6], uint16_t port, uint64_t now)
{
	const struct fdb_key key = fdb_key(fdb, vid, mac, NULL);

	return fdb_learn_key(fdb, &key, port, now);
}

static inline int fdb_lookup(const struct fdb *fdb, uint16_t vid,
			     const uint8_t mac[6])
{
	const struct fdb_key key = fdb_key(fdb, vid, mac, NULL);

	return fdb_lookup_key(fdb, &key);
}

/* --- Ageing and flushing: all return how many entries they removed ---- */

size_t fdb_age(struct fdb *fdb, uint64_t now);
size_t fdb_flush(struct fdb *fdb);
size_t fdb_flush_port(struct fdb *fdb, uint16_t port);
size_t fdb_flush_vid(struct fdb *fdb, uint16_t vid);

/* Those of a port, and its sticky ones, that are of none of these VLANs; NULL:
 * all. */
size_t fdb_flush_port_but(struct fdb *fdb, uint16_t port,
			  const struct vidset *but);

/* Also removes the port's static entries but for sticky ones: the port leaves
 * the bridge. */
size_t fdb_forget_port(struct fdb *fdb, uint16_t port);

/* Those that are sticky. */
size_t fdb_unstick_port(struct fdb *fdb, uint16_t port);

/* --- Ports ------------------------------------------------------------ */

/*
 * From now on. What is more than the limit goes, the oldest first; a change of
 * sticky, or a limit lower than what is sticky, forgets what was learned.
 */
void fdb_set_port(struct fdb *fdb, uint16_t port,
		  const struct fdb_port_conf *conf);

/* --- By hand --------------------------------------------------------- */

/*
 * Sets a static entry, in place of whatever was known of (vid, mac). Returns
 * false if the table is full of static entries.
 */
bool fdb_add_static(struct fdb *fdb, uint16_t vid, const uint8_t mac[6],
		    uint16_t port, uint64_t now);

/* Removes an entry of either sort. Returns false if there is none. */
bool fdb_delete(struct fdb *fdb, uint16_t vid, const uint8_t mac[6]);

/* --- Reading --------------------------------------------------------- */

/*
 * Copies the entry in the next used slot at or after *slot and advances *slot
 * past it. Returns false at the end. Begin with 0. The slots of entries that
 * stay do not change between calls, so a listing may take several rounds of
 * the loop; a change of the limit may show some twice or not at all.
 */
bool fdb_next(const struct fdb *fdb, uint32_t *slot, struct fdb_entry *entry);

#endif
