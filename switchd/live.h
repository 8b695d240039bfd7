/* SPDX-License-Identifier: MIT */
/*
 * live: a capture that goes on as long as a client wants it.
 *
 * The client opens the output and hands it over; the daemon writes to it. The
 * capture is the connection's: whatever ends the client ends it, too. Used by
 * `switchctl capture` and by labswitch-extcap.
 */
#ifndef LABSWITCH_SWITCHD_LIVE_H
#define LABSWITCH_SWITCHD_LIVE_H

#include <jansson.h>
#include <stdbool.h>

#include "switchd/core/err.h"

struct client;

/* --- What is captured --------------------------------------------------- */

/*
 * The request that words ask for: an object with "format", "direction",
 * "snaplen" and "buffer", texts as a topology has them (labswitch.yaml(5)),
 * "raw" and "drops", each of which may be absent. NULL and err if one of them
 * is wrong. The caller adds "of", the selectors (topo/selector.h).
 */
json_t *live_request(const json_t *words, struct err *err);

/* Adds a filter, in the words of pcap-filter(7); the message is libpcap's. An
 * empty one changes nothing. */
bool live_filter(json_t *request, const char *text, struct err *err);

/* --- The capture -------------------------------------------------------- */

struct live_totals {
	long long frames;
	long long bytes; /* of these, before snaplen */
	long long dropped;
};

struct live {
	struct client *client; /* borrowed */
	long long id;
	json_t *ports; /* by name, as it began */
	int out;       /* borrowed; whose reader is looked after */
	struct live_totals totals;
};

/* Begins it, to out. False: there is nothing to end. */
bool live_start(struct live *live, struct client *client, const json_t *request,
		int out, struct err *err);

/*
 * Waits until SIGINT, SIGTERM or SIGHUP comes, nobody reads from out any more,
 * or somebody stops it, and ends it: all is written then, for two seconds at
 * most. About once a second tick() is told how far it is. False: the capture,
 * or the lab, has ended by itself, for the reason in err. Call it once.
 */
typedef void live_tick_fn(void *ctx, const struct live_totals *totals);
bool live_wait(struct live *live, live_tick_fn *tick, void *ctx,
	       struct err *err);

void live_done(struct live *live);

#endif
