/* SPDX-License-Identifier: MIT */
#include "plugs/nat/neigh_table.h"

#include <string.h>
#include <sys/auxv.h>

#include "plugs/nat/conf.h"
#include "switchd/core/inet.h"

/* SplitMix64 (Steele, Lea, Flood 2014): the next of a row of numbers. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void neigh_table_init(struct neigh_table *t)
{
	/* 16 random bytes that every process is given: no call is needed,
	 * which a sandbox might forbid. */
	const void *random = (const void *)getauxval(AT_RANDOM);
	uint64_t seed[2] = {0};

	if (random)
		memcpy(seed, random, sizeof(seed));
	for (size_t i = 0; i < sizeof(t->key) / sizeof(t->key[0]); i++)
		t->key[i] = next(&seed[i & 1]);
}

/* Multilinear hashing (Lemire, Kaser 2014): strongly universal. */
static size_t bucket(const struct neigh_table *t, const struct net *addr)
{
	uint64_t sum = t->key[0];

	for (size_t i = 0; i < 4; i++)
		sum += t->key[i + 1] * get32(addr->addr + 4 * i);
	return (sum >> 32) % NEIGH_BUCKETS;
}

void neigh_table_put(struct neigh_table *t, const struct net *addr,
		     const uint8_t mac[6])
{
	struct neigh_place *places = t->places[bucket(t, addr)];
	struct neigh_place *place = places;

	for (size_t i = 0; i < NEIGH_PLACES; i++) {
		if (nat_addr_same(&places[i].addr, addr)) {
			place = &places[i];
			break;
		}
		if (places[i].seen < place->seen)
			place = &places[i];
	}
	place->addr = *addr;
	memcpy(place->mac.b, mac, sizeof(place->mac.b));
	place->seen = ++t->clock;
}

const struct mac *neigh_table_find(const struct neigh_table *t,
				   const struct net *addr)
{
	const struct neigh_place *places = t->places[bucket(t, addr)];

	for (size_t i = 0; i < NEIGH_PLACES; i++) {
		if (nat_addr_same(&places[i].addr, addr))
			return &places[i].mac;
	}
	return NULL;
}
