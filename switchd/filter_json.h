/* SPDX-License-Identifier: MIT */
/*
 * filter_json: filters (capture/filter.h) as they are in requests: an array of
 * instructions, [code, jt, jf, k] each. Clients compile, the daemon checks.
 */
#ifndef LABSWITCH_SWITCHD_FILTER_JSON_H
#define LABSWITCH_SWITCHD_FILTER_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "capture/filter.h"
#include "switchd/core/err.h"

/* Compiles a text in the words of pcap-filter(7); NULL and libpcap's message on
 * failure. */
json_t *filter_json_compile(const char *text, struct err *err);

/* Fills f, all zero before, from such an array; NULL or an empty one: all
 * frames. */
bool filter_json_read(const json_t *list, struct filter *f, struct err *err);

#endif
