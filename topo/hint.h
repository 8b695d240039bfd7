/* SPDX-License-Identifier: MIT */
/*
 * hint: what to type instead of what is no YAML.
 */
#ifndef LABSWITCH_TOPO_HINT_H
#define LABSWITCH_TOPO_HINT_H

#include <stddef.h>

/* A syntax error as libyaml tells it. */
struct fault {
	const char *text;
	size_t len;
	const char *problem; /* libyaml's words; never NULL */
	size_t at;           /* where, as an offset in text */
	size_t start;        /* of what was being read then */
};

/*
 * Returns a message in terms of the file, or NULL if nothing better is known
 * than libyaml's own words; then fault->at is where to point at.
 */
const char *hint_for(struct fault *fault);

/*
 * The offset of the first ':' within len bytes that has no space after it, so
 * that "key:value" is one word to YAML; len if there is none. Colons in
 * addresses and paths do not count: a key starts with a letter.
 */
size_t hint_glued_colon(const char *text, size_t len);

#endif
