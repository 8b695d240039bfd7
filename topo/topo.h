/* SPDX-License-Identifier: MIT */
/*
 * topo: a topology file as a passive, validated model.
 *
 *	text --yaml.c--> nodes with marks --parse.c--> struct topo
 *	struct topo --dump.c--> text that parses to the same
 *
 * The model only says what is wanted. Nothing in it is open, running or
 * shared; two of them are compared by switchd/plan.h. The notation is in
 * labswitch.yaml(5).
 *
 * topo does not know the plugs: the caller hands it the list of kinds.
 */
#ifndef LABSWITCH_TOPO_TOPO_H
#define LABSWITCH_TOPO_TOPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "switchd/core/err.h"
#include "switchd/core/storm.h"
#include "switchd/core/vidset.h"
#include "topo/opt.h"
#include "topo/selector.h"
#include "topo/stp.h"

#define TOPO_FILE_MAX   (1u << 20) /* bytes */
#define TOPO_DEPTH_MAX  32
#define TOPO_NODES_MAX  10000
#define TOPO_ERRORS_MAX 16
#define TOPO_PORTS_MAX  4095 /* of one switch; numbers 1 to 4095 */

#define TOPO_MIRRORS_MAX  8  /* mirror ports of one switch */
#define TOPO_MIRRORED_MAX 16 /* names of one mirror */

#define TOPO_CAPTURES_MAX      64
#define TOPO_CAPTURE_FILE_SIZE 201  /* 200 characters and a NUL */
#define TOPO_FILTER_SIZE       1025 /* 1024 characters and a NUL */
#define TOPO_DROP_SIZE         256  /* of a filter, likewise */

/* vlan:, trunk:, native:, native-tagged:, tunnel: as written; 0 or empty: not
 * written. */
struct vlan_words {
	uint16_t access;
	uint16_t native;
	uint16_t native_tagged;
	uint16_t tunnel;
	struct vidset trunk;
};

/* What happens to frames in one direction (core/impair.h). All zero: nothing.
 */
struct topo_impair {
	uint64_t delay;  /* ns */
	uint64_t jitter; /* ns */
	uint32_t loss;   /* of IMPAIR_ALL, as all shares */
	uint32_t loss_burst;
	uint32_t duplicate;
	uint32_t reorder;
	uint32_t corrupt;
	uint32_t seed;             /* 0: another one each time */
	uint64_t rate;             /* bits a second; 0: no limit */
	uint64_t burst;            /* bytes */
	uint64_t queue;            /* bytes; 0: topo_impair_queue() says */
	char drop[TOPO_DROP_SIZE]; /* a filter; empty: nothing */
	struct mark drop_at;       /* if there is one */
};

enum topo_direction { TOPO_BOTH, TOPO_RX, TOPO_TX };

/* What becomes of a port that does more than it may. */
enum guard_action { GUARD_DROP, GUARD_SHUTDOWN };

struct storm_words {
	uint32_t each; /* of a class that is not written */
	struct storm_conf limit;
	uint32_t action; /* enum guard_action */
};

/* Port security. */
struct secure_words {
	uint32_t max;    /* addresses; 0: not written */
	uint32_t action; /* enum guard_action */
	bool sticky;
};

/* Whose frames a mirror port gets copies of. */
struct mirror_words {
	char of[TOPO_MIRRORED_MAX][TOPO_NAME_SIZE]; /* ports, links, "all"; ends
						     * with one that is empty */
	uint32_t direction;                         /* enum topo_direction */
};

/* What a port may do, and what not. */
struct guard_words {
	struct storm_words storm;
	struct secure_words secure;
	bool isolated;
	uint32_t fdb_limit; /* addresses that are learned; 0: no limit */
};

struct port_conf {
	struct vlan_words vlan;
	struct guard_words guard;
	struct mirror_words mirror;
	uint32_t mtu;          /* 0: the kind's default */
	uint64_t queue;        /* bytes held for a slow peer; 0: likewise */
	uint16_t number;       /* the port's number; filled in if not written */
	bool numbered;         /* it was written */
	struct topo_impair rx; /* on the way from what is behind the port */
	struct topo_impair tx; /* on the way to it */
	struct port_stp stp;
};

struct topo_port {
	char name[TOPO_NAME_SIZE];
	struct mark mark;
	const struct opt_kind *kind;
	struct port_conf conf;
	void *kind_conf; /* kind->conf_size bytes */
	/* If the kind's ports are interfaces of hosts: what `hosts:` says of
	 * this one, and the name of the interface there. */
	const struct opt_host *host;
	char ifname[16];
	const struct topo_link *link; /* that it is an end of, or NULL */
};

