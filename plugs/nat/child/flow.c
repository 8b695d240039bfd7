/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/flow.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define BUCKETS 4096 /* a power of two */
#define SECOND  UINT64_C(1000000000)
#define IDLE    (240 * SECOND) /* libslirp keeps UDP and echoes as long */
#define NAMED   (10 * SECOND)  /* and UDP to port 53, once answered */
#define CLOSED  (30 * SECOND)  /* both have said FIN: longer than 2 MSL */
#define OPENING (150 * SECOND) /* the system gives up to connect by then */

_Static_assert(sizeof(struct flow_key) == 38, "no padding");
_Static_assert((BUCKETS & (BUCKETS - 1)) == 0, "a mask picks the bucket");

struct guest {
	LIST_ENTRY(guest) chain;
	struct mac mac;
	bool known;
	unsigned count[FLOW_KIND_COUNT];
};

struct entry {
	struct flow flow; /* first: a flow is its entry */
	LIST_ENTRY(entry) chain;
	TAILQ_ENTRY(entry) order;
	struct guest *guest;
};

LIST_HEAD(entries, entry);
LIST_HEAD(guests, guest);
TAILQ_HEAD(order, entry);

struct flows {
	struct flow_limits limits;
	unsigned count;
	unsigned unknown;   /* of these, of guests that are not known */
	struct order order; /* the most recently used is last */
	struct entries entries[BUCKETS];
	struct guests guests[BUCKETS];
};

struct flows *flows_new(const struct flow_limits *limits)
{
	struct flows *flows = calloc(1, sizeof(*flows));

	if (!flows)
		return NULL;
	flows->limits = *limits;
	TAILQ_INIT(&flows->order);
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	while (!TAILQ_EMPTY(&flows->order))
		flows_remove(flows, &TAILQ_FIRST(&flows->order)->flow);
	free(flows);
}

struct flow_key flow_key(enum flow_kind kind, const struct net *guest,
			 uint16_t guest_port, const struct net *far,
			 uint16_t far_port)
{
	struct flow_key key;
	size_t size = guest->family == AF_INET ? 4 : 16;

	memset(&key, 0, sizeof(key));
	key.kind = (uint8_t)kind;
	key.family = guest->family;
	key.guest_port = guest_port;
	memcpy(key.guest, guest->addr, size);
	if (far) {
		key.far_port = far_port;
		memcpy(key.far, far->addr, size);
	}
	return key;
}

/* FNV-1a. A guest that makes keys collide has few enough of them. */
static unsigned hash(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * 16777619u;
	return (h ^ h >> 16) & (BUCKETS - 1);
}

static struct entry *entry_of(struct flow *flow)
{
	return (struct entry *)flow;
}

struct flow *flows_find(struct flows *flows, const struct flow_key *key)
{
	struct entry *e = LIST_FIRST(&flows->entries[hash(key, sizeof(*key))]);

	for (; e; e = LIST_NEXT(e, chain)) {
		if (memcmp(&e->flow.key, key, sizeof(*key)) == 0)
			return &e->flow;
	}
	return NULL;
}

void flows_touch(struct flows *flows, struct flow *flow, uint64_t now)
{
	struct entry *e = entry_of(flow);

	flow->used = now;
	TAILQ_REMOVE(&flows->order, e, order);
	TAILQ_INSERT_TAIL(&flows->order, e, order);
}

static struct guest *guest_find(const struct flows *flows,
				const struct mac *mac)
{
	struct guest *g = LIST_FIRST(&flows->guests[hash(mac, sizeof(*mac))]);

	for (; g; g = LIST_NEXT(g, chain)) {
		if (memcmp(&g->mac, mac, sizeof(*mac)) == 0)
			return g;
	}
	return NULL;
}

static unsigned guest_total(const struct guest *g)
{
	unsigned total = 0;

	for (int i = 0; g && i < FLOW_KIND_COUNT; i++)
		total += g->count[i];
	return total;
}

static void guest_know(struct flows *flows, struct guest *g, bool known)
{
	unsigned total = guest_total(g);

	if (g->known && !known)
		flows->unknown += total;
	else if (!g->known && known)
		flows->unknown -= total;
	g->known = known;
}

