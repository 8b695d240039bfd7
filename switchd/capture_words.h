/* SPDX-License-Identifier: MIT */
/*
 * capture_words: which words of `switchctl capture` are ports, and which a
 * filter.
 *
 * They are those of tcpdump, with ports in place of an interface. As long as
 * words are names of the lab they are ports; the first that is none begins the
 * filter. No word of a filter has the form SWITCH.PORT at its beginning, so a
 * wrong one is not taken for a filter. A "--" says where it begins in any case.
 */
#ifndef LABSWITCH_SWITCHD_CAPTURE_WORDS_H
#define LABSWITCH_SWITCHD_CAPTURE_WORDS_H

#include <jansson.h>

#include "capture/filter_compile.h"
#include "switchd/core/err.h"

/*
 * show is what `show` says of the lab; params has "ports", the words, and
 * "filter", what stood behind a "--", if anything did. Returns the selectors
 * (topo/selector.h), and in filter its text or nothing; NULL and err.
 */
json_t *capture_words(const json_t *show, const json_t *params,
		      char filter[FILTER_TEXT_MAX + 1], struct err *err);

#endif
