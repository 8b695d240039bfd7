/* SPDX-License-Identifier: MIT */
#include "switchd/screen.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 10
#define WIDTH_MAX   66 /* of a cell; two names and a dot have 65 */
#define GAP         2  /* blanks between columns */
#define INDENT      4  /* of notes */

#define BOLD  "\033[1m"
#define GREEN "\033[32m"
#define RED   "\033[31m"
#define PLAIN "\033[0m"

enum line_kind { LINE_ROW, LINE_NOTE, LINE_HEADING };

struct cell {
	char *text;
	const char *colour; /* or NULL */
};

struct line {
	struct line *next;
	enum line_kind kind;
	struct cell cells[COLUMNS_MAX]; /* only the first, unless a row */
};

struct table {
	const struct screen *screen;
	struct line *lines, **tail;
	struct line *row; /* that is being filled, or NULL */
	bool right[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	unsigned columns;
	unsigned filled; /* cells of row */
};

static void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static struct line *add_line(struct table *table, enum line_kind kind)
{
	struct line *line = or_abort(calloc(1, sizeof(*line)));

	line->kind = kind;
	*table->tail = line;
	table->tail = &line->next;
	return line;
}

/* At most WIDTH_MAX of it, and nothing that a terminal obeys. */
static char *cut(const char *text)
{
	char *copy;
	bool wide = strlen(text) > WIDTH_MAX;
	int n = asprintf(&copy, "%.*s%s", wide ? WIDTH_MAX - 3 : WIDTH_MAX,
			 text, wide ? "..." : "");

	if (n < 0)
		abort();
	for (char *p = copy; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	return copy;
}

static void add_cell(struct table *table, const char *text, const char *colour)
{
	unsigned i = table->filled;
	char *cell = cut(text);
	int width = (int)strlen(cell);

	if (!table->row)
		table->row = add_line(table, LINE_ROW);
	table->row->cells[i].text = cell;
	table->row->cells[i].colour = colour;
	if (width > table->width[i])
		table->width[i] = width;
	if (++table->filled == table->columns) {
		table->row = NULL;
		table->filled = 0;
	}
}

struct table *table_new(const struct screen *screen, const char *const *columns)
{
	struct table *table = or_abort(calloc(1, sizeof(*table)));

	table->screen = screen;
	table->tail = &table->lines;
	while (columns[table->columns])
		table->columns++;
	assert(table->columns <= COLUMNS_MAX);
	for (unsigned i = 0; i < table->columns; i++) {
		table->right[i] = columns[i][0] == '>';
		add_cell(table, columns[i] + table->right[i], BOLD);
	}
	return table;
}

void table_text(struct table *table, const char *text)
{
	add_cell(table, text ? text : "-", NULL);
}

void table_count(struct table *table, int64_t count)
{
	char buf[SCREEN_UNITS_SIZE];

	(void)snprintf(buf, sizeof(buf), "%" PRId64, count);
	add_cell(table, count ? buf : "-", NULL);
}

void table_bytes(struct table *table, int64_t bytes)
{
	char buf[SCREEN_UNITS_SIZE];

	add_cell(table, bytes ? screen_bytes(bytes, buf) : "-", NULL);
}

void table_state(struct table *table, const char *state)
{
	if (!state)
		state = "-";
	add_cell(table, state, strcmp(state, "up") == 0 ? GREEN : RED);
}

__attribute__((format(printf, 3, 0))) static void
add_sentence(struct table *table, enum line_kind kind, const char *fmt,
	     va_list ap)
{
	struct line *line = add_line(table, kind);

	if (vasprintf(&line->cells[0].text, fmt, ap) < 0)
		abort();
}

void table_note(struct table *table, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_sentence(table, LINE_NOTE, fmt, ap);
	va_end(ap);
}

void table_heading(struct table *table, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_sentence(table, LINE_HEADING, fmt, ap);
	va_end(ap);
}

/* No blanks at the end of a line. */
static void print_cell(const struct table *table, const struct line *line,
		       unsigned i)
{
	const struct cell *cell = &line->cells[i];
	bool coloured = cell->colour && table->screen->colour;
	int pad = table->width[i] - (int)strlen(cell->text);
	bool last = i + 1 == table->columns;

	fprintf(table->screen->out, "%*s%s%s%s%*s", table->right[i] ? pad : 0,
		"", coloured ? cell->colour : "", cell->text,
		coloured ? PLAIN : "",
		last              ? 0
		: table->right[i] ? GAP
				  : pad + GAP,
		"");
}

static void print_line(const struct table *table, const struct line *line)
{
	FILE *out = table->screen->out;

	if (line->kind == LINE_NOTE)
		fprintf(out, "%*s%s", INDENT, "", line->cells[0].text);
	else if (line->kind == LINE_HEADING)
		fprintf(out, "%s", line->cells[0].text);
	else
		for (unsigned i = 0; i < table->columns; i++)
			print_cell(table, line, i);
	putc('\n', out);
}

void table_end(struct table *table)
{
	struct line *next;

	assert(!table->row);
	for (struct line *line = table->lines; line; line = next) {
		next = line->next;
		print_line(table, line);
		for (unsigned i = 0; i < table->columns; i++)
			free(line->cells[i].text);
		free(line);
	}
	free(table);
}

const char *screen_bytes(int64_t bytes, char buf[SCREEN_UNITS_SIZE])
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	double value = (double)bytes / 1000;
	size_t unit = 0;

	while (value >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	if (bytes < 10000)
		(void)snprintf(buf, SCREEN_UNITS_SIZE, "%" PRId64 " B", bytes);
	else
		(void)snprintf(buf, SCREEN_UNITS_SIZE, "%.1f %s", value,
			       units[unit]);
	return buf;
}

const char *screen_duration(int64_t seconds, char buf[SCREEN_UNITS_SIZE])
{
	static const struct {
		int64_t s;
		const char *unit;
	} steps[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	while (i < 3 && seconds < steps[i].s)
		i++;
	if (i == 3)
		(void)snprintf(buf, SCREEN_UNITS_SIZE, "%" PRId64 " s",
			       seconds);
	else
		(void)snprintf(buf, SCREEN_UNITS_SIZE,
			       "%" PRId64 " %s %" PRId64 " %s",
			       seconds / steps[i].s, steps[i].unit,
			       seconds % steps[i].s / steps[i + 1].s,
			       steps[i + 1].unit);
	return buf;
}
