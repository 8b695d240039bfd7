/* SPDX-License-Identifier: MIT */
/*
 * events: what happens in a lab, told to those who watch.
 *
 *	tell.c --events_publish()--> bus --> a ring for each watcher --> ctl.c
 *
 * An event is a JSON object with "event", what it is, and "switch" and "port"
 * (or null), where it is. It becomes a notification, a JSON-RPC request
 * without an id, which is one line.
 *
 * Nobody is waited for. A watcher has a ring of EVENTS_RING_SIZE bytes; what
 * does not fit is counted, and told as {"event": "lost", "count": N} as soon
 * as half of the ring is free again. And all of them together cost at most
 * EVENTS_PER_S events a second, so that a guest that floods the lab with new
 * addresses costs us lines for a while, and not the frames of others: what is
 * beyond counts as lost, too. Many names to watch make an event dearer, and so
 * the events fewer.
 *
 * What is rare and matters, such as a port that goes down in a storm of floods,
 * is not lost among these: room is kept for it, EVENTS_KEPT_PER_S of a second
 * and EVENTS_KEPT_SIZE of a ring.
 *
 * The bus knows neither labs nor sockets.
 */
#ifndef LABSWITCH_SWITCHD_EVENTS_H
#define LABSWITCH_SWITCHD_EVENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/err.h"

#define EVENTS_RING_SIZE  (1u << 20) /* bytes; a power of two */
#define EVENTS_PER_S      10000
#define EVENTS_KEPT_SIZE  (1u << 16)
#define EVENTS_KEPT_PER_S 1000

struct watcher {
	struct events *bus; /* NULL: it does not watch */
	struct watcher *next;
	json_t *names; /* what it wants to know of; empty: all */
	void (*wake)(struct watcher *watcher);
	char *ring;
	size_t put, taken; /* bytes, ever */
	uint64_t lost;     /* events, not yet told */
};

/* Starts zeroed. */
struct events {
	struct watcher *watchers;
	unsigned spent; /* events of this second, or what costs as much */
	unsigned kept;  /* rare ones of this second */
	size_t names;   /* of all watchers: each event is compared with them */
};

/* --- Those who watch -------------------------------------------------- */

/*
 * From now on the watcher, which starts zeroed but for wake, gets all events
 * of the switches and ports in names, an array of "SWITCH", "SWITCH.PORT" or
 * "PORT"; NULL: all. wake() is called when its ring has something to take and
 * had nothing before, from the middle of whatever happens: it may only make a
 * note of that. Returns false and err if there is no memory.
 */
bool events_subscribe(struct events *bus, struct watcher *watcher,
		      json_t *names, struct err *err);

/* Of a watcher that does not watch: nothing. */
void events_unsubscribe(struct watcher *watcher);

/* Bytes to send next, *len of them; 0: nothing. The rest of them may be taken
 * after watcher_taken(). */
const char *watcher_peek(const struct watcher *watcher, size_t *len);
void watcher_taken(struct watcher *watcher, size_t len);

/* --- What happens ----------------------------------------------------- */

static inline bool events_watched(const struct events *bus)
{
	return bus->watchers != NULL;
}

/*
 * Whether it is worth while to make an event. If it is not, because enough of
 * them were made in this second, it counts as lost.
 */
bool events_wanted(struct events *bus);

/* Tells all who want to know, with the time. Takes the event over. */
void events_publish(struct events *bus, json_t *event);

/* The same of what is rare; there is no need to ask before. */
void events_publish_rare(struct events *bus, json_t *event);

/* Call it once a second. */
void events_tick(struct events *bus);

/* What the time of an event is: microseconds since 1970, UTC. */
json_int_t events_time_us(void);

#endif
