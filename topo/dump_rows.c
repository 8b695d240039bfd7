/* SPDX-License-Identifier: MIT */
#include "topo/dump_rows.h"

#include <ctype.h>
#include <string.h>

/* --- Scalars ---------------------------------------------------------- */

static bool is_alnum(char c)
{
	return isalnum((unsigned char)c);
}

/* Whether YAML reads text as it is, in braces too. */
static bool is_plain(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || text[len - 1] == ' ')
		return false;
	if (!is_alnum(text[0]) && text[0] != '/' &&
	    !(text[0] == '-' && isdigit((unsigned char)text[1])))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ':' && !is_alnum(text[i + 1]))
			return false;
		if (!is_alnum(text[i]) && !strchr(" _-./+@>:*%", text[i]))
			return false;
	}
	return true;
}

void dump_text(FILE *out, const char *text)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* "10,20-29" as [10, 20-29]. text is used up. */
static void put_list(FILE *out, char *text)
{
	const char *lead = "[";
	const char *item;

	while ((item = strsep(&text, ","))) {
		fputs(lead, out);
		dump_text(out, item);
		lead = ", ";
	}
	fputc(']', out);
}

/* "10: A;20: B" as {10: A, 20: B}. text is used up. */
static void put_keyed(FILE *out, char *text)
{
	const char *lead = "{";
	const char *item;

	while ((item = strsep(&text, ";"))) {
		const char *value = strstr(item, ": ") + 2;

		fprintf(out, "%s%.*s", lead, (int)(value - item), item);
		dump_text(out, value);
		lead = ", ";
	}
	fputc('}', out);
}

/* --- Rows ------------------------------------------------------------- */

bool dump_is_written(const struct opt *row, const void *conf, const void *base)
{
	return row->flags & OPT_REQUIRED || !opt_same(row, conf, base);
}

size_t dump_count_written(const struct opt *rows, const void *conf,
			  const void *base)
{
	size_t count = 0;

	for (const struct opt *row = rows; row->key; row++)
		count += dump_is_written(row, conf, base);
	return count;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */
const char *dump_rows(FILE *out, const struct opt *rows, const void *conf,
		      const void *base, const char *lead)
{
	for (const struct opt *row = rows; row->key; row++) {
		if (!dump_is_written(row, conf, base))
			continue;
		fprintf(out, "%s%s: ", lead, row->key);
		dump_value(out, row, conf, base);
		lead = ", ";
	}
	return lead;
}

static void put_map(FILE *out, const struct opt *rows, const void *conf,
		    const void *base)
{
	if (dump_count_written(rows, conf, base) == 1 &&
	    dump_is_written(rows, conf, base)) {
		dump_value(out, rows, conf, base);
		return;
	}
	(void)dump_rows(out, rows, conf, base, "{");
	fputc('}', out);
}

void dump_value(FILE *out, const struct opt *row, const void *conf,
		const void *base)
{
	char text[DUMP_VALUE_MAX];

	if (row->type == &opt_map) {
		put_map(out, row->sub, opt_value(row, conf),
			opt_value(row, base));
		return;
	}
	row->type->format(row, opt_value(row, conf), text, sizeof(text));
	if (row->flags & OPT_KEYED)
		put_keyed(out, text);
	else if (row->type->list && strchr(text, ','))
		put_list(out, text);
	else
		dump_text(out, text);
}

/* NOLINTEND(misc-no-recursion) */
