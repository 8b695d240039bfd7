/* SPDX-License-Identifier: MIT */
/*
 * The fdb against the plainest model of it: an array that is searched from the
 * front. A million random operations; SEED in the environment repeats a run.
 *
 * The model follows the fdb's reports and judges each: may this entry be
 * evicted now, was that one old enough. After each operation both must agree
 * on the number of entries and on a random address, now and then on all.
 */
#include "tests/cmocka.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "switchd/core/fdb.h"

#define OPERATIONS 1000000
#define MODEL_SIZE 64
#define MACS       100
#define VIDS       2
#define PORTS      8
#define AGEING     150

struct model {
	struct fdb *fdb;
	struct fdb_entry entries[MODEL_SIZE];
	uint32_t count;
	uint32_t limit;
	uint64_t now;
	uint64_t random;
	size_t reports;           /* of the operation under way */
	enum fdb_change expected; /* besides evictions */
	int port;                 /* that is flushed, or -1 */
	int vid;                  /* that is flushed, or -1 */
	bool shrinking;
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint32_t pick(struct model *m, uint32_t below)
{
	uint64_t z = m->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) % below);
}

static struct fdb_entry *find(struct model *m, uint16_t vid,
			      const uint8_t mac[6])
{
	for (uint32_t i = 0; i < m->count; i++) {
		struct fdb_entry *e = &m->entries[i];

		if (e->vid == vid && memcmp(e->mac.b, mac, 6) == 0)
			return e;
	}
	return NULL;
}

static uint32_t dynamic_on(const struct model *m, int port)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->count; i++)
		n += !m->entries[i].is_static && m->entries[i].port == port;
	return n;
}

static void judge_eviction(const struct model *m, const struct fdb_entry *e)
{
	uint32_t most = 0;

	assert_true(m->count >= m->limit);
	for (int port = 0; port < PORTS; port++)
		if (dynamic_on(m, port) > most)
			most = dynamic_on(m, port);
	if (e->is_static) {
		assert_true(m->shrinking);
		assert_int_equal(most, 0);
		return;
	}
	assert_int_equal(dynamic_on(m, e->port), most);
	for (uint32_t i = 0; i < m->count; i++)
		if (!m->entries[i].is_static && m->entries[i].port == e->port)
			assert_true(m->entries[i].seen >= e->seen);
}

static void judge_removal(const struct model *m, enum fdb_change change,
			  const struct fdb_entry *e)
{
	if (change == FDB_AGE)
		assert_true(!e->is_static && m->now - e->seen >= AGEING);
	if (m->port >= 0)
		assert_int_equal(e->port, m->port);
	if (m->vid >= 0)
		assert_int_equal(e->vid, m->vid);
}

static void changed(void *ctx, enum fdb_change change,
		    const struct fdb_entry *entry, uint16_t from)
{
	struct model *m = ctx;
	struct fdb_entry *e = find(m, entry->vid, entry->mac.b);

	if (change == FDB_EVICT)
		judge_eviction(m, entry);
	else
		assert_int_equal(change, m->expected);
	if (change == FDB_LEARN)
		assert_null(e);
	if (change == FDB_LEARN || change == FDB_ADD || change == FDB_MOVE) {
		if (!e)
			e = &m->entries[m->count++];
		else if (change == FDB_MOVE)
			assert_int_equal(e->port, from);
		*e = *entry;
	} else {
		assert_non_null(e);
		assert_int_equal(e->port, entry->port);
		assert_int_equal(e->seen, entry->seen);
		assert_int_equal(e->is_static, entry->is_static);
		judge_removal(m, change, entry);
		*e = m->entries[--m->count];
	}
	assert_true(m->count <= MODEL_SIZE);
	m->reports++;
}

static void make_mac(struct model *m, uint8_t mac[6])
{
	memset(mac, 0, 6);
	mac[0] = 2;
	mac[5] = (uint8_t)pick(m, MACS);
}

static uint32_t dynamic_count(const struct model *m)
{
	uint32_t n = 0;

	for (int port = 0; port < PORTS; port++)
		n += dynamic_on(m, port);
	return n;
}

/* Low ports speak more often: some hold many entries, some few. */
static void op_learn(struct model *m, uint16_t vid, const uint8_t mac[6])
{
	uint16_t port = (uint16_t)pick(m, 1 + pick(m, PORTS));
	struct fdb_entry *e = find(m, vid, mac);
	bool full = m->count == m->limit;
	size_t reports;

	if (!e) {
		m->expected = FDB_LEARN;
		reports = !full ? 1 : dynamic_count(m) ? 2 : 0;
	} else {
		m->expected = FDB_MOVE;
		reports = !e->is_static && e->port != port;
		if (!e->is_static && !reports)
			e->seen = m->now;
	}
	fdb_learn(m->fdb, vid, mac, port, m->now);
	assert_int_equal(m->reports, reports);
}

