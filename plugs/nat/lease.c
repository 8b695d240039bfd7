/* SPDX-License-Identifier: MIT */
/*
 * One array, sorted by address, of every address that has been given to
 * someone: what is bound, offered, declined, and what is free again but still
 * remembers who had it. So a guest that comes back gets its old address, until
 * all have been used once; then the one that was free for longest is taken.
 *
 * Guests can fill the array with made-up MACs, and it is bounded: searching it
 * by MAC or by name is a walk over at most 4,160 entries, which no choice of
 * MACs makes slower. Such a flood takes offers from each other only: what is
 * bound stays bound.
 */
#include "plugs/nat/lease.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "switchd/core/inet.h"

#define ENTRIES_MAX (LEASES_MAX + NAT_HOSTS_MAX)

struct entry {
	struct lease lease; /* mac: who has it or had it; zero: nobody */
	uint32_t addr;
	bool fixed;
	bool declined;
};

struct leases {
	const struct nat_conf *conf;
	uint32_t first, last; /* of the pool; first > last: there is none */
	size_t fixed;
	size_t count;
	struct entry *entries[ENTRIES_MAX]; /* by address */
	struct entry *unused;               /* the rest of room, in a row */
	struct entry room[ENTRIES_MAX];
};

/* --- Addresses -------------------------------------------------------- */

static bool in_pool(const struct leases *t, uint32_t addr)
{
	struct net net = {.family = AF_INET, .bits = 32};

	put32(net.addr, addr);
	return addr >= t->first && addr <= t->last &&
	       nat_is_guest(t->conf, &net);
}

/* --- The array -------------------------------------------------------- */

