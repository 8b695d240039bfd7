/* SPDX-License-Identifier: MIT */
/* rows: tables in the tables of topo.h that have files of their own. */
#ifndef LABSWITCH_TOPO_ROWS_H
#define LABSWITCH_TOPO_ROWS_H

#include "topo/topo.h"

/* storm:, secure: and mirror:, of a struct storm_words and so on. */
extern const struct opt rows_storm[];
extern const struct opt rows_secure[];
extern const struct opt rows_mirror[];

#endif
