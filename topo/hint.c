/* SPDX-License-Identifier: MIT */
/*
 * libyaml says what its grammar expected; people want to know what they did.
 * The problem it names, with the character it stopped at or the line before,
 * tells the usual slips apart. The texts matched here are those of libyaml
 * 0.2 (src/scanner.c, src/parser.c); if a later one words them anew, its own
 * words are shown.
 */
#include "topo/hint.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static size_t line_start(const struct fault *f, size_t at)
{
	while (at > 0 && f->text[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_len(const struct fault *f, size_t start)
{
	const char *eol = memchr(f->text + start, '\n', f->len - start);

	return eol ? (size_t)(eol - f->text) - start : f->len - start;
}

static char char_at(const struct fault *f, size_t at)
{
	return (char)(at < f->len ? f->text[at] : '\0');
}

size_t hint_glued_colon(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (text[i] == ' ' || text[i] == '-'))
		i++;
	if (i == len || !isalpha((unsigned char)text[i]))
		return len;
	while (i < len && (isalnum((unsigned char)text[i]) || text[i] == '_' ||
			   text[i] == '-'))
		i++;
	if (i + 1 < len && text[i] == ':' &&
	    !isspace((unsigned char)text[i + 1]))
		return i;
	return len;
}

/* Points at a "key:value" in the line that starts there, if it is one. */
static bool point_at_glued(struct fault *f, size_t start)
{
	size_t len = line_len(f, start);
	size_t colon = hint_glued_colon(f->text + start, len);

	if (colon == len)
		return false;
	f->at = start + colon;
	return true;
}

static const char *glued = "put a space after ':'";

static const char *alias(struct fault *f)
{
	f->at = f->start;
	return "'*' and '&' begin aliases in YAML, which are not taken: write "
	       "such a word in quotes, as \"*\"";
}

static const char *colon_in_braces(struct fault *f)
{
	return "no ':' before ',' or '}': a kind without arguments is written "
	       "as in {vde, vlan: 10}";
}

static const char *second_value(struct fault *f)
{
	size_t start = line_start(f, f->at);
	const char *line = f->text + start;
	const char *colon = memchr(line, ':', f->at - start);

	if (colon && memchr(colon, ',', (size_t)(f->text + f->at - colon)))
		return "several options need braces, as in "
		       "pc1: {tap: eth0, vlan: 10}";
	if (colon)
		return "a second ': ' in a line: put the value in quotes, or "
		       "options in braces";
	if (start > 0 && point_at_glued(f, line_start(f, start - 1)))
		return glued;
	return "'key: value' cannot start here: is the line above complete, "
	       "and the indentation right?";
}

static const char *no_colon(struct fault *f)
{
	if (point_at_glued(f, line_start(f, f->start)))
		return glued;
	f->at = f->start;
	return "expected 'key: value'";
}

static const char *bad_start(struct fault *f)
{
	if (char_at(f, f->at) == '\t')
		return "a tab: indent with spaces";
	return "a value that begins with this character must be in quotes";
}

static const char *not_closed(struct fault *f)
{
	char here = char_at(f, f->at);
	bool same_line = line_start(f, f->at) == line_start(f, f->start);

	if (here == '[' || here == '{')
		return "a value with brackets in it must be in quotes, as in "
		       "\"10001 -> [::1]:10002\"";
	if (here == ':' && same_line)
		return "a ',' is missing before this option";
	f->at = f->start;
	return "this bracket is not closed before the next line, or a ',' is "
	       "missing";
}

static const char *odd_line(struct fault *f)
{
	return "this does not fit the lines above: is the indentation right?";
}

static const char *odd_entry(struct fault *f)
{
	return "a list with '-' starts on a line of its own";
}

static const char *no_value(struct fault *f)
{
	return "expected a value here";
}

static const char *open_quote(struct fault *f)
{
	f->at = f->start;
	return "this quote is not closed";
}

const char *hint_for(struct fault *fault)
{
	static const struct {
		const char *problem;
		const char *(*hint)(struct fault *f);
	} hints[] = {
		{"expected alphabetic or numeric character", alias},
		{"found unexpected ':'", colon_in_braces},
		{"mapping values are not allowed", second_value},
		{"could not find expected ':'", no_colon},
		{"cannot start any token", bad_start},
		{"tab character that violates", bad_start},
		{"did not find expected ',' or", not_closed},
		{"did not find expected key", odd_line},
		{"did not find expected '-'", odd_line},
		{"block sequence entries are not allowed", odd_entry},
		{"did not find expected node content", no_value},
		{"unexpected end of stream", open_quote},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strstr(fault->problem, hints[i].problem))
			return hints[i].hint(fault);
	}
	return NULL;
}
