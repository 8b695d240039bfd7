/* SPDX-License-Identifier: MIT */
/*
 * The level (plugs/io.h) at which tests run: $LABSWITCH_IO, or auto. A test
 * whose level does not work here is skipped.
 */
#ifndef LABSWITCH_TESTS_IO_LEVEL_H
#define LABSWITCH_TESTS_IO_LEVEL_H

#include <stdio.h>
#include <stdlib.h>

#include "plugs/io.h"

#define TEST_SKIPPED 77

static inline struct io_engine *test_io_engine(uv_loop_t *loop)
{
	const char *text = getenv("LABSWITCH_IO");
	enum io_level level = IO_AUTO;
	struct io_engine *engine;
	struct err err;

	if (text && !io_level_parse(text, &level))
		abort();
	engine = io_engine_new(loop, level, &err);
	if (engine)
		return engine;
	fprintf(stderr, "%s: %s\n", text, err.msg);
	exit(TEST_SKIPPED);
}

#endif
