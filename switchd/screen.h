/* SPDX-License-Identifier: MIT */
/*
 * screen: text for eyes: aligned tables, units, a little colour.
 *
 * A table is filled cell by cell, row by row, and printed at the end, when the
 * widths are known. Notes stand below the row they belong to, headings between
 * rows; neither counts for the widths. Text from the network is printable
 * already: who takes it in makes it so.
 */
#ifndef LABSWITCH_SWITCHD_SCREEN_H
#define LABSWITCH_SWITCHD_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SCREEN_UNITS_SIZE 48

struct screen {
	FILE *out;
	bool colour;
};

struct table;

/* Columns by name, NULL-ended; one that begins with '>' is right-aligned.
 * Aborts if there is no memory, as all functions here. */
struct table *table_new(const struct screen *screen,
			const char *const *columns);

/* Each adds the next cell; a row ends when all columns have one. */
void table_text(struct table *table, const char *text); /* NULL: "-" */
void table_count(struct table *table, int64_t count);   /* 0: "-" */
void table_bytes(struct table *table, int64_t bytes);
void table_state(struct table *table, const char *state); /* of a port */

/* A line below the last row, indented; before the next row. */
void table_note(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void table_heading(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints and frees it. */
void table_end(struct table *table);

/* "980 B", "12.3 kB", "4.5 MB" (powers of 1000). Returns buf. */
const char *screen_bytes(int64_t bytes, char buf[SCREEN_UNITS_SIZE]);

/* "42 s", "5 min 3 s", "2 h 7 min", "3 d 4 h". Returns buf. */
const char *screen_duration(int64_t seconds, char buf[SCREEN_UNITS_SIZE]);

#endif
