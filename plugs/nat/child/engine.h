/* SPDX-License-Identifier: MIT */
/*
 * engine: libslirp, as the loop drives it.
 *
 * It says in each round what it waits for (engine_fill), is told what has
 * happened (engine_poll), and takes frames in between. A round is due only
 * when something may have changed: a frame, an event, its time.
 *
 * Its own DHCP, DNS, TFTP, emulation and router advertisements are off, and
 * its loopback mapping on: what may use it the shim decides.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_ENGINE_H
#define LABSWITCH_PLUGS_NAT_CHILD_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "plugs/nat/child/pollset.h"
#include "plugs/nat/conf.h"
#include "switchd/core/err.h"

struct engine;

/* A frame of libslirp's, borrowed for the call, inside of which no other
 * function of the engine may be called. */
typedef void engine_send_fn(void *ctx, const uint8_t *data, uint32_t len);

struct engine *engine_new(const struct nat_conf *conf, struct pollset *set,
			  engine_send_fn *send, void *ctx, struct err *err);
void engine_free(struct engine *engine);

/* A complete frame for it. */
void engine_input(struct engine *engine, const uint8_t *data, uint32_t len);

/* Serves the sockets that pollset_wait() found ready, and timers. */
void engine_poll(struct engine *engine);

/* Sends what had to wait for a guest's MAC. */
void engine_resume(struct engine *engine);

/* Says what it waits for. Returns in how many milliseconds to call
 * engine_poll() at the latest. */
int engine_fill(struct engine *engine);

/* Opens a forward, or says why not. */
bool engine_forward(struct engine *engine, const struct nat_forward *forward,
		    struct err *err);

/* Closes it. False: there is none such. */
bool engine_unforward(struct engine *engine, const struct nat_forward *forward);

/* Of libslirp. */
const char *engine_version(void);

#endif