static void op_static(struct model *m, uint16_t vid, const uint8_t mac[6])
{
	bool fits =
		find(m, vid, mac) || m->count < m->limit || dynamic_count(m);

	m->expected = FDB_ADD;
	assert_int_equal(fdb_add_static(m->fdb, vid, mac,
					(uint16_t)pick(m, PORTS), m->now),
			 fits);
}

static void op_delete(struct model *m, uint16_t vid, const uint8_t mac[6])
{
	const struct fdb_entry *e = find(m, vid, mac);
	bool known = e;

	m->expected = e && e->is_static ? FDB_DELETE : FDB_FLUSH;
	assert_int_equal(fdb_delete(m->fdb, vid, mac), known);
	assert_int_equal(m->reports, known);
}

static void op_age(struct model *m)
{
	size_t removed;

	m->now += pick(m, AGEING);
	m->expected = FDB_AGE;
	removed = fdb_age(m->fdb, m->now);
	assert_int_equal(removed, m->reports);
	for (uint32_t i = 0; i < m->count; i++)
		assert_true(m->entries[i].is_static ||
			    m->now - m->entries[i].seen < AGEING);
}

static void op_flush(struct model *m)
{
	uint32_t kind = pick(m, 8);
	size_t removed;

	m->expected = FDB_FLUSH;
	if (kind == 0) {
		removed = fdb_flush(m->fdb);
		assert_int_equal(dynamic_count(m), 0);
	} else if (kind < 5) {
		m->port = (int)pick(m, PORTS);
		removed = fdb_flush_port(m->fdb, (uint16_t)m->port);
		assert_int_equal(dynamic_on(m, m->port), 0);
	} else if (kind < 7) {
		m->vid = (int)pick(m, VIDS);
		removed = fdb_flush_vid(m->fdb, (uint16_t)m->vid);
		for (uint32_t i = 0; i < m->count; i++)
			assert_true(m->entries[i].is_static ||
				    m->entries[i].vid != m->vid);
	} else {
		m->port = (int)pick(m, PORTS);
		removed = fdb_forget_port(m->fdb, (uint16_t)m->port);
		for (uint32_t i = 0; i < m->count; i++)
			assert_int_not_equal(m->entries[i].port, m->port);
	}
	assert_int_equal(removed, m->reports);
}

static void op_limit(struct model *m)
{
	uint32_t limit = 1 + pick(m, MODEL_SIZE);

	m->shrinking = true;
	m->limit = limit;
	assert_true(fdb_set_limit(m->fdb, limit));
	assert_int_equal(fdb_limit(m->fdb), limit);
	assert_true(m->count <= limit);
}

static void compare_all(struct model *m)
{
	struct fdb_entry entry;
	uint32_t slot = 0;
	uint32_t n = 0;

	for (; fdb_next(m->fdb, &slot, &entry); n++) {
		const struct fdb_entry *e = find(m, entry.vid, entry.mac.b);

		assert_non_null(e);
		assert_int_equal(e->port, entry.port);
		assert_int_equal(e->seen, entry.seen);
		assert_int_equal(e->is_static, entry.is_static);
		assert_int_equal(fdb_lookup(m->fdb, entry.vid, entry.mac.b),
				 entry.port);
	}
	assert_int_equal(n, m->count);
}

static void operate(struct model *m)
{
	uint16_t vid = (uint16_t)pick(m, VIDS);
	uint32_t kind = pick(m, 1000);
	const struct fdb_entry *e;
	uint8_t mac[6];

	m->reports = 0;
	m->port = -1;
	m->vid = -1;
	m->shrinking = false;
	m->now += pick(m, 3);
	make_mac(m, mac);
	if (kind < 900)
		op_learn(m, vid, mac);
	else if (kind < 920)
		op_static(m, vid, mac);
	else if (kind < 970)
		op_delete(m, vid, mac);
	else if (kind < 985)
		op_age(m);
	else if (kind < 999)
		op_flush(m);
	else
		op_limit(m);
	assert_int_equal(fdb_count(m->fdb), m->count);
	make_mac(m, mac);
	e = find(m, vid, mac);
	assert_int_equal(fdb_lookup(m->fdb, vid, mac), e ? e->port : -1);
}

static uint64_t seed(void)
{
	const char *text = getenv("SEED");
	struct timespec ts;

	if (text)
		return strtoull(text, NULL, 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec << 30 ^ (uint64_t)ts.tv_nsec;
}

static void agrees_with_the_model(void **state)
{
	struct model m = {.limit = MODEL_SIZE, .random = seed()};
	struct fdb_conf conf = {
		.limit = MODEL_SIZE,
		.ageing = AGEING,
		.key = {m.random, ~m.random},
		.changed = changed,
		.ctx = &m,
	};

	print_message("SEED=%" PRIu64 "\n", m.random);
	m.fdb = fdb_new(&conf);
	assert_non_null(m.fdb);
	for (unsigned i = 0; i < OPERATIONS; i++) {
		operate(&m);
		if (i % 256 == 0)
			compare_all(&m);
	}
	fdb_free(m.fdb);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
