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

/* False if the table is full of static entries. */
static bool make_room(struct fdb *fdb)
{
	uint32_t victim;

	if (fdb->table.count < fdb->table.limit)
		return true;
	victim = fdb_table_victim(&fdb->table);
	if (!victim)
		return false;
	remove_entry(fdb, victim, FDB_EVICT);
	return true;
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
		       const uint8_t mac[6])
{
	struct fdb_key key = fdb_table_key(&fdb->table, vid, mac);

	fdb_table_fetch(&fdb->table, &key);
	return key;
}

/* There is room, and no entry of that address. */
static void add_entry(struct fdb *fdb, const struct fdb_entry *entry)
{
	fdb_table_insert(&fdb->table, entry);
	report(fdb, entry->is_static ? FDB_ADD : FDB_LEARN, entry, entry->port);
}

void fdb_learn_key(struct fdb *fdb, const struct fdb_key *key, uint16_t port,
		   uint64_t now)
{
	uint32_t slot = fdb_table_find(&fdb->table, key);
	struct fdb_entry *known = &fdb->table.slots[slot].entry;
	uint16_t from = known->port;

	if (!slot) {
		struct fdb_entry entry = {.port = port, .seen = now};

		fdb_table_address(key, &entry);
		if (make_room(fdb))
			add_entry(fdb, &entry);
		return;
	}
	/* Most frames of a burst come from one station. */
	if (known->is_static || (from == port && known->seen == now))
		return;
	fdb_table_hear(&fdb->table, slot, port, now);
	if (from != port)
		report(fdb, FDB_MOVE, known, from);
}

int fdb_lookup_key(const struct fdb *fdb, const struct fdb_key *key)
{
	uint32_t slot = fdb_table_find(&fdb->table, key);

	return slot ? fdb->table.slots[slot].entry.port : -1;
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

size_t fdb_forget_port(struct fdb *fdb, uint16_t port)
{
	const struct fdb_table *t = &fdb->table;
	size_t before = t->count;

	(void)fdb_flush_port(fdb, port);
	/* Clients come and go: mostly there is nothing to look for. */
	for (uint32_t slot = 1; t->statics && slot <= t->high; slot++)
		if (is_static(fdb, slot) && t->slots[slot].entry.port == port)
			remove_entry(fdb, slot, FDB_FLUSH);
	return before - t->count;
}

/* --- By hand --------------------------------------------------------- */

bool fdb_add_static(struct fdb *fdb, uint16_t vid, const uint8_t mac[6],
		    uint16_t port, uint64_t now)
{
	struct fdb_key key = fdb_key(fdb, vid, mac);
	uint32_t slot = fdb_table_find(&fdb->table, &key);
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
	struct fdb_key key = fdb_key(fdb, vid, mac);
	uint32_t slot = fdb_table_find(&fdb->table, &key);

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
