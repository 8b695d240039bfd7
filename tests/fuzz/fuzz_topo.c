/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a topology file: they are refused with at least one error, all of
 * which can be shown; or they make a topology that survives dump and parse.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugs/plug.h"
#include "tests/topo/same.h"
#include "topo/graph.h"
#include "topo/text.h"
#include "topo/topo.h"
#include "tests/fuzz/fuzz.h"

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_topo: %s\n", what);
	abort();
}

static void show(const struct topo_errors *errors, const char *text, size_t len)
{
	char *shown = NULL;
	size_t shown_len;
	FILE *out = open_memstream(&shown, &shown_len);

	require(out, "no memory");
	for (size_t i = 0; i < errors->count; i++)
		topo_print_error(out, "fuzz.yaml", text, len, &errors->err[i]);
	(void)fclose(out);
	require(!strchr(shown, '\033') && !strchr(shown, '\r'),
		"an error shows control characters");
	free(shown);
}

static void check_order(const struct topo_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		struct mark at = errors->err[i].at;
		struct mark last =
			i ? errors->err[i - 1].at : (struct mark){0, 0};

		require(at.line && at.col, "an error has no place");
		require(at.line > last.line ||
				(at.line == last.line && at.col >= last.col),
			"errors are out of order");
	}
}

static void check_round_trip(const struct topo *topo)
{
	struct topo_errors errors;
	size_t len;
	char *text = dump_text(topo, &len);
	struct topo *again = topo_parse(text, len, plug_kinds, &errors);

	if (!again)
		fprintf(stderr, "%s\n%s\n", text, errors.err[0].msg);
	require(again, "the dump is refused");
	if (!same_topo(topo, again))
		fprintf(stderr, "%s\n", text);
	require(same_topo(topo, again), "the dump says something else");
	topo_free(again);
	free(text);
}

/* Whether each line of text is, but for tabs, what it looks like. */
static bool lines_printable(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n\t"))) {
		if (!text_printable(line))
			return false;
	}
	return true;
}

static void check_pictures(const struct topo *topo)
{
	struct err err = {.errnum = 0};

	for (int format = 0; format < GRAPH_FORMAT_COUNT; format++) {
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		require(out, "no memory");
		require(topo_graph(topo, (enum graph_format)format, out, &err),
			"there is no picture");
		(void)fclose(out);
		require(lines_printable(text), "a picture has other text");
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct topo_errors errors;
	struct topo *topo = topo_parse(text, size, plug_kinds, &errors);

	require(!topo == (errors.count > 0), "neither topology nor error");
	show(&errors, text, size);
	check_order(&errors);
	if (topo) {
		check_round_trip(topo);
		check_pictures(topo);
	}
	topo_free(topo);
	return 0;
}