static bool guest_is_full(const struct flows *flows, const struct guest *g,
			  enum flow_kind kind)
{
	return g && g->count[kind] >= flows->limits.per_guest[kind];
}

/* Half of it for what cannot be ended. */
static unsigned free_for(const struct flows *flows, enum flow_kind kind)
{
	unsigned left = flows->limits.all - flows->count;

	return kind == FLOW_TCP ? left : left / 2;
}

/* How many flows count as this guest's. */
static unsigned share(const struct flows *flows, const struct guest *g,
		      bool known)
{
	return known ? guest_total(g) : flows->unknown;
}

static struct guest *guest_get(struct flows *flows, const struct mac *mac)
{
	struct guest *g = guest_find(flows, mac);

	if (g)
		return g;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->mac = *mac;
	LIST_INSERT_HEAD(&flows->guests[hash(mac, sizeof(*mac))], g, chain);
	return g;
}

struct flow *flows_add(struct flows *flows, const struct flow_key *key,
		       const struct mac *mac, bool known, uint64_t now)
{
	struct guest *g = guest_find(flows, mac);
	struct entry *e;

	if (g)
		guest_know(flows, g, known);
	if (share(flows, g, known) >= free_for(flows, key->kind) ||
	    guest_is_full(flows, g, key->kind))
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->guest = guest_get(flows, mac);
	if (!e->guest) {
		free(e);
		return NULL;
	}
	e->guest->known = known;
	e->flow.key = *key;
	e->flow.mac = *mac;
	e->flow.used = now;
	e->guest->count[key->kind]++;
	flows->count++;
	flows->unknown += !known;
	LIST_INSERT_HEAD(&flows->entries[hash(key, sizeof(*key))], e, chain);
	TAILQ_INSERT_TAIL(&flows->order, e, order);
	return &e->flow;
}

static void guest_put(struct guest *g, enum flow_kind kind)
{
	g->count[kind]--;
	if (guest_total(g))
		return;
	LIST_REMOVE(g, chain);
	free(g);
}

void flows_remove(struct flows *flows, struct flow *flow)
{
	struct entry *e = entry_of(flow);

	flows->unknown -= !e->guest->known;
	guest_put(e->guest, flow->key.kind);
	LIST_REMOVE(e, chain);
	TAILQ_REMOVE(&flows->order, e, order);
	flows->count--;
	free(e);
}

void flows_disown(struct flows *flows, const struct mac *mac)
{
	struct guest *g = guest_find(flows, mac);

	if (g)
		guest_know(flows, g, false);
}

struct flow *flows_victim(struct flows *flows, enum flow_kind kind,
			  const struct mac *mac, bool known)
{
	const struct guest *g = guest_find(flows, mac);
	bool full = guest_is_full(flows, g, kind);
	bool own = full || known || kind != FLOW_TCP;
	bool any = !full && !share(flows, g, known);
	struct flow *victim = NULL;

	if (full && kind != FLOW_TCP)
		return NULL;
	for (struct entry *e = TAILQ_FIRST(&flows->order); e;
	     e = TAILQ_NEXT(e, order)) {
		struct flow *flow = &e->flow;

		if (flow->key.kind != FLOW_TCP || !flow->answered ||
		    !(any || (own ? e->guest == g : !e->guest->known)))
			continue;
		if (flow->guest_fin && flow->slirp_fin)
			return flow;
		if (!victim)
			victim = flow;
	}
	return victim;
}

static bool is_over(const struct flow *flow, uint64_t now)
{
	uint64_t idle = now > flow->used ? now - flow->used : 0;

	if (flow->key.kind != FLOW_TCP)
		return idle >
		       (flow->asked_name && flow->answered ? NAMED : IDLE);
	if (flow->guest_fin && flow->slirp_fin)
		return idle > CLOSED;
	return !flow->answered && idle > OPENING;
}

void flows_expire(struct flows *flows, uint64_t now)
{
	struct entry *next;

	for (struct entry *e = TAILQ_FIRST(&flows->order); e; e = next) {
		next = TAILQ_NEXT(e, order);
		if (is_over(&e->flow, now))
			flows_remove(flows, &e->flow);
	}
}

unsigned flows_count(const struct flows *flows)
{
	return flows->count;
}
