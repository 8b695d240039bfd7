/* SPDX-License-Identifier: MIT */
/*
 * dump_rows: values of option tables as a file has them. base is what there is
 * with nothing written; a value that is the same there is not.
 */
#ifndef LABSWITCH_TOPO_DUMP_ROWS_H
#define LABSWITCH_TOPO_DUMP_ROWS_H

#include <stdio.h>

#include "topo/opt.h"

#define DUMP_VALUE_MAX 16384 /* the longest set of VLANs takes 10 KB */

/* A scalar, quoted if YAML needs that. */
void dump_text(FILE *out, const char *text);

bool dump_is_written(const struct opt *row, const void *conf, const void *base);
size_t dump_count_written(const struct opt *rows, const void *conf,
			  const void *base);

/* "key: value" of each row to write, the first after the text in lead. Returns
 * what comes before a next one. */
const char *dump_rows(FILE *out, const struct opt *rows, const void *conf,
		      const void *base, const char *lead);

void dump_value(FILE *out, const struct opt *row, const void *conf,
		const void *base);

#endif
