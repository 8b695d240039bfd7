/* SPDX-License-Identifier: MIT */
/*
 * nat_forward: `tcp 127.0.0.1:2222 -> .15:22`: a port of the host's, or a unix
 * socket, that leads to one of a guest's.
 */
#ifndef LABSWITCH_PLUGS_NAT_FORWARD_H
#define LABSWITCH_PLUGS_NAT_FORWARD_H

#include "plugs/nat_opts.h"

#define NAT_FORWARD_SIZE 256 /* as text */

/* The type of the option, struct nat_rule[NAT_FORWARDS_MAX]. */
extern const struct opt_type nat_rules_type;

/* Reads one rule. The message goes on after the key. */
bool nat_rule_parse(const char *text, struct nat_rule *rule, struct err *err);

/* Makes of a rule the forward that the process is told. The message goes on
 * after the kind's name. */
bool nat_rule_resolve(const struct nat_rule *rule, const struct nat_conf *conf,
		      struct nat_forward *forward, struct err *err);

bool nat_forward_same(const struct nat_forward *a, const struct nat_forward *b);

/*
 * Why there cannot be both: "begin at the same place", or "lead to one UDP
 * port", which libslirp has one socket for, so that all answers would leave by
 * one of the two. NULL: there can.
 */
const char *nat_forward_clash(const struct nat_forward *a,
			      const struct nat_forward *b);

/* "tcp 127.0.0.1:2222 -> 10.0.2.15:22"; nat_rule_parse() reads it. Returns
 * buf. */
const char *nat_forward_format(const struct nat_forward *forward,
			       char buf[NAT_FORWARD_SIZE]);

#endif
