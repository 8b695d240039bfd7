/* SPDX-License-Identifier: MIT */
#include "switchd/core/fdb_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct sip {
	uint64_t a, b, c, d;
};

static inline uint64_t rotl(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline struct sip sip_round(struct sip v)
{
	v.a += v.b;
	v.b = rotl(v.b, 13) ^ v.a;
	v.a = rotl(v.a, 32);
	v.c += v.d;
	v.d = rotl(v.d, 16) ^ v.c;
	v.a += v.d;
	v.d = rotl(v.d, 21) ^ v.a;
	v.c += v.b;
	v.b = rotl(v.b, 17) ^ v.c;
	v.c = rotl(v.c, 32);
	return v;
}

static inline struct sip sip_take(struct sip v, uint64_t word)
{
	v.d ^= word;
	v = sip_round(v);
	v.a ^= word;
	return v;
}

/* SipHash-1-3 (Aumasson, Bernstein 2012) of one word of eight bytes. */
static uint64_t sip_hash(const uint64_t key[2], uint64_t word)
{
	struct sip v = {
		key[0] ^ 0x736f6d6570736575,
		key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261,
		key[1] ^ 0x7465646279746573,
	};

	v = sip_take(v, word);
	v = sip_take(v, UINT64_C(8) << 56);
	v.c ^= 0xff;
	v = sip_round(sip_round(sip_round(v)));
	return v.a ^ v.b ^ v.c ^ v.d;
}

/* --- Rings of ports that hold equally many --------------------------- */

static void ring_join(struct fdb_table *t, uint16_t port)
{
	struct fdb_port *p = &t->ports[port];
	uint16_t *holder = &t->holders[p->count];
	uint16_t first;

	if (!*holder) {
		*holder = port + 1;
		p->next = port;
		p->prev = port;
		return;
	}
	first = *holder - 1;
	p->next = first;
	p->prev = t->ports[first].prev;
	t->ports[p->prev].next = port;
	t->ports[first].prev = port;
}

static void ring_leave(struct fdb_table *t, uint16_t port)
{
	struct fdb_port *p = &t->ports[port];
	uint16_t *holder = &t->holders[p->count];

	if (p->next == port) {
		*holder = 0;
		return;
	}
	t->ports[p->prev].next = p->next;
	t->ports[p->next].prev = p->prev;
	if (*holder == port + 1)
		*holder = p->next + 1;
}

static void count_up(struct fdb_table *t, uint16_t port)
{
	struct fdb_port *p = &t->ports[port];

	if (p->count)
		ring_leave(t, port);
	p->count++;
	ring_join(t, port);
	if (p->count > t->most)
		t->most = p->count;
}

static void count_down(struct fdb_table *t, uint16_t port)
{
	struct fdb_port *p = &t->ports[port];

	ring_leave(t, port);
	/* Nobody is left up there, but this port will be one below. */
	if (p->count == t->most && !t->holders[t->most])
		t->most--;
	p->count--;
	if (p->count)
		ring_join(t, port);
}

/* --- Lists of a port's dynamic entries ------------------------------- */

static void list_append(struct fdb_table *t, uint32_t slot)
{
	struct fdb_slot *s = &t->slots[slot];
	struct fdb_port *p = &t->ports[s->entry.port];

	s->older = p->newest;
	s->newer = 0;
	if (p->newest)
		t->slots[p->newest].newer = slot;
	else
		p->oldest = slot;
	p->newest = slot;
}

static void list_remove(struct fdb_table *t, uint32_t slot)
{
	struct fdb_slot *s = &t->slots[slot];
	struct fdb_port *p = &t->ports[s->entry.port];

	if (s->older)
		t->slots[s->older].newer = s->newer;
	else
		p->oldest = s->newer;
	if (s->newer)
		t->slots[s->newer].older = s->older;
	else
		p->newest = s->older;
}

/* --- Cells ------------------------------------------------------------ */

/* The one with the slot in it; 0: the empty one where it would be put. */
static uint32_t cell_of(const struct fdb_table *t, uint32_t hash, uint32_t slot)
{
	uint32_t i = hash & t->mask;

	while (t->cells[i].slot != slot)
		i = (i + 1) & t->mask;
	return i;
}

static struct fdb_key key_of(const struct fdb_table *t, uint32_t slot)
{
	const struct fdb_entry *entry = &t->slots[slot].entry;

	return fdb_table_key(t, fdb_table_word(entry->vid, entry->mac.b));
}

static void cell_set(struct fdb_table *t, uint32_t slot)
{
	struct fdb_key key = key_of(t, slot);

	t->cells[cell_of(t, key.hash, 0)] =
		(struct fdb_cell){key.word, slot, t->slots[slot].entry.port};
}

/* Closes the gap with cells that come later and may be as early as there:
 * those whose way from where they belong leads through it. */
static void cell_clear(struct fdb_table *t, uint32_t slot)
{
	uint32_t gap = cell_of(t, key_of(t, slot).hash, slot);

	for (uint32_t i = (gap + 1) & t->mask; t->cells[i].slot;
	     i = (i + 1) & t->mask) {
		uint32_t home = fdb_table_key(t, t->cells[i].word).hash;
		uint32_t way = (i - home) & t->mask;

		if (way >= ((i - gap) & t->mask)) {
			t->cells[gap] = t->cells[i];
			gap = i;
		}
	}
	t->cells[gap].slot = 0;
}

/* --- The table ------------------------------------------------------- */

bool fdb_table_init(struct fdb_table *t, uint32_t limit, const uint64_t key[2])
{
	uint32_t cells = 16;

	assert(limit >= 1 && limit <= FDB_LIMIT_MAX);
	while (cells < 2 * limit)
		cells *= 2;
	*t = (struct fdb_table){
		.limit = limit,
		.mask = cells - 1,
		.cells = calloc(cells, sizeof(*t->cells)),
		.slots = calloc((size_t)limit + 1, sizeof(*t->slots)),
		.ports = calloc(FDB_PORT_MAX, sizeof(*t->ports)),
		.holders = calloc((size_t)limit + 1, sizeof(*t->holders)),
		.key = {key[0], key[1]},
	};
	if (t->cells && t->slots && t->ports && t->holders)
		return true;
	fdb_table_done(t);
	return false;
}

void fdb_table_done(struct fdb_table *t)
{
	free(t->cells);
	free(t->slots);
	free(t->ports);
	free(t->holders);
}

struct fdb_key fdb_table_key(const struct fdb_table *t, uint64_t word)
{
	return (struct fdb_key){word, (uint32_t)sip_hash(t->key, word)};
}

void fdb_table_address(const struct fdb_key *key, struct fdb_entry *entry)
{
	uint16_t first = (uint16_t)(key->word >> 16);
	uint32_t rest = (uint32_t)(key->word >> 32);

	entry->vid = (uint16_t)key->word;
	memcpy(entry->mac.b, &first, sizeof(first));
	memcpy(entry->mac.b + sizeof(first), &rest, sizeof(rest));
}

void fdb_table_insert(struct fdb_table *t, const struct fdb_entry *entry)
{
	uint32_t slot = t->free;
	struct fdb_slot *s;

	assert(t->count < t->limit && entry->port < FDB_PORT_MAX);
	if (slot)
		t->free = t->slots[slot].newer;
	else
		slot = ++t->high;
	s = &t->slots[slot];
	s->entry = *entry;
	s->used = true;
	cell_set(t, slot);
	t->count++;
	if (entry->is_static) {
		t->statics++;
		t->ports[entry->port].stickies += entry->is_sticky;
	} else {
		list_append(t, slot);
		count_up(t, entry->port);
	}
}

void fdb_table_remove(struct fdb_table *t, uint32_t slot)
{
	struct fdb_slot *s = &t->slots[slot];

	if (s->entry.is_static) {
		t->statics--;
		t->ports[s->entry.port].stickies -= s->entry.is_sticky;
	} else {
		list_remove(t, slot);
		count_down(t, s->entry.port);
	}
	cell_clear(t, slot);
	s->used = false;
	s->newer = t->free;
	t->free = slot;
	t->count--;
}

void fdb_table_hear(struct fdb_table *t, uint32_t slot, uint16_t port,
		    uint64_t now)
{
	struct fdb_entry *entry = &t->slots[slot].entry;

	assert(port < FDB_PORT_MAX);
	list_remove(t, slot);
	if (port != entry->port) {
		count_down(t, entry->port);
		count_up(t, port);
		t->cells[cell_of(t, key_of(t, slot).hash, slot)].port = port;
	}
	entry->port = port;
	entry->seen = now;
	list_append(t, slot);
}

uint32_t fdb_table_victim(const struct fdb_table *t)
{
	if (!t->most)
		return 0;
	return t->ports[t->holders[t->most] - 1].oldest;
}
