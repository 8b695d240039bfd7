/* SPDX-License-Identifier: MIT */
/*
 * nat_table: the forwards of a NAT port, of the file and of run time, and how
 * far each has come. The process is told of them one by one, as there is room
 * on its socket, and says how each ended; a new process is told of all.
 *
 * A unix socket is bound by the process, but made way for and removed here,
 * where there is somebody to remove it when all are killed.
 */
#ifndef LABSWITCH_PLUGS_NAT_TABLE_H
#define LABSWITCH_PLUGS_NAT_TABLE_H

#include "plugs/nat_child.h"
#include "plugs/plug_nat.h"

enum nat_slot_state {
	NAT_SLOT_FREE,
	NAT_SLOT_NEW,  /* the process does not know it yet */
	NAT_SLOT_TOLD, /* it has not answered yet */
	NAT_SLOT_OPEN,
	NAT_SLOT_FAILED,
	NAT_SLOT_LEAVING /* deleted, and the process does not know yet */
};

struct nat_slot {
	struct nat_forward forward;
	enum nat_slot_state state;
	bool of_file;
	bool news; /* how it ended is not told yet */
	bool kept; /* its path, if it has one, is to be removed */
	char reason[sizeof(((struct nat_forwarded *)0)->reason)];
};

/* All of one file and, until they are told, all of the one before it. */
#define NAT_SLOTS ((size_t)2 * NAT_FORWARDS_MAX)

/* Starts zeroed. */
struct nat_table {
	struct nat_slot slots[NAT_SLOTS];
};

/*
 * Makes those of the file what opts say now; of the others those stay that are
 * not in the way. False: so many are to be taken from the process, which does
 * not listen, that it must be ended first (nat_table_rewind).
 */
bool nat_table_follow(struct nat_table *table, const struct nat_opts *opts,
		      const struct nat_conf *conf);

/* Adds or deletes one at run time. */
bool nat_table_add(struct nat_table *table, const struct nat_forward *forward,
		   struct err *err);
bool nat_table_del(struct nat_table *table, const struct nat_forward *forward,
		   struct err *err);

/* The i-th from 0; false: no more. */
bool nat_table_get(const struct nat_table *table, unsigned i,
		   struct plug_nat_forward *out);

/* Tells the process what it does not know yet. False: its socket is full. */
bool nat_table_tell(struct nat_table *table, struct nat_child *child,
		    const struct priv *priv);

/* The process says how one ended. */
void nat_table_answered(struct nat_table *table,
			const struct nat_forwarded *answer,
			const struct priv *priv);

/* The next that is open, or failed, since this was last called; or NULL. */
const struct nat_slot *nat_table_news(struct nat_table *table);

/* There is no process any more, and the next one is to be told all. */
void nat_table_rewind(struct nat_table *table, const struct priv *priv);

#endif
