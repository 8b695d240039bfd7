/* SPDX-License-Identifier: MIT */
/*
 * text: UTF-8 as far as a topology file needs it (RFC 3629).
 */
#ifndef LABSWITCH_TOPO_TEXT_H
#define LABSWITCH_TOPO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the first character of len bytes into *code. Returns its length in
 * bytes, or 0 if it is cut off, overlong, a surrogate or not UTF-8 at all.
 */
size_t text_decode(const char *p, size_t len, uint32_t *code);

/*
 * Whether a character shows up as what it is: no control characters, no line
 * separators, no byte order mark, none that reorder the text around them
 * (Unicode's Bidi_Control), so that what is read is what is meant.
 */
bool text_visible(uint32_t code);

/* Whether s is UTF-8 and all of it is visible. */
bool text_printable(const char *s);

/* Takes out of s what is not UTF-8, such as half a character that was cut. */
void text_mend(char *s);

#endif
