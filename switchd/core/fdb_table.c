/* SPDX-License-Identifier: MIT */
#include "switchd/core/fdb_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t rotl(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* SipHash-1-3 (Aumasson, Bernstein 2012) of one word of eight bytes. */
static uint64_t sip_hash(const uint64_t key[2], uint64_t word)
{
	const uint64_t words[2] = {word, UINT64_C(8) << 56};
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575,
		key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261,
		key[1] ^ 0x7465646279746573,
	};

	for (int i = 0; i < 2; i++) {
		v[3] ^= words[i];
		sip_round(v);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint32_t *bucket_of(const struct fdb_table *t, uint16_t vid,
			   const uint8_t mac[6])
{
	uint64_t word = vid;

	memcpy((uint8_t *)&word + 2, mac, 6);
	return &t->buckets[sip_hash(t->key, word) & t->mask];
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

/* --- The table ------------------------------------------------------- */

bool fdb_table_init(struct fdb_table *t, uint32_t limit, const uint64_t key[2])
{
	uint32_t buckets = 16;

	assert(limit >= 1 && limit <= FDB_LIMIT_MAX);
	while (buckets < limit)
		buckets *= 2;
	*t = (struct fdb_table){
		.limit = limit,
		.mask = buckets - 1,
		.buckets = calloc(buckets, sizeof(*t->buckets)),
		.slots = calloc((size_t)limit + 1, sizeof(*t->slots)),
		.ports = calloc(FDB_PORT_MAX, sizeof(*t->ports)),
		.holders = calloc((size_t)limit + 1, sizeof(*t->holders)),
		.key = {key[0], key[1]},
	};
	if (t->buckets && t->slots && t->ports && t->holders)
		return true;
	fdb_table_done(t);
	return false;
}

void fdb_table_done(struct fdb_table *t)
{
	free(t->buckets);
	free(t->slots);
	free(t->ports);
	free(t->holders);
}

uint32_t fdb_table_find(const struct fdb_table *t, uint16_t vid,
			const uint8_t mac[6])
{
	uint32_t slot = *bucket_of(t, vid, mac);

	while (slot) {
		const struct fdb_slot *s = &t->slots[slot];

		if (s->entry.vid == vid &&
		    memcmp(s->entry.mac.b, mac, sizeof(s->entry.mac.b)) == 0)
			break;
		slot = s->chain;
	}
	return slot;
}

void fdb_table_insert(struct fdb_table *t, const struct fdb_entry *entry)
{
	uint32_t *bucket = bucket_of(t, entry->vid, entry->mac.b);
	uint32_t slot = t->free;
	struct fdb_slot *s;

	assert(t->count < t->limit && entry->port < FDB_PORT_MAX);
	if (slot)
		t->free = t->slots[slot].chain;
	else
		slot = ++t->high;
	s = &t->slots[slot];
	s->entry = *entry;
	s->used = true;
	s->chain = *bucket;
	*bucket = slot;
	t->count++;
	if (entry->is_static) {
		t->statics++;
	} else {
		list_append(t, slot);
		count_up(t, entry->port);
	}
}

void fdb_table_remove(struct fdb_table *t, uint32_t slot)
{
	struct fdb_slot *s = &t->slots[slot];
	uint32_t *link = bucket_of(t, s->entry.vid, s->entry.mac.b);

	if (s->entry.is_static) {
		t->statics--;
	} else {
		list_remove(t, slot);
		count_down(t, s->entry.port);
	}
	while (*link != slot)
		link = &t->slots[*link].chain;
	*link = s->chain;
	s->used = false;
	s->chain = t->free;
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
