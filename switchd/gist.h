/* SPDX-License-Identifier: MIT */
/*
 * gist: what a frame says, in a few words, for whoever follows frames one by
 * one: "ARP who has 10.0.0.2, tell 10.0.0.1". It is no dissector: what it does
 * not know it calls by the name of its type, and nothing depends on it.
 */
#ifndef LABSWITCH_SWITCHD_GIST_H
#define LABSWITCH_SWITCHD_GIST_H

#include <stdbool.h>
#include <stdint.h>

#include "switchd/core/frame.h"

#define GIST_SIZE 192

/* Any frame of any length, in printable ASCII. Returns whether that is more
 * than its type. */
bool gist_of(const struct frame *f, char buf[GIST_SIZE]);

/* "ARP", "IPv4" ...; some words on what it is if it has no name here. */
const char *gist_type_name(uint16_t type);

#endif
