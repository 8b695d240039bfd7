/* SPDX-License-Identifier: MIT */
/*
 * Near means: few letters are missing, added, wrong, or swapped with their
 * neighbour (the restricted Damerau-Levenshtein distance): at most 2, and
 * fewer than half of the word, so that "tpa" finds "tap" but "x" finds
 * nothing.
 */
#include "topo/suggest.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 40 /* longer words get no suggestion */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* At most WORD_MAX bytes each. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[3][WORD_MAX + 1]; /* before last, last, this */
	size_t width = strlen(b);

	for (unsigned j = 0; j <= width; j++)
		row[1][j] = j;
	memcpy(row[0], row[1], sizeof(row[0]));
	for (unsigned i = 1; a[i - 1]; i++) {
		row[2][0] = i;
		for (unsigned j = 1; j <= width; j++) {
			unsigned wrong = a[i - 1] != b[j - 1];
			unsigned d = row[1][j - 1] + wrong;

			d = least(d, row[1][j] + 1);
			d = least(d, row[2][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d = least(d, row[0][j - 2] + 1);
			row[2][j] = d;
		}
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[0]));
	}
	return row[1][width];
}

struct suggest suggest_for(const char *typed)
{
	size_t len = strlen(typed);
	struct suggest s = {.typed = typed, .distance = 3};

	if (len < 5)
		s.distance = ((unsigned)len + 1) / 2;
	if (len > WORD_MAX)
		s.distance = 0;
	return s;
}

void suggest_try(struct suggest *s, const char *word)
{
	size_t used = strlen(s->words);
	unsigned d;

	(void)snprintf(s->words + used, sizeof(s->words) - used, "%s%s",
		       used ? ", " : "", word);
	if (s->distance == 0 || strlen(word) > WORD_MAX)
		return;
	d = distance(s->typed, word);
	if (d >= s->distance)
		return;
	s->distance = d;
	(void)snprintf(s->tail, sizeof(s->tail), "; did you mean '%s'?", word);
}

const char *suggest_tail(const struct suggest *s)
{
	return s->tail;
}

const char *suggest_words(const struct suggest *s)
{
	return s->words;
}