/* A host that needs more said of it than its ports say. */
struct topo_host {
	char name[TOPO_NAME_SIZE];
	struct mark mark;
	struct opt_host conf;
};

enum switch_mode { MODE_SWITCH, MODE_HUB, MODE_WIRE };
enum vlan_aware { AWARE_AUTO, AWARE_YES, AWARE_NO };
enum vlan_protocol { PROTOCOL_AUTO, PROTOCOL_8021Q, PROTOCOL_8021AD };

/* vde: on a switch: a directory of its own, as vde_switch -s -m -g. */
struct vde_conf {
	char dir[91];  /* empty: SWITCH/ in the run-time folder */
	uint32_t mode; /* of the sockets; 0: 0600 */
	char group[33];
	bool anonymous; /* clients without a number may join */
	struct vlan_words anonymous_vlan;
	struct guard_words anonymous_guard;
};

struct switch_conf {
	uint32_t mode;          /* enum switch_mode */
	uint32_t vlan_aware;    /* enum vlan_aware */
	uint32_t vlan_protocol; /* enum vlan_protocol */
	struct opt_reserved reserved;
	uint64_t fdb_ageing; /* ns */
	uint32_t fdb_limit;
	struct vde_conf vde;
	struct mac mac; /* zero: made of its name */
	struct switch_stp stp;
};

struct topo_switch {
	char name[TOPO_NAME_SIZE];
	struct mark mark;
	struct switch_conf conf;
	struct topo_port *ports; /* in the order of the file */
	size_t port_count;
};

struct link_conf {
	char name[TOPO_NAME_SIZE]; /* also if it was not written */
	struct vlan_words vlan;    /* of both ends, but for a tunnel, which is
				    * of one whose switch is a provider's */
	struct storm_words storm;  /* of both ends */
	uint32_t mtu;              /* 0: that of topo_link_kind */
	struct topo_impair forth;  /* from the first end to the second */
	struct topo_impair back;
	struct port_stp stp; /* of both ends */
};

/*
 * A cable between two switches, or back to the same one. Each end is a port
 * there, in its list behind those that are written, of topo_link_kind: it has
 * the name of the link; the second on one switch "-back" after it.
 */
struct topo_link {
	struct mark mark;
	bool named; /* its name was written */
	struct {
		const struct topo_switch *sw;
		const struct topo_port *port;
	} ends[2]; /* in the order of the file */
	struct link_conf conf;
};

enum topo_format { TOPO_PCAPNG, TOPO_PCAP };

/* As they are written; NULL-ended. */
extern const char *const topo_mode_words[];
extern const char *const topo_direction_words[];
extern const char *const topo_format_words[];

struct topo_capture_conf {
	/* Ends with the first that is empty. Which ports they mean is asked of
	 * the lab as it is then, so those that come later are in it, too. */
	struct selector of[SELECTORS_MAX];
	char file[TOPO_CAPTURE_FILE_SIZE]; /* relative, no "." or ".." in it */
	char filter[TOPO_FILTER_SIZE];     /* empty: everything */
	uint32_t direction;                /* enum topo_direction */
	uint32_t snaplen;                  /* bytes of a frame that are kept */
	struct opt_rotate rotate;          /* files is 0: never */
	uint32_t format;                   /* enum topo_format */
	uint64_t buffer;                   /* bytes between switch and writer */
	bool drops;                        /* dropped frames, too, and why */
	bool raw;                          /* super-frames as handed over */
};

/*
 * A capture to a file. `capture: FILE` on a port is one of that port with
 * nothing else said; both are in one list. No two have the same file, by which
 * a capture is known from one topology to the next. It has no pointers in it:
 * an assignment copies all of it.
 */
struct topo_capture {
	struct mark mark;      /* of the entry, or of the port's word */
	struct mark file_at;   /* of the name of the file */
	struct mark filter_at; /* if there is a filter */
	bool on_port;          /* written as `capture: FILE` */
	struct topo_capture_conf conf;
};

