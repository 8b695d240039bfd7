/* SPDX-License-Identifier: MIT */
#include "topo/opt.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define VALUE_MAX 16384 /* bytes of one value */

const struct opt_type opt_map = {.name = "map"};

/* value is zeroed. */
static void set_default(const struct opt *row, void *value)
{
	static const struct opt_ctx no_names;
	bool ok;

	if (!row->def)
		return;
	ok = row->type->parse(row, &no_names, row->def, value, NULL);
	assert(ok);
	(void)ok;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */

void opt_defaults(const struct opt *rows, void *conf)
{
	for (const struct opt *row = rows; row->key; row++)
		opt_default(row, conf);
}

void opt_default(const struct opt *row, void *conf)
{
	if (row->type == &opt_map)
		opt_defaults(row->sub, opt_place(row, conf));
	else
		set_default(row, opt_place(row, conf));
}

void opt_kind_defaults(const struct opt_kind *kind, void *conf)
{
	opt_defaults(kind->rows, conf);
	if (kind->arg)
		opt_default(kind->arg, conf);
}

const struct opt *opt_find(const struct opt *rows, const char *key)
{
	for (const struct opt *row = rows; row->key; row++) {
		if (strcmp(row->key, key) == 0)
			return row;
	}
	return NULL;
}

bool opt_equal(const struct opt *rows, const void *a, const void *b)
{
	for (const struct opt *row = rows; row->key; row++) {
		if (!opt_same(row, a, b))
			return false;
	}
	return true;
}

bool opt_same(const struct opt *row, const void *a, const void *b)
{
	if (row->type == &opt_map)
		return opt_equal(row->sub, opt_value(row, a),
				 opt_value(row, b));
	return memcmp(opt_value(row, a), opt_value(row, b), row->size) == 0;
}

bool opt_is_default(const struct opt *row, const void *conf)
{
	_Alignas(max_align_t) char value[VALUE_MAX];

	if (row->type == &opt_map) {
		for (const struct opt *sub = row->sub; sub->key; sub++) {
			if (!opt_is_default(sub, opt_value(row, conf)))
				return false;
		}
		return true;
	}
	assert(row->size <= sizeof(value));
	memset(value, 0, row->size);
	set_default(row, value);
	return memcmp(value, opt_value(row, conf), row->size) == 0;
}

/* NOLINTEND(misc-no-recursion) */

void opt_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}
