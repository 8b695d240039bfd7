/* SPDX-License-Identifier: MIT */
#include "switchd/core/fdb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/fdb_table.h"

struct fdb {
	struct fdb_table table;
	uint64_t ageing;
	fdb_change_fn *changed;
	void *ctx;
};

static const char *const change_names[] = {
#define CHANGE_NAME(upper, lower) #lower,
	FDB_CHANGE_LIST(CHANGE_NAME)
#undef CHANGE_NAME
};

_Static_assert(sizeof(change_names) / sizeof(change_names[0]) ==
		       FDB_CHANGE_COUNT,
	       "every change has its name");

const char *fdb_change_name(enum fdb_change change)
{
	return change_names[change];
}

static void report(const struct fdb *fdb, enum fdb_change change,
		   const struct fdb_entry *entry, uint16_t from)
{
	if (fdb->changed)
		fdb->changed(fdb->ctx, change, entry, from);
}

static void remove_entry(struct fdb *fdb, uint32_t slot, enum fdb_change why)
{
	struct fdb_entry gone = fdb->table.slots[slot].entry;

	fdb_table_remove(&fdb->table, slot);
	report(fdb, why, &gone, gone.port);
}

static bool is_dynamic(const struct fdb *fdb, uint32_t slot)
{
	const struct fdb_slot *s = &fdb->table.slots[slot];

	return s->used && !s->entry.is_static;
}

static bool is_static(const struct fdb *fdb, uint32_t slot)
{
	const struct fdb_slot *s = &fdb->table.slots[slot];

	return s->used && s->entry.is_static;
}

/* Whether there is room for one more, or can be. */
static bool has_room(const struct fdb *fdb)
{
	return fdb->table.count < fdb->table.limit ||
	       fdb_table_victim(&fdb->table);
}

/* False if the table is full of static entries. */
static bool make_room(struct fdb *fdb)
{
	if (!has_room(fdb))
		return false;
	if (fdb->table.count == fdb->table.limit)
		remove_entry(fdb, fdb_table_victim(&fdb->table), FDB_EVICT);
	return true;
}

/* Whether one more may be learned there. */
static bool takes_more(const struct fdb_port *p)
{
	return !p->conf.limit || p->count + p->stickies < p->conf.limit;
}

/* --- Basics ---------------------------------------------------------- */

struct fdb *fdb_new(const struct fdb_conf *conf)
{
	struct fdb *fdb = calloc(1, sizeof(*fdb));

	if (!fdb)
		return NULL;
	if (!fdb_table_init(&fdb->table, conf->limit, conf->key)) {
		free(fdb);
		return NULL;
	}
	fdb->ageing = conf->ageing;
	fdb->changed = conf->changed;
	fdb->ctx = conf->ctx;
	return fdb;
}

void fdb_free(struct fdb *fdb)
{
	if (!fdb)
		return;
	fdb_table_done(&fdb->table);
	free(fdb);
}

void fdb_set_ageing(struct fdb *fdb, uint64_t ageing)
{
	fdb->ageing = ageing;
}

static void shrink(struct fdb *fdb, uint32_t limit)
{
	struct fdb_table *t = &fdb->table;
	uint32_t victim;

	while (t->count > limit && (victim = fdb_table_victim(t)) != 0)
		remove_entry(fdb, victim, FDB_EVICT);
	for (uint32_t slot = 1; t->count > limit; slot++)
		if (t->slots[slot].used)
			remove_entry(fdb, slot, FDB_EVICT);
}

/* Each port's list keeps its order. */
static void copy_entries(struct fdb_table *to, const struct fdb_table *from)
{
	for (uint32_t port = 0; port < FDB_PORT_MAX; port++) {
		uint32_t slot = from->ports[port].oldest;

		to->ports[port].conf = from->ports[port].conf;
		for (; slot; slot = from->slots[slot].newer)
			fdb_table_insert(to, &from->slots[slot].entry);
	}
	for (uint32_t slot = 1; slot <= from->high; slot++) {
		const struct fdb_slot *s = &from->slots[slot];

		if (s->used && s->entry.is_static)
			fdb_table_insert(to, &s->entry);
	}
}

bool fdb_set_limit(struct fdb *fdb, uint32_t limit)
{
	struct fdb_table fresh;

	if (limit == fdb->table.limit)
		return true;
	if (!fdb_table_init(&fresh, limit, fdb->table.key))
		return false;
	shrink(fdb, limit);
	copy_entries(&fresh, &fdb->table);
	fdb_table_done(&fdb->table);
	fdb->table = fresh;
	return true;
}

size_t fdb_count(const struct fdb *fdb)
{
	return fdb->table.count;
}

uint32_t fdb_limit(const struct fdb *fdb)
{
	return fdb->table.limit;
}

