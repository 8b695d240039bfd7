/* SPDX-License-Identifier: MIT */
/*
 * dhcp_options: the options of an answer to a DHCPv4 client (RFC 2132, RFC
 * 2131 table 3): those that it must have, and of the others those that the
 * client asks for, or all if it says nothing of that (RFC 2131 section 4.3.1).
 */
#ifndef LABSWITCH_PLUGS_NAT_DHCP_OPTIONS_H
#define LABSWITCH_PLUGS_NAT_DHCP_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "plugs/nat/dhcp_parse.h"

/*
 * Writes them with their end to out, which has size bytes (at least 300), and
 * returns how many that are. What does not fit is left out, the less important
 * first. name: the client's, "": none.
 */
size_t dhcp_options_write(const struct nat_conf *conf,
			  const struct dhcp_request *r, enum dhcp_type type,
			  const char *name, uint8_t *out, size_t size);

#endif
