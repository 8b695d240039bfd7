/* SPDX-License-Identifier: MIT */
/*
 * The types of options that only captures have: lists of selectors, and
 * `SIZE x FILES` or `TIME x FILES`.
 */
#include "topo/opt.h"

#include <stdio.h>
#include <string.h>

#include "topo/selector.h"

#define TIMES " x "

static bool selectors_parse(const struct opt *row, const struct opt_ctx *ctx,
			    const char *text, void *out, struct err *err)
{
	struct selector *selectors = out;
	unsigned i = 0;

	while (i < SELECTORS_MAX && selectors[i].sw[0])
		i++;
	if (i == SELECTORS_MAX)
		return err_set(err, "has more than %d selectors",
			       SELECTORS_MAX);
	return selector_parse(text, &selectors[i], err);
}

static void selectors_format(const struct opt *row, const void *value,
			     char *buf, size_t size)
{
	const struct selector *selectors = value;
	char text[SELECTOR_TEXT_SIZE];
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < SELECTORS_MAX && selectors[i].sw[0]; i++) {
		if (used >= size)
			return;
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 i ? "," : "",
					 selector_format(&selectors[i], text));
	}
}

const struct opt_type opt_selectors = {"selectors", selectors_parse,
				       selectors_format, true};

/* --- Rotation ----------------------------------------------------------- */

static const struct opt size_row = {
	.min = 64000,
	.max = 1000000000000,
};
static const struct opt time_row = {
	.min = 1000000000,
	.max = 31536000000000000,
};
static const struct opt files_row = {
	.min = 2,
	.max = 99,
};

static bool rotate_parse(const struct opt *row, const struct opt_ctx *ctx,
			 const char *text, void *out, struct err *err)
{
	const char *times = strstr(text, TIMES);
	struct opt_rotate got = {.files = 0};
	struct opt_rotate *rotate = out;
	char each[24] = "";
	bool ok;

	if (times)
		(void)snprintf(each, sizeof(each), "%.*s", (int)(times - text),
			       text);
	if (!strpbrk(each, "Bhmnsu"))
		return err_set(err,
			       "is '%.40s', expected SIZE x FILES or TIME x "
			       "FILES, such as 50MB x 5 or 10m x 3",
			       text);
	if (strchr(each, 'B'))
		ok = opt_size.parse(&size_row, ctx, each, &got.bytes, err);
	else
		ok = opt_duration.parse(&time_row, ctx, each, &got.ns, err);
	if (!ok || !opt_uint.parse(&files_row, ctx, times + strlen(TIMES),
				   &got.files, err))
		return false;
	/* One by one: an assignment may change what is between them. */
	rotate->bytes = got.bytes;
	rotate->ns = got.ns;
	rotate->files = got.files;
	return true;
}

static void rotate_format(const struct opt *row, const void *value, char *buf,
			  size_t size)
{
	const struct opt_rotate *rotate = value;
	char each[32];

	if (rotate->bytes)
		opt_size.format(&size_row, &rotate->bytes, each, sizeof(each));
	else
		opt_duration.format(&time_row, &rotate->ns, each, sizeof(each));
	(void)snprintf(buf, size, "%s" TIMES "%u", each, rotate->files);
}

const struct opt_type opt_rotate = {"rotation", rotate_parse, rotate_format,
				    false};