/* --- Forwarding ------------------------------------------------------ */

struct fdb_key fdb_key(const struct fdb *fdb, uint16_t vid,
		       const uint8_t mac[6], const struct fdb_key *like)
{
	uint64_t word = fdb_table_word(vid, mac);
	struct fdb_key key;

	if (like && like->word == word)
		return *like;
	key = fdb_table_key(&fdb->table, word);
	fdb_table_fetch(&fdb->table, &key);
	return key;
}

void fdb_fetch(const struct fdb *fdb, const struct fdb_key *source)
{
	fdb_table_fetch_slot(&fdb->table, source);
}

/* There is room, and no entry of that address. */
static void add_entry(struct fdb *fdb, const struct fdb_entry *entry)
{
	fdb_table_insert(&fdb->table, entry);
	report(fdb, entry->is_static && !entry->is_sticky ? FDB_ADD : FDB_LEARN,
	       entry, entry->port);
}

static void learn_new(struct fdb *fdb, const struct fdb_key *key, uint16_t port,
		      uint64_t now)
{
	const struct fdb_port *p = &fdb->table.ports[port];
	struct fdb_entry entry = {.port = port,
				  .is_static = p->conf.sticky,
				  .is_sticky = p->conf.sticky,
				  .seen = now};

	fdb_table_address(key, &entry);
	if (takes_more(p) && make_room(fdb))
		add_entry(fdb, &entry);
}

/* To a port that takes no more: whoever looks for it there finds it by a flood.
 */
static void move(struct fdb *fdb, uint32_t slot, uint16_t port, uint64_t now)
{
	struct fdb_entry entry = fdb->table.slots[slot].entry;
	const struct fdb_port *p = &fdb->table.ports[port];
	uint16_t from = entry.port;

	if (!takes_more(p)) {
		remove_entry(fdb, slot, FDB_EVICT);
		return;
	}
	entry.port = port;
	entry.seen = now;
	if (p->conf.sticky) {
		entry.is_static = entry.is_sticky = true;
		fdb_table_remove(&fdb->table, slot);
		fdb_table_insert(&fdb->table, &entry);
	} else {
		fdb_table_hear(&fdb->table, slot, port, now);
	}
	report(fdb, FDB_MOVE, &entry, from);
}

bool fdb_learn_key(struct fdb *fdb, const struct fdb_key *key, uint16_t port,
		   uint64_t now)
{
	uint32_t slot = fdb_table_find(&fdb->table, key)->slot;
	const struct fdb_entry *known = &fdb->table.slots[slot].entry;

	if (slot && known->port == port) {
		/* Most frames of a burst come from one station. */
		if (!known->is_static && known->seen != now)
			fdb_table_hear(&fdb->table, slot, port, now);
		return true;
	}
	if (!fdb_may_send(fdb, key, port))
		return false;
	if (!slot)
		learn_new(fdb, key, port, now);
	else if (!known->is_static)
		move(fdb, slot, port, now);
	return true;
}

bool fdb_may_send(const struct fdb *fdb, const struct fdb_key *key,
		  uint16_t port)
{
	const struct fdb_port *p = &fdb->table.ports[port];
	uint32_t slot = fdb_table_find(&fdb->table, key)->slot;
	const struct fdb_entry *known = &fdb->table.slots[slot].entry;

	if (slot && known->port == port)
		return true;
	if (slot && known->is_static)
		return !known->is_sticky && !p->conf.strict;
	return !p->conf.strict || (takes_more(p) && (slot || has_room(fdb)));
}

int fdb_lookup_key(const struct fdb *fdb, const struct fdb_key *key)
{
	const struct fdb_cell *cell = fdb_table_find(&fdb->table, key);

	return cell->slot ? cell->port : -1;
}

/* --- Ageing and flushing --------------------------------------------- */

size_t fdb_age(struct fdb *fdb, uint64_t now)
{
	const struct fdb_table *t = &fdb->table;
	size_t before = t->count;

	for (uint32_t port = 0; port < FDB_PORT_MAX && fdb->ageing; port++) {
		uint32_t slot;

		while ((slot = t->ports[port].oldest) != 0 &&
		       now - t->slots[slot].entry.seen >= fdb->ageing)
			remove_entry(fdb, slot, FDB_AGE);
	}
	return before - t->count;
}

size_t fdb_flush(struct fdb *fdb)
{
	size_t flushed = 0;

	for (uint32_t port = 0; port < FDB_PORT_MAX; port++)
		flushed += fdb_flush_port(fdb, (uint16_t)port);
	return flushed;
}

