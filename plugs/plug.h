/* SPDX-License-Identifier: MIT */
/*
 * plug: what is behind a port.
 *
 * A kind of plug is one file plugs/plug_foo.c with one const struct
 * plug_class, and one line PLUG(foo) in plugs.def. plug_null.c is the example
 * to copy.
 *
 *	          open() ok              host->state(up)
 *	DOWN ------------------> OPENING ---------------> UP --+ send()
 *	 ^  <-- open() failed                              |    | host->rx()
 *	 |                                                 v    |
 *	 |                        host->state(down): the peer is gone
 *	 +----- host->closed() ------- CLOSING <--- close() ----+
 *
 * state	what the host may call		what the plug may call
 * DOWN		open, done and free		nothing
 * OPENING	close, reconfigure		state (also inside open),
 *						event
 * UP		send, close or give, client,	rx, state(down), event
 *		reconfigure, mac
 * CLOSING					closed, once (also inside
 *						close)
 * any		attach, held, nat's
 *
 * After host->state(down) the host calls close(), waits, and opens again with
 * backoff: a plug never retries by itself. Memory belongs to the host: it
 * allocates class->size zeroed bytes, fills the base, and frees it only when
 * the plug is DOWN.
 */
#ifndef LABSWITCH_PLUGS_PLUG_H
#define LABSWITCH_PLUGS_PLUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "plugs/io.h"
#include "plugs/priv.h"
#include "switchd/core/counters.h"
#include "switchd/core/err.h"
#include "switchd/core/frame.h"
#include "topo/opt.h"

#define PLUG_FDS_MAX  64
#define PLUG_BLOB_MAX 4096

struct plug;
struct plug_nat_ops;
struct vde_dir;

/* Descriptors, and what they mean, that pass from one life to the next. */
struct fdset {
	unsigned version; /* of the blob, the plug's own numbering */
	int fd[PLUG_FDS_MAX];
	unsigned fd_count;
	uint8_t blob[PLUG_BLOB_MAX];
	size_t blob_len;
};

/* What the host does for its plug. */
struct plug_host {
	void (*rx)(struct plug *plug, const struct frame *frames, unsigned n,
		   uint64_t now);
	/* up: reason is NULL. Not up any more: reason says why. */
	void (*state)(struct plug *plug, bool up, const struct err *reason);
	void (*closed)(struct plug *plug);
	/* Something worth a log line: "client joined: QEMU, uid 0". */
	void (*event)(struct plug *plug, const char *text);
};

/* Where a plug lives; the same for all ports of a switch. */
struct plug_env {
	uv_loop_t *loop;
	struct io_engine *io;
	const struct priv *priv;
	struct vde_dir *vde;       /* the switch's VDE directory (vde_dir.h) */
	const char *nat_program;   /* NULL: the one installed (nat_child.h) */
	char name[TOPO_NAME_SIZE]; /* of the switch */
	uint8_t place; /* its own among the lab's switches, if they are few */
};

/* The base; a class embeds it as its first member. */
struct plug {
	const struct plug_class *class;
	const struct plug_host *host;
	const struct plug_env *env;
	struct counters *counters; /* the port's */
	const void *conf;          /* class->kind.conf_size bytes */
	const char *name;          /* of the port */
	uint16_t number;           /* of the port */
	uint32_t mtu;              /* of the port, payload bytes */
	size_t hold_limit;         /* of each ring; 0: as the plug likes */
	/* For kinds of hosts: what `hosts:` says, the interface's name. */
	const struct opt_host *host_conf;
	const char *ifname;
	void *ctx; /* the host's own */
};

/* One client of a port that has several (vde, qemu). */
struct plug_client {
	char text[129]; /* printable: what it says of itself, or its address */
	uint32_t uid;
	int32_t pid; /* 0: pid and uid are not known, it came by TCP */
	struct counters *counters; /* the host may reset them */
	size_t held;
};

struct plug_class {
	struct opt_kind kind;
	size_t size; /* of the instance */

	/*
	 * The only step that can fail; err then says what to do about it.
	 * inherited is NULL, or descriptors that give() handed over in a
	 * former life: those it takes it replaces by -1, the others stay the
	 * caller's.
	 */
	bool (*open)(struct plug *plug, struct fdset *inherited,
		     struct err *err);
	/*
	 * n frames (1 to FRAME_BURST) leave; they are borrowed for the call.
	 * Only while UP. Each copy ends up in tx_frames, in a tx_ drop, or
	 * held; the host has counted one tx_offered a frame, so a plug with k
	 * clients counts k - 1 more. fates are as in io_send(); a frame that
	 * one of several clients got has been sent.
	 */
	void (*send)(struct plug *plug, const struct wire *wires, unsigned n,
		     uint64_t now, enum drop *fates);
	void (*close)(struct plug *plug);

	/*
	 * Writes the lines that a user pastes to connect here, each ended by
	 * a newline; nothing if there is nothing to connect. Required.
	 */
	void (*attach)(const struct plug *plug, char *buf, size_t size);

	/* --- Optional: NULL if there is nothing to say. --- */

	/* Frames held for the peer. */
	size_t (*held)(const struct plug *plug);
	/* The i-th client from 0; false if there is none. */
	bool (*client)(const struct plug *plug, unsigned i,
		       struct plug_client *out);
	/* Hands over all it has open, in place of close(); then closed(). */
	void (*give)(struct plug *plug, struct fdset *out);
	/*
	 * conf, or mtu, has changed in OPT_LIVE rows only and plug->conf is
	 * the new one already; NULL: nothing to do.
	 */
	void (*reconfigure)(struct plug *plug);
	/* The plug, which is DOWN, is about to be freed: what it has of its
	 * own over several lives goes. */
	void (*done)(struct plug *plug);
	/*
	 * The MAC address that is here while the plug is UP, and nowhere else:
	 * the host keeps others from taking it. False: there is none.
	 */
	bool (*mac)(const struct plug *plug, struct mac *mac);
	const struct plug_nat_ops *nat; /* of a NAT (plug_nat.h) */
};

/* Every class of plugs.def, NULL-ended. */
extern const struct plug_class *const plug_classes[];

/* Their kinds, for topo_parse(); NULL-ended. */
extern const struct opt_kind *const plug_kinds[];

/* The class whose kind this is. */
const struct plug_class *plug_class_of(const struct opt_kind *kind);

#define PLUG_QEMU_ID_SIZE  ((size_t)2 * TOPO_NAME_SIZE)
#define PLUG_QEMU_NIC_SIZE (PLUG_QEMU_ID_SIZE + 64)

/*
 * For attach(): what QEMU is to call the port, -netdev ...,id=lan.vm, and the
 * option that gives a guest a card on it. Its MAC is made of the numbers of
 * switch and port, because those that QEMU takes by itself are the same in all
 * guests. So a guest may have a card on each of several ports. Both return buf.
 */
const char *plug_qemu_id(const struct plug *plug, char buf[PLUG_QEMU_ID_SIZE]);
const char *plug_qemu_nic(const struct plug *plug,
			  char buf[PLUG_QEMU_NIC_SIZE]);

#endif