struct topo {
	char name[TOPO_NAME_SIZE]; /* empty if not written */
	int32_t nice;              /* priority of the daemon, from its start */
	struct opt_vlan *vlans;
	size_t vlan_count;
	struct topo_host *hosts; /* in the order of the file */
	size_t host_count;
	struct topo_switch *switches; /* in the order of the file */
	size_t switch_count;
	struct topo_link *links; /* in the order of the file */
	size_t link_count;
	struct topo_capture *captures; /* those on ports come first */
	size_t capture_count;
};

/* Up to TOPO_ERRORS_MAX errors of one run, in the order of the file. */
struct topo_errors {
	struct err err[TOPO_ERRORS_MAX];
	size_t count;
	size_t more; /* met, but not kept */
};

/* The options of the file itself, in a struct topo. */
extern const struct opt topo_rows[];

/* The options of a switch, of a port of any kind, of a link, and of a host. */
extern const struct opt topo_switch_rows[];
extern const struct opt topo_port_rows[];
extern const struct opt topo_link_rows[];
extern const struct opt topo_host_rows[];

/* The options of one direction, in a struct topo_impair; a link's own stand for
 * both. */
extern const struct opt topo_impair_rows[];

/* Whether nothing is written. */
bool topo_impair_is_none(const struct topo_impair *im);

/* Bytes of memory for frames under way. */
uint64_t topo_impair_queue(const struct topo_impair *im);

/* What is wrong with options that do not go together, to follow the key of one
 * of them; NULL: nothing. */
const char *topo_impair_wrong(const struct topo_impair *im, const char **key);

/* The kind of ports that links make; no port of a file can be of it. */
extern const struct opt_kind topo_link_kind;

/* The options of a capture, and the word of a port that makes one of it: both
 * are of a struct topo_capture_conf. */
extern const struct opt topo_capture_rows[];
extern const struct opt topo_port_capture_rows[];

/*
 * Parses len bytes of text. kinds is a NULL-ended list and must outlive the
 * result. Returns NULL and at least one error, or a topology and none.
 */
struct topo *topo_parse(const char *text, size_t len,
			const struct opt_kind *const *kinds,
			struct topo_errors *errors);

/* An empty topology, from which start is the first reload. NULL: no memory. */
struct topo *topo_new(void);
void topo_free(struct topo *topo);

/* Writes a file that parses back to the same topology. */
void topo_dump(const struct topo *topo, FILE *out);

/*
 * Writes one error for eyes: "FILE:line:col: message", then, if text is not
 * NULL, the source line and a caret under the column. Pass NULL for text when
 * the reader of the message may not be allowed to read the file.
 */
void topo_print_error(FILE *out, const char *file, const char *text, size_t len,
		      const struct err *err);

/* Whether the switch looks at VLAN tags: AWARE_AUTO means that one of its
 * ports, or its anonymous ports, use a VLAN word; a hub or wire never does. */
bool topo_vlan_aware(const struct topo_switch *sw);

/* Whether its tags are S-tags: PROTOCOL_AUTO means that one of its ports, or
 * its anonymous ports, is a tunnel. */
bool topo_is_provider(const struct topo_switch *sw);

const struct topo_switch *topo_find_switch(const struct topo *topo,
					   const char *name);
const struct topo_port *topo_find_port(const struct topo_switch *sw,
				       const char *name);

/* The capture to this file, or NULL. */
const struct topo_capture *topo_find_capture(const struct topo *topo,
					     const char *file);

/* The link of this name, or NULL. */
const struct topo_link *topo_find_link(const struct topo *topo,
				       const char *name);

/* Whether frames of a port of a lab, which is an end of link (or NULL), are in
 * the capture. */
bool topo_capture_takes(const struct topo_capture *capture, const char *sw,
			const char *port, const char *link);

/* "switch", "hub", "wire", as enum switch_mode has them, and a NULL. */
extern const char *const topo_mode_words[];
const char *topo_mode_name(const struct topo_switch *sw);

/* Whether the port is a mirror, and then one of port `of` of its switch, of
 * what that receives (TOPO_RX) or sends (TOPO_TX). A mirror is of no other. */
bool topo_is_mirror(const struct topo_port *port);
bool topo_mirrors(const struct topo_port *port, const struct topo_port *of,
		  enum topo_direction direction);

/* The name of the host that the port is an interface of, or NULL. */
const char *topo_host_name(const struct topo_port *port);

/* The name of the link that the port is an end of, or NULL. */
const char *topo_link_name(const struct topo_port *port);

/* A name as the file allows it: [A-Za-z][A-Za-z0-9_-]*, 1-32, not reserved. */
bool topo_name_valid(const char *name);

#endif
