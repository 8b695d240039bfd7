/* SPDX-License-Identifier: MIT */
#include "switchd/events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_LEN    8192 /* of a notification; none comes near it */
#define NAMES_PER_EVENT 64   /* so many to compare cost as much as an event */

static_assert((EVENTS_RING_SIZE & (EVENTS_RING_SIZE - 1)) == 0,
	      "a place in the ring is a mask away");
static_assert(LINE_MAX_LEN < EVENTS_RING_SIZE / 2,
	      "the line that tells of losses fits in what is free then");

/* --- Lines -------------------------------------------------------------- */

/* Takes the event over; 0: it was made without enough memory, or too long. */
static size_t to_line(json_t *event, char line[LINE_MAX_LEN])
{
	json_t *params = json_pack("{s:I}", "time_us", events_time_us());
	json_t *whole;
	size_t len;

	(void)json_object_update(params, event);
	json_decref(event);
	whole = json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method",
			  "event", "params", params);
	len = json_dumpb(whole, line, LINE_MAX_LEN - 1, JSON_COMPACT);
	json_decref(whole);
	if (len == 0 || len > LINE_MAX_LEN - 1)
		return 0;
	line[len++] = '\n';
	return len;
}

/* --- One watcher -------------------------------------------------------- */

static size_t room(const struct watcher *w)
{
	return EVENTS_RING_SIZE - (w->put - w->taken);
}

/* The line fits. */
static void put_line(struct watcher *w, const char *line, size_t len)
{
	size_t at = w->put & (EVENTS_RING_SIZE - 1);
	size_t first = EVENTS_RING_SIZE - at;
	bool was_empty = w->put == w->taken;

	if (first > len)
		first = len;
	memcpy(w->ring + at, line, first);
	memcpy(w->ring, line + first, len - first);
	w->put += len;
	if (was_empty)
		w->wake(w);
}

static void put_lost(struct watcher *w)
{
	char line[LINE_MAX_LEN];
	size_t len = to_line(json_pack("{s:s, s:n, s:n, s:I}", "event", "lost",
				       "switch", "port", "count",
				       (json_int_t)w->lost),
			     line);

	if (len == 0 || room(w) < len)
		return;
	w->lost = 0;
	put_line(w, line, len);
}

/*
 * Tells of what was lost, if it is time to. Half of the ring must be free, so
 * that one line about losses stands for many of them.
 */
static void tell_lost(struct watcher *w)
{
	if (w->lost && w->bus->spent < EVENTS_PER_S &&
	    room(w) >= EVENTS_RING_SIZE / 2)
		put_lost(w);
}

static void offer(struct watcher *w, const char *line, size_t len)
{
	tell_lost(w);
	if (w->lost || len == 0 || room(w) < len + EVENTS_KEPT_SIZE)
		w->lost++;
	else
		put_line(w, line, len);
}

/* Behind the line that tells of losses, so that these are in their place. */
static void offer_rare(struct watcher *w, const char *line, size_t len)
{
	if (w->lost)
		put_lost(w);
	if (w->lost || len == 0 || room(w) < len)
		w->lost++;
	else
		put_line(w, line, len);
}

/* Whether name, "SWITCH", "SWITCH.PORT" or "PORT", means this place; port is
 * "SWITCH.PORT" or NULL. */
static bool means(const char *name, const char *sw, const char *port)
{
	const char *dot = port ? strchr(port, '.') : NULL;

	return (sw && strcmp(name, sw) == 0) ||
	       (port && strcmp(name, port) == 0) ||
	       (dot && strcmp(name, dot + 1) == 0);
}

static const char *text_of(const json_t *event, const char *key)
{
	return json_string_value(json_object_get(event, key));
}

static bool wants(const struct watcher *w, const json_t *event)
{
	const char *sw = text_of(event, "switch");
	const char *port = text_of(event, "port");
	const char *from = text_of(event, "from");
	const json_t *name;
	size_t i;

	if (json_array_size(w->names) == 0)
		return true;
	json_array_foreach(w->names, i, name)
	{
		const char *text = json_string_value(name);

		/* What moves concerns both ports. */
		if (means(text, sw, port) || means(text, sw, from))
			return true;
	}
	return false;
}

/* --- Those who watch ---------------------------------------------------- */

bool events_subscribe(struct events *bus, struct watcher *watcher,
		      json_t *names, struct err *err)
{
	assert(!watcher->bus);
	watcher->ring = malloc(EVENTS_RING_SIZE);
	if (!watcher->ring)
		return err_set(err, "no memory for a watcher");
	watcher->names = json_incref(names);
	bus->names += json_array_size(names);
	watcher->bus = bus;
	watcher->next = bus->watchers;
	bus->watchers = watcher;
	return true;
}

void events_unsubscribe(struct watcher *watcher)
{
	struct watcher **link;

	if (!watcher->bus)
		return;
	link = &watcher->bus->watchers;
	while (*link != watcher)
		link = &(*link)->next;
	*link = watcher->next;
	watcher->bus->names -= json_array_size(watcher->names);
	watcher->bus = NULL;
	json_decref(watcher->names);
	free(watcher->ring);
}

const char *watcher_peek(const struct watcher *watcher, size_t *len)
{
	size_t at = watcher->taken & (EVENTS_RING_SIZE - 1);

	*len = watcher->put - watcher->taken;
	if (*len > EVENTS_RING_SIZE - at)
		*len = EVENTS_RING_SIZE - at;
	return watcher->ring + at;
}

void watcher_taken(struct watcher *watcher, size_t len)
{
	watcher->taken += len;
	tell_lost(watcher);
}

/* --- What happens ------------------------------------------------------- */

bool events_wanted(struct events *bus)
{
	if (!bus->watchers)
		return false;
	if (bus->spent < EVENTS_PER_S)
		return true;
	for (struct watcher *w = bus->watchers; w; w = w->next)
		w->lost++;
	return false;
}

static void publish(struct events *bus, json_t *event,
		    void (*put)(struct watcher *w, const char *line,
				size_t len))
{
	char line[LINE_MAX_LEN];
	size_t len;

	if (!bus->watchers) {
		json_decref(event);
		return;
	}
	json_incref(event);
	len = to_line(event, line);
	for (struct watcher *w = bus->watchers; w; w = w->next)
		if (wants(w, event))
			put(w, line, len);
	json_decref(event);
}

void events_publish(struct events *bus, json_t *event)
{
	bus->spent += 1 + (unsigned)(bus->names / NAMES_PER_EVENT);
	publish(bus, event, offer);
}

void events_publish_rare(struct events *bus, json_t *event)
{
	if (bus->kept++ < EVENTS_KEPT_PER_S)
		publish(bus, event, offer_rare);
	else if (events_wanted(bus))
		events_publish(bus, event);
	else
		json_decref(event);
}

void events_tick(struct events *bus)
{
	bus->spent = 0;
	bus->kept = 0;
	for (struct watcher *w = bus->watchers; w; w = w->next)
		tell_lost(w);
}

json_int_t events_time_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (json_int_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
