/* SPDX-License-Identifier: MIT */
#include "topo/errors.h"

#include <stdarg.h>
#include <string.h>

#include "topo/text.h"

#define TAB_WIDTH 8

static bool before(struct mark a, struct mark b)
{
	return a.line != b.line ? a.line < b.line : a.col < b.col;
}

bool errors_add(struct topo_errors *errors, const struct err *err)
{
	size_t i = errors->count;
	size_t behind;

	while (i > 0 && before(err->at, errors->err[i - 1].at))
		i--;
	if (errors->count == TOPO_ERRORS_MAX)
		errors->more++;
	else
		errors->count++;
	if (i == TOPO_ERRORS_MAX)
		return false;
	behind = errors->count - 1 - i;
	memmove(&errors->err[i + 1], &errors->err[i],
		behind * sizeof(errors->err[0]));
	errors->err[i] = *err;
	text_mend(errors->err[i].msg);
	return false;
}

bool errors_at(struct topo_errors *errors, struct mark at, const char *fmt, ...)
{
	struct err err = {.at = at};
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err.msg, sizeof(err.msg), fmt, ap);
	va_end(ap);
	return errors_add(errors, &err);
}

/*
 * Writes up to len bytes as they may be shown on a terminal: tabs become
 * spaces, what is not visible its code. Returns the columns taken.
 */
static size_t put_visible(FILE *out, const char *p, size_t len)
{
	size_t columns = 0;

	while (len > 0) {
		uint32_t code = 0;
		size_t n = text_decode(p, len, &code);

		if (n == 1 && code == '\t') {
			int pad = (int)(TAB_WIDTH - columns % TAB_WIDTH);

			columns += (size_t)fprintf(out, "%*s", pad, "");
		} else if (n == 0) {
			columns += (size_t)fprintf(out, "\\x%02x", (uint8_t)*p);
		} else if (!text_visible(code)) {
			columns += (size_t)fprintf(out, "\\u%04x", code);
		} else {
			(void)fwrite(p, 1, n, out);
			columns++;
		}
		p += n ? n : 1;
		len -= n ? n : 1;
	}
	return columns;
}

/* The bytes of a line without its end; NULL if there is no such line. */
static const char *find_line(const char *text, size_t len, unsigned line,
			     size_t *line_len)
{
	const char *end = text + len;
	const char *eol;

	for (; line > 1; line--) {
		eol = memchr(text, '\n', (size_t)(end - text));
		if (!eol)
			return NULL;
		text = eol + 1;
	}
	if (text == end)
		return NULL;
	eol = memchr(text, '\n', (size_t)(end - text));
	*line_len = (size_t)((eol ? eol : end) - text);
	if (*line_len > 0 && text[*line_len - 1] == '\r')
		--*line_len;
	return text;
}

/*
 * Lines longer than a screen are cut to what is around the column, at the
 * start of a character.
 */
static size_t window_start(const char *line, size_t col)
{
	size_t start = col > 60 ? col - 60 : 0;

	while (start > 0 && ((uint8_t)line[start] & 0xc0) == 0x80)
		start--;
	return start;
}

static void print_source(FILE *out, const char *line, size_t len, size_t col)
{
	size_t start, shown, indent;

	if (col > len)
		col = len;
	start = window_start(line, col);
	shown = len - start > 160 ? 160 : len - start;

	fprintf(out, "    ");
	indent = put_visible(out, line + start, col - start);
	(void)put_visible(out, line + col, shown - (col - start));
	fprintf(out, "\n    %*s^\n", (int)indent, "");
}

void topo_print_error(FILE *out, const char *file, const char *text, size_t len,
		      const struct err *err)
{
	const char *line = NULL;
	size_t line_len;

	fprintf(out, "%s:", file);
	if (err->at.line)
		fprintf(out, "%u:%u:", err->at.line, err->at.col);
	fputc(' ', out);
	(void)put_visible(out, err->msg, strlen(err->msg));
	fputc('\n', out);
	if (text && err->at.line)
		line = find_line(text, len, err->at.line, &line_len);
	if (line && err->at.col)
		print_source(out, line, line_len, err->at.col - 1);
}
