/* SPDX-License-Identifier: MIT */
/*
 * dns_names: the names of a NAT's own network.
 *
 *	alice.lab, alice	A of the guest that leases it
 *	gateway.lab, dns.lab	A and AAAA of the NAT; without .lab as well
 *	15.2.0.10.in-addr.arpa	PTR of a guest or of the NAT
 *
 * The domain and the reverse of the network are ours alone: what is not in
 * them does not exist. A name without a dot that nobody has, or a type other
 * than A, AAAA and ANY of it, may be of the world. So is "localhost", as some
 * guests call themselves. Pure.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_DNS_NAMES_H
#define LABSWITCH_PLUGS_NAT_CHILD_DNS_NAMES_H

#include "plugs/nat/child/dns_message.h"
#include "plugs/nat/conf.h"
#include "plugs/nat/lease.h"

/*
 * Returns false if the question is not about our names. Else *rcode says how
 * to answer it, and with which record (rdlen 0: none).
 */
bool dns_names_find(const struct nat_conf *conf, const struct leases *leases,
		    const struct dns_question *q, uint64_t now,
		    enum dns_rcode *rcode, struct dns_record *record);

#endif