size_t fdb_flush_port(struct fdb *fdb, uint16_t port)
{
	const struct fdb_port *p = &fdb->table.ports[port];
	size_t flushed = 0;

	assert(port < FDB_PORT_MAX);
	for (; p->oldest; flushed++)
		remove_entry(fdb, p->oldest, FDB_FLUSH);
	return flushed;
}

size_t fdb_flush_vid(struct fdb *fdb, uint16_t vid)
{
	const struct fdb_table *t = &fdb->table;
	size_t before = t->count;

	for (uint32_t slot = 1; slot <= t->high; slot++)
		if (is_dynamic(fdb, slot) && t->slots[slot].entry.vid == vid)
			remove_entry(fdb, slot, FDB_FLUSH);
	return before - t->count;
}

/* Its static entries, by hand or sticky, that are of none of these VLANs. */
static void remove_statics(struct fdb *fdb, uint16_t port, bool sticky,
			   const struct vidset *but)
{
	const struct fdb_table *t = &fdb->table;

	for (uint32_t slot = 1; slot <= t->high; slot++) {
		const struct fdb_entry *entry = &t->slots[slot].entry;

		if (is_static(fdb, slot) && entry->port == port &&
		    entry->is_sticky == sticky &&
		    !(but && vidset_has(but, entry->vid)))
			remove_entry(fdb, slot, FDB_FLUSH);
	}
}

size_t fdb_flush_port_but(struct fdb *fdb, uint16_t port,
			  const struct vidset *but)
{
	const struct fdb_table *t = &fdb->table;
	uint32_t slot = t->ports[port].oldest;
	size_t before = t->count;

	while (slot) {
		uint32_t next = t->slots[slot].newer;

		if (!but || !vidset_has(but, t->slots[slot].entry.vid))
			remove_entry(fdb, slot, FDB_FLUSH);
		slot = next;
	}
	if (t->ports[port].stickies)
		remove_statics(fdb, port, true, but);
	return before - t->count;
}

size_t fdb_forget_port(struct fdb *fdb, uint16_t port)
{
	size_t before = fdb->table.count;

	(void)fdb_flush_port(fdb, port);
	/* Clients come and go: mostly there is nothing to look for. */
	if (fdb->table.statics)
		remove_statics(fdb, port, false, NULL);
	return before - fdb->table.count;
}

size_t fdb_unstick_port(struct fdb *fdb, uint16_t port)
{
	size_t before = fdb->table.count;

	if (fdb->table.ports[port].stickies)
		remove_statics(fdb, port, true, NULL);
	return before - fdb->table.count;
}

/* --- Ports ------------------------------------------------------------ */

void fdb_set_port(struct fdb *fdb, uint16_t port,
		  const struct fdb_port_conf *conf)
{
	struct fdb_port *p = &fdb->table.ports[port];
	bool changed = conf->sticky != p->conf.sticky;

	assert(port < FDB_PORT_MAX);
	p->conf = *conf;
	if (changed)
		(void)fdb_flush_port(fdb, port);
	if (changed || (conf->limit && p->stickies > conf->limit))
		(void)fdb_unstick_port(fdb, port);
	while (conf->limit && p->oldest && p->count + p->stickies > conf->limit)
		remove_entry(fdb, p->oldest, FDB_EVICT);
}

/* --- By hand --------------------------------------------------------- */

bool fdb_add_static(struct fdb *fdb, uint16_t vid, const uint8_t mac[6],
		    uint16_t port, uint64_t now)
{
	struct fdb_key key = fdb_key(fdb, vid, mac, NULL);
	uint32_t slot = fdb_table_find(&fdb->table, &key)->slot;
	struct fdb_entry entry = {
		.vid = vid, .port = port, .is_static = true, .seen = now};

	memcpy(entry.mac.b, mac, sizeof(entry.mac.b));
	if (slot)
		fdb_table_remove(&fdb->table, slot);
	else if (!make_room(fdb))
		return false;
	add_entry(fdb, &entry);
	return true;
}

bool fdb_delete(struct fdb *fdb, uint16_t vid, const uint8_t mac[6])
{
	struct fdb_key key = fdb_key(fdb, vid, mac, NULL);
	uint32_t slot = fdb_table_find(&fdb->table, &key)->slot;

	if (!slot)
		return false;
	remove_entry(fdb, slot, is_static(fdb, slot) ? FDB_DELETE : FDB_FLUSH);
	return true;
}

/* --- Reading --------------------------------------------------------- */

bool fdb_next(const struct fdb *fdb, uint32_t *slot, struct fdb_entry *entry)
{
	const struct fdb_table *t = &fdb->table;

	while (*slot < t->high) {
		const struct fdb_slot *s = &t->slots[++*slot];

		if (s->used) {
			*entry = s->entry;
			return true;
		}
	}
	return false;
}