/* The index of the first entry that is not below addr. */
static size_t position(const struct leases *t, uint32_t addr)
{
	size_t low = 0;
	size_t high = t->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->entries[middle]->addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct entry *find_addr(const struct leases *t, uint32_t addr)
{
	size_t i = position(t, addr);

	return i < t->count && t->entries[i]->addr == addr ? t->entries[i]
							   : NULL;
}

static bool is_mac_of(const struct entry *e, const struct mac *mac)
{
	return memcmp(&e->lease.mac, mac, sizeof(*mac)) == 0;
}

static struct entry *find_mac(const struct leases *t, const struct mac *mac)
{
	for (size_t i = 0; i < t->count; i++) {
		if (is_mac_of(t->entries[i], mac))
			return t->entries[i];
	}
	return NULL;
}

static void end_now(struct entry *e)
{
	e->lease.bound = false;
	e->lease.expires = 0;
}

static void forget_owner(struct entry *e)
{
	end_now(e);
	memset(&e->lease.mac, 0, sizeof(e->lease.mac));
	e->lease.name[0] = '\0';
}

static bool is_held(const struct entry *e, uint64_t now)
{
	return e->lease.expires > now;
}

static bool is_bound(const struct entry *e, uint64_t now)
{
	return e->lease.bound && is_held(e, now);
}

/* Whether a is a better one to take than b. Neither is bound. */
static bool is_staler(const struct entry *a, const struct entry *b,
		      uint64_t now)
{
	bool a_declined = a->declined && is_held(a, now);
	bool b_declined = b->declined && is_held(b, now);

	if (a_declined != b_declined)
		return b_declined;
	return a->lease.expires < b->lease.expires;
}

/* The entry to be taken if there is no address that was never used. */
static struct entry *find_stale(const struct leases *t, uint64_t now)
{
	struct entry *best = NULL;

	for (size_t i = 0; i < t->count; i++) {
		struct entry *e = t->entries[i];

		if (!e->fixed && !is_bound(e, now) &&
		    (!best || is_staler(e, best, now)))
			best = e;
	}
	return best;
}

static void take_out(struct leases *t, const struct entry *e)
{
	t->count--;
	for (size_t i = position(t, e->addr); i < t->count; i++)
		t->entries[i] = t->entries[i + 1];
}

static void put_in(struct leases *t, struct entry *e)
{
	size_t at = position(t, e->addr);

	for (size_t i = t->count++; i > at; i--)
		t->entries[i] = t->entries[i - 1];
	t->entries[at] = e;
}

/* The entry of an address that has none; NULL: all are bound. */
static struct entry *add(struct leases *t, uint32_t addr, uint64_t now)
{
	struct entry *e;

	if (t->count - t->fixed < LEASES_MAX) {
		e = t->unused++;
	} else {
		e = find_stale(t, now);
		if (!e)
			return NULL;
		take_out(t, e);
	}
	*e = (struct entry){.addr = addr};
	put32(e->lease.addr, addr);
	put_in(t, e);
	return e;
}

/* --- Names ------------------------------------------------------------ */

static struct entry *find_name(const struct leases *t, const char *name,
			       uint64_t now)
{
	for (size_t i = 0; i < t->count && name[0]; i++) {
		struct entry *e = t->entries[i];

		if (is_held(e, now) && strcasecmp(e->lease.name, name) == 0)
			return e;
	}
	return NULL;
}

/* Its new name, or else the one it had, unless another has taken that. */
static void settle_name(struct leases *t, struct entry *e, const char *name,
			uint64_t now)
{
	char wanted[NAT_NAME_SIZE];
	const struct entry *other;

	if (e->fixed)
		return;
	if (!nat_name_take(name, strnlen(name, NAT_NAME_SIZE), wanted))
		memcpy(wanted, e->lease.name, sizeof(wanted));
	e->lease.name[0] = '\0';
	other = find_name(t, wanted, now);
	if (!other)
		memcpy(e->lease.name, wanted, sizeof(wanted));
}

/* --- The table -------------------------------------------------------- */

static void add_fixed(struct leases *t, const struct nat_host *host)
{
	uint32_t addr = get32(host->addr.addr);
	struct entry *e;

	if (!host->name[0] || !addr || find_addr(t, addr) ||
	    find_mac(t, &host->mac))
		return;
	e = add(t, addr, 0);
	e->fixed = true;
	e->lease.mac = host->mac;
	e->lease.bound = true;
	e->lease.expires = UINT64_MAX;
	(void)nat_name_take(host->name, strnlen(host->name, NAT_NAME_SIZE),
			    e->lease.name);
	t->fixed++;
}

struct leases *leases_new(const struct nat_conf *conf)
{
	struct leases *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->conf = conf;
	t->unused = t->room;
	t->first = 1;
	if (conf->pool_first.family && conf->pool_last.family) {
		t->first = get32(conf->pool_first.addr);
		t->last = get32(conf->pool_last.addr);
	}
	for (size_t i = 0; i < NAT_HOSTS_MAX; i++)
		add_fixed(t, &conf->hosts[i]);
	return t;
}

void leases_free(struct leases *leases)
{
	free(leases);
}

static const struct lease *shown(const struct entry *e, uint64_t now)
{
	return e && is_held(e, now) && !e->declined ? &e->lease : NULL;
}

const struct lease *leases_by_addr(const struct leases *leases,
				   const uint8_t addr[4], uint64_t now)
{
	return shown(find_addr(leases, get32(addr)), now);
}

const struct lease *leases_by_mac(const struct leases *leases,
				  const struct mac *mac, uint64_t now)
{
	return shown(find_mac(leases, mac), now);
}

const struct lease *leases_by_name(const struct leases *leases,
				   const char *name, uint64_t now)
{
	return shown(find_name(leases, name, now), now);
}

const struct lease *leases_at(const struct leases *leases, size_t i,
			      uint64_t now)
{
	for (size_t at = 0; at < leases->count; at++) {
		const struct entry *e = leases->entries[at];

		if (is_bound(e, now) && i-- == 0)
			return &e->lease;
	}
	return NULL;
}

/* --- What a server does ----------------------------------------------- */

/* The entry of an address that the client may be offered as it wishes. */
static struct entry *try_wanted(struct leases *t, const uint8_t wanted[4],
				uint64_t now)
{
	struct entry *e;

	if (!wanted || !in_pool(t, get32(wanted)))
		return NULL;
	e = find_addr(t, get32(wanted));
	if (!e)
		return add(t, get32(wanted), now);
	return e->fixed || is_held(e, now) ? NULL : e;
}

/* The lowest address of the pool that has no entry. */
static struct entry *try_never_used(struct leases *t, uint64_t now)
{
	size_t i = position(t, t->first);

	if (t->count - t->fixed >= LEASES_MAX)
		return NULL;
	for (uint64_t addr = t->first; addr <= t->last; addr++) {
		if (i < t->count && t->entries[i]->addr == addr)
			i++;
		else if (in_pool(t, (uint32_t)addr))
			return add(t, (uint32_t)addr, now);
	}
	return NULL;
}

const struct lease *leases_offer(struct leases *leases, const struct mac *mac,
				 const uint8_t wanted[4], uint64_t now)
{
	struct entry *e = find_mac(leases, mac);

	if (e && is_bound(e, now))
		return &e->lease;
	if (!e)
		e = try_wanted(leases, wanted, now);
	if (!e)
		e = try_never_used(leases, now);
	if (!e)
		e = find_stale(leases, now);
	if (!e)
		return NULL;
	if (!is_mac_of(e, mac))
		forget_owner(e);
	settle_name(leases, e, "", now);
	e->lease.mac = *mac;
	e->lease.bound = false;
	e->lease.expires = now + LEASES_OFFER_NS;
	e->declined = false;
	return &e->lease;
}

/* The entry of addr, if the client may have it. */
static struct entry *try_bind(struct leases *t, const struct mac *mac,
			      uint32_t addr, uint64_t now)
{
	struct entry *own = find_mac(t, mac);
	struct entry *e = find_addr(t, addr);

	if (own && own == e)
		return e;
	if ((own && is_bound(own, now)) || !in_pool(t, addr))
		return NULL;
	if (e &&
	    (e->fixed || is_bound(e, now) || (e->declined && is_held(e, now))))
		return NULL;
	if (own)
		forget_owner(own);
	return e ? e : add(t, addr, now);
}

const struct lease *leases_bind(struct leases *leases, const struct mac *mac,
				const uint8_t addr[4], const char *name,
				uint64_t now)
{
	uint64_t lease_ns = leases->conf->lease_ns;
	struct entry *e = try_bind(leases, mac, get32(addr), now);

	if (!e)
		return NULL;
	if (!is_mac_of(e, mac))
		forget_owner(e);
	settle_name(leases, e, name, now);
	e->lease.mac = *mac;
	e->lease.bound = true;
	e->declined = false;
	if (!e->fixed)
		e->lease.expires = lease_ns < UINT64_MAX - now ? now + lease_ns
							       : UINT64_MAX;
	return &e->lease;
}

/* Ends the client's lease of addr; NULL: it has none. */
static struct entry *end(struct leases *t, const struct mac *mac,
			 const uint8_t addr[4], uint64_t now, struct lease *was)
{
	struct entry *e = find_addr(t, get32(addr));

	if (!e || e->fixed || !is_held(e, now) || !is_mac_of(e, mac))
		return NULL;
	e->lease.bound = false;
	*was = e->lease;
	return e;
}

bool leases_release(struct leases *leases, const struct mac *mac,
		    const uint8_t addr[4], uint64_t now, struct lease *was)
{
	struct entry *e = end(leases, mac, addr, now, was);

	if (e)
		e->lease.expires = now;
	return e;
}

bool leases_decline(struct leases *leases, const struct mac *mac,
		    const uint8_t addr[4], uint64_t now, struct lease *was)
{
	struct entry *e = end(leases, mac, addr, now, was);

	if (!e)
		return false;
	forget_owner(e);
	e->declined = true;
	e->lease.expires = now + LEASES_DECLINE_NS;
	return true;
}

/* --- What another table has told -------------------------------------- */

static bool is_sound(const struct lease *lease)
{
	char name[NAT_NAME_SIZE];
	size_t len = strnlen(lease->name, NAT_NAME_SIZE);

	if (mac_is_group(lease->mac.b) || mac_is_zero(lease->mac.b))
		return false;
	return len == 0 || (nat_name_take(lease->name, len, name) &&
			    strncmp(lease->name, name, NAT_NAME_SIZE) == 0);
}

/* Takes the name from whoever has it, or from the lease if that is a fixed
 * host's. */
static void clear_name(struct leases *t, struct lease *lease)
{
	struct entry *other = find_name(t, lease->name, 0);

	if (!other || is_mac_of(other, &lease->mac))
		return;
	if (other->fixed)
		lease->name[0] = '\0';
	else
		other->lease.name[0] = '\0';
}

bool leases_put(struct leases *leases, const struct lease *lease)
{
	struct lease put = *lease;
	uint32_t addr = get32(lease->addr);
	struct entry *e = find_addr(leases, addr);
	struct entry *own = find_mac(leases, &lease->mac);

	if (!is_sound(lease) || (!in_pool(leases, addr) && !(e && e->fixed)))
		return false;
	if ((e && e->fixed) || (own && own->fixed))
		return e == own;
	if (!lease->bound) {
		if (e && e == own)
			end_now(e);
		return true;
	}
	clear_name(leases, &put);
	if (own && own != e)
		forget_owner(own);
	if (!e) /* if there is no room, in place of what ends first */
		e = add(leases, addr, UINT64_MAX);
	e->lease = put;
	e->declined = false;
	return true;
}
