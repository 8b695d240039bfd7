/* SPDX-License-Identifier: MIT */
/*
 * load: a topology from a file.
 */
#ifndef LABSWITCH_SWITCHD_LOAD_H
#define LABSWITCH_SWITCHD_LOAD_H

#include <stddef.h>

#include "switchd/core/err.h"
#include "switchd/filters.h"
#include "topo/topo.h"

/*
 * Called for each mistake. err->at.line is 0 if it is not in the text but with
 * the file; then text is NULL.
 */
typedef void load_report_fn(const char *file, const char *text, size_t len,
			    const struct err *err);

/* To standard error, with the source line where the reader may see it. */
load_report_fn load_print;

/* To the log. */
load_report_fn load_log;

/* Reads file, "-" for standard input, with all plugs known, and compiles its
 * filters. Returns NULL after at least one report, or a topology. */
struct topo *load_topo(const char *file, struct filters *filters,
		       load_report_fn *report);

/* The same, for whoever may not wait: only a regular file is read. NULL, too,
 * if *wait (filters.h). */
struct topo *load_topo_again(const char *file, struct filters *filters,
			     load_report_fn *report, bool *wait);

/* --- Its parts, for who reads in one process and parses in another ------ */

/* Parses and compiles. NULL, and errors unless *wait. */
struct topo *load_parse(const char *text, size_t len, struct filters *filters,
			struct topo_errors *errors, bool *wait);

/*
 * The text of a file, "-" for standard input, but at most TOPO_FILE_MAX + 1
 * bytes (the parser then says that it is too much), to be freed. NULL and err.
 */
char *load_text(const char *file, size_t *len, struct err *err);

/* The same of a descriptor, from its beginning on; of a regular file, because
 * to read that is to wait for nobody. */
char *load_fd(int fd, size_t *len, struct err *err);

/* The file's name for messages: "stdin" for "-". */
const char *load_shown(const char *file);

#endif
