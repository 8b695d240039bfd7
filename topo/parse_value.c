/* SPDX-License-Identifier: MIT */
#include "topo/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topo/errors.h"
#include "topo/hint.h"

#define NO_BREAK_SPACE "\xc2\xa0" /* as web pages and word processors do */

void parse_enter(struct parser *p, const char *what, const char *name)
{
	if (name)
		(void)snprintf(p->where, sizeof(p->where), "%s '%.32s': ", what,
			       name);
	else
		(void)snprintf(p->where, sizeof(p->where), "%s", what);
}

bool parse_fail(struct parser *p, struct mark at, const char *fmt, ...)
{
	struct err err;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(err.msg, sizeof(err.msg), fmt, ap);
	va_end(ap);
	return errors_at(p->errors, at, "%s%s", p->where, err.msg);
}

/* "key:value" without the space is one word to YAML. */
static const char *glued_tail(const char *text)
{
	size_t len = strlen(text);

	return hint_glued_colon(text, len) < len ? "; put a space after ':'"
						 : "";
}

void *parse_room(struct parser *p, const struct node *node, size_t size)
{
	void *room = calloc(yaml_count(node) + 1, size);

	if (!room)
		(void)parse_fail(p, node->at, "no memory");
	return room;
}

bool parse_is_map(struct parser *p, const struct node *node, const char *what)
{
	if (node->type == NODE_MAP || node->type == NODE_NONE)
		return true;
	if (node->type == NODE_LIST)
		return parse_fail(
			p, node->at,
			"expected a map of %s, not a list: 'key: value' "
			"without '-' or '['",
			what);
	return parse_fail(p, node->at, "expected a map of %s%s", what,
			  glued_tail(node->text));
}

bool parse_name(struct parser *p, const char *name, struct mark at)
{
	if (topo_name_valid(name))
		return true;
	return parse_fail(p, at,
			  "'%.40s' cannot be a name: letters, digits, '_' and "
			  "'-', first a letter, at most %d; not control, ctl, "
			  "all, any, lock, show",
			  name, TOPO_NAME_SIZE - 1);
}

void parse_suggest(struct suggest *s, const struct opt *rows)
{
	for (const struct opt *row = rows; row->key; row++)
		suggest_try(s, row->key);
}

bool parse_unknown(struct parser *p, const struct node *node, struct suggest *s)
{
	const char *tail = glued_tail(node->key);

	if (strstr(node->key, NO_BREAK_SPACE))
		tail = "; it has a no-break space in it: type a plain one";
	if (*tail || *suggest_tail(s))
		return parse_fail(p, node->key_at, "unknown key '%.60s'%s",
				  node->key, *tail ? tail : suggest_tail(s));
	return parse_fail(p, node->key_at, "unknown key '%.60s'; expected %s",
			  node->key, suggest_words(s));
}

bool parse_required(struct parser *p, const struct opt *rows,
		    const struct node *map)
{
	bool ok = true;

	for (const struct opt *row = rows; row->key; row++) {
		if (row->flags & OPT_REQUIRED && !yaml_get(map, row->key))
			ok = parse_fail(p, map->at, "'%s' is missing: %s",
					row->key, row->help);
	}
	return ok;
}

static bool read_scalar(struct parser *p, const struct opt *row,
			const struct node *node, void *value)
{
	const char *key = node->key ? node->key : row->key;
	struct err err;

	if (node->type == NODE_NONE)
		return parse_fail(p, node->at, "'%s' has no value", key);
	if (node->type != NODE_SCALAR)
		return parse_fail(p, node->at,
				  "'%s' is a %s, not one value (%s)", key,
				  node->type == NODE_MAP ? "map" : "list",
				  row->type->name);
	if (row->type->parse(row, &p->ctx, node->text, value, &err))
		return true;
	return parse_fail(p, node->at, "'%s' %s", key, err.msg);
}

static bool read_list(struct parser *p, const struct opt *row,
		      const struct node *node, void *value)
{
	bool ok = true;

	memset(value, 0, row->size);
	if (node->type != NODE_LIST)
		return read_scalar(p, row, node, value);
	if (!node->child)
		return parse_fail(p, node->at, "'%s' is an empty list",
				  row->key);
	for (const struct node *n = node->child; n; n = n->next)
		ok = read_scalar(p, row, n, value) && ok;
	return ok;
}

static bool read_pair(struct parser *p, const struct opt *row,
		      const struct node *node, void *value)
{
	struct node pair = *node;
	char *text;
	bool ok;

	if (node->type != NODE_SCALAR)
		return read_scalar(p, row, node, value);
	if (asprintf(&text, "%s: %s", node->key, node->text) < 0)
		return parse_fail(p, node->at, "no memory");
	pair.text = text;
	ok = read_scalar(p, row, &pair, value);
	free(text);
	return ok;
}

static bool read_keyed(struct parser *p, const struct opt *row,
		       const struct node *node, void *value)
{
	bool ok = true;

	memset(value, 0, row->size);
	if (!parse_is_map(p, node, row->type->name))
		return false;
	for (const struct node *n = node->child; n; n = n->next)
		ok = read_pair(p, row, n, value) && ok;
	return ok;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */

bool parse_rows(struct parser *p, const struct opt *rows,
		const struct node *map, void *conf)
{
	bool ok = true;

	for (const struct node *n = map->child; n; n = n->next) {
		const struct opt *sub = opt_find(rows, n->key);

		if (sub) {
			ok = parse_value(p, sub, n, conf) && ok;
		} else {
			struct suggest s = suggest_for(n->key);

			parse_suggest(&s, rows);
			ok = parse_unknown(p, n, &s);
		}
	}
	return ok;
}

bool parse_value(struct parser *p, const struct opt *row,
		 const struct node *node, void *conf)
{
	void *value = opt_place(row, conf);

	if (row->type == &opt_map &&
	    (node->type == NODE_SCALAR ||
	     (node->type == NODE_LIST && row->sub->type->list)))
		return parse_value(p, row->sub, node, value);
	if (row->type == &opt_map)
		return parse_is_map(p, node, row->key) &&
		       parse_rows(p, row->sub, node, value);
	if (row->flags & OPT_KEYED)
		return read_keyed(p, row, node, value);
	if (row->type->list)
		return read_list(p, row, node, value);
	return read_scalar(p, row, node, value);
}

/* NOLINTEND(misc-no-recursion) */
