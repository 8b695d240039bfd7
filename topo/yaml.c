/* SPDX-License-Identifier: MIT */
/*
 * The tree is built from libyaml's events, not with its document API: events
 * come while the text is read, so that a file that is too deep or too big is
 * refused before libyaml 0.2.5 spends time on it (its scanner is quadratic in
 * the depth of flow collections). Two more of its habits cost time or trust
 * and are met by a look at the text beforehand: it searches all %TAG
 * directives for each, and takes UTF-16 and unseen characters.
 *
 * All nodes are in one array and all texts in another, of sizes known at the
 * start: a text is never longer than what stands for it in the file, since
 * the few escapes that are shorter than their characters make characters
 * that are refused.
 */
#include "topo/yaml.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "topo/errors.h"
#include "topo/hint.h"
#include "topo/text.h"

/* libyaml counts characters; marks count bytes. */
struct cursor {
	size_t index; /* in characters */
	size_t offset;
	size_t line_start;
	unsigned line;
};

/* A collection that is being read. */
struct level {
	struct node *node;
	struct node **tail; /* where the next child goes */
	const char *key;    /* read, its value not yet */
	struct mark key_at;
	bool again; /* the key was there before: its value is dropped */
};

struct reader {
	const char *text;
	size_t len;
	struct cursor cursor;
	struct yaml_tree *tree;
	struct topo_errors *errors;
	struct level levels[TOPO_DEPTH_MAX];
	unsigned depth;
	bool sound; /* the tree makes sense */
};

static const struct cursor file_start = {.line = 1};

static struct mark mark_of(const struct cursor *c)
{
	return (struct mark){c->line,
			     (unsigned)(c->offset - c->line_start) + 1};
}

/* One character on. The text is known to be UTF-8. */
static void step(struct cursor *c, const char *text, size_t len)
{
	uint32_t code = 0;
	size_t n = text_decode(text + c->offset, len - c->offset, &code);

	c->offset += n ? n : 1;
	c->index++;
	if (code == '\n') {
		c->line++;
		c->line_start = c->offset;
	}
}

/* Marks come in the order of the file, nearly. */
static struct mark locate(struct reader *r, size_t index)
{
	struct cursor *c = &r->cursor;

	if (index < c->index)
		*c = file_start;
	while (c->index < index && c->offset < r->len)
		step(c, r->text, r->len);
	return mark_of(c);
}

/* --- The text as such ------------------------------------------------- */

static const char *bad_character(const char *p, size_t len, uint32_t code,
				 size_t n)
{
	if (n == 0)
		return "this is not UTF-8";
	if (code == '\r' && len > 1 && p[1] == '\n')
		return NULL;
	if (code == 0xfeff)
		return "a byte order mark: save the file as UTF-8 without it";
	if (!text_visible(code) && code != '\t' && code != '\n')
		return "a character that is not seen on the screen";
	return NULL;
}

static bool check_text(struct reader *r)
{
	struct cursor c = file_start;

	if (r->len > TOPO_FILE_MAX)
		return errors_at(r->errors, mark_of(&c),
				 "the file is larger than 1 MiB");
	if (r->len >= 2 &&
	    (!r->text[0] || !r->text[1] || !memcmp(r->text, "\xff\xfe", 2) ||
	     !memcmp(r->text, "\xfe\xff", 2)))
		return errors_at(r->errors, mark_of(&c),
				 "this is UTF-16: save the file as UTF-8");
	while (c.offset < r->len) {
		const char *p = r->text + c.offset;
		size_t left = r->len - c.offset;
		uint32_t code = 0;
		size_t n = text_decode(p, left, &code);
		const char *bad = bad_character(p, left, code, n);

		if (bad)
			return errors_at(r->errors, mark_of(&c), "%s", bad);
		if (code == '%' && c.offset == c.line_start)
			return errors_at(r->errors, mark_of(&c),
					 "directives ('%%' at the start of a "
					 "line) are not taken");
		step(&c, r->text, r->len);
	}
	return true;
}

/* --- Nodes ------------------------------------------------------------ */

/* Copies a scalar; "" if it has characters that do not show. */
static const char *keep_text(struct reader *r, const yaml_event_t *event,
			     struct mark at)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	char *copy = r->tree->texts + r->tree->texts_len;

	if (strlen(value) != len || !text_printable(value)) {
		r->sound = errors_at(r->errors, at,
				     "a line break or control character in a "
				     "value");
		return "";
	}
	assert(r->tree->texts_len + len < r->len + TOPO_NODES_MAX);
	memcpy(copy, value, len + 1);
	r->tree->texts_len += len + 1;
	return copy;
}

static bool take_key(struct reader *r, struct level *level,
		     const yaml_event_t *event, struct mark at)
{
	const struct node *same;

	if (event->type != YAML_SCALAR_EVENT)
		return errors_at(r->errors, at, "a key must be a word");
	level->key = keep_text(r, event, at);
	level->key_at = at;
	same = yaml_get(level->node, level->key);
	level->again = same;
	if (same)
		(void)errors_at(r->errors, at,
				"'%.60s' is here twice, first in line %u",
				level->key, same->key_at.line);
	return true;
}

static struct node *new_node(struct reader *r, struct mark at)
{
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	struct node *node = &r->tree->nodes[r->tree->node_count - 1];

	node->at = at;
	node->text = "";
	if (!level) {
		r->tree->root = node;
		return node;
	}
	node->key = level->key;
	node->key_at = level->key_at;
	level->key = NULL;
	if (!level->again) {
		*level->tail = node;
		level->tail = &node->next;
	}
	return node;
}

static void fill_scalar(struct reader *r, struct node *node,
			const yaml_event_t *event)
{
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (plain && event->data.scalar.length == 0)
		return;
	node->type = NODE_SCALAR;
	node->verbatim =
		plain && event->start_mark.line == event->end_mark.line;
	node->text = keep_text(r, event, node->at);
}

static bool open_level(struct reader *r, struct node *node, enum node_type type)
{
	node->type = type;
	if (r->depth == TOPO_DEPTH_MAX)
		return errors_at(r->errors, node->at,
				 "nested deeper than %d levels",
				 TOPO_DEPTH_MAX);
	r->levels[r->depth++] =
		(struct level){.node = node, .tail = &node->child};
	return true;
}

/* A scalar, or the start of a list or map. */
static bool take_node(struct reader *r, const yaml_event_t *event)
{
	struct mark at = locate(r, event->start_mark.index);
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	struct node *node;

	if (r->tree->node_count++ == TOPO_NODES_MAX)
		return errors_at(r->errors, at, "more than %d values",
				 TOPO_NODES_MAX);
	if (level && level->node->type == NODE_MAP && !level->key)
		return take_key(r, level, event, at);
	node = new_node(r, at);
	if (event->type == YAML_SCALAR_EVENT) {
		fill_scalar(r, node, event);
		return true;
	}
	return open_level(r, node,
			  event->type == YAML_MAPPING_START_EVENT ? NODE_MAP
								  : NODE_LIST);
}

/* --- Events ----------------------------------------------------------- */

/* What is refused, but no reason to stop; NULL: nothing. */
static const char *unwanted(const yaml_event_t *event)
{
	const unsigned char *anchor = NULL;
	const unsigned char *tag = NULL;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases are not taken: write it out, or in quotes";
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		break;
	default:
		return NULL;
	}
	if (anchor)
		return "anchors are not taken: remove it, or use quotes";
	return tag ? "tags are not taken: remove it, or use quotes" : NULL;
}

/* Returns false if reading must end here. */
static bool take_event(struct reader *r, const yaml_event_t *event)
{
	struct mark at = locate(r, event->start_mark.index);
	const char *why = unwanted(event);

	if (why)
		r->sound = errors_at(r->errors, at, "%s", why);
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->tree->root)
			return errors_at(r->errors, at,
					 "a second document: a file is one "
					 "topology");
		return true;
	case YAML_ALIAS_EVENT:
		return false;
	case YAML_SCALAR_EVENT:
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return take_node(r, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	default:
		return true;
	}
}

static bool syntax_error(struct reader *r, const yaml_parser_t *parser)
{
	struct fault fault = {.text = r->text, .len = r->len};
	struct cursor c = file_start;
	const char *hint;

	if (!parser->problem)
		return errors_at(r->errors, mark_of(&c), "no memory");
	fault.problem = parser->problem;
	(void)locate(r, parser->context_mark.index);
	fault.start = r->cursor.offset;
	(void)locate(r, parser->problem_mark.index);
	fault.at = r->cursor.offset;
	hint = hint_for(&fault);
	while (c.offset < fault.at)
		step(&c, r->text, r->len);
	if (hint)
		return errors_at(r->errors, mark_of(&c), "%s", hint);
	return errors_at(r->errors, mark_of(&c), "not YAML: %s",
			 parser->problem);
}

static bool read_events(struct reader *r, yaml_parser_t *parser)
{
	bool going = true;
	bool more = true;

	while (going && more) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event))
			return syntax_error(r, parser);
		more = event.type != YAML_STREAM_END_EVENT;
		going = take_event(r, &event);
		yaml_event_delete(&event);
	}
	return going;
}

bool yaml_read(struct yaml_tree *tree, const char *text, size_t len,
	       struct topo_errors *errors)
{
	struct reader r = {.text = text,
			   .len = len,
			   .cursor = file_start,
			   .tree = tree,
			   .errors = errors,
			   .sound = true};
	yaml_parser_t parser;
	bool ok;

	memset(tree, 0, sizeof(*tree));
	if (!check_text(&r))
		return false;
	tree->nodes = calloc(TOPO_NODES_MAX, sizeof(*tree->nodes));
	tree->texts = malloc(len + TOPO_NODES_MAX);
	if (!tree->nodes || !tree->texts || !yaml_parser_initialize(&parser))
		return errors_at(errors, mark_of(&file_start), "no memory");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ok = read_events(&r, &parser);
	yaml_parser_delete(&parser);
	if (ok && (!tree->root || tree->root->type == NODE_NONE))
		return errors_at(errors, mark_of(&file_start),
				 "the file is empty");
	return ok && r.sound;
}

void yaml_done(struct yaml_tree *tree)
{
	free(tree->nodes);
	free(tree->texts);
}

size_t yaml_count(const struct node *node)
{
	size_t count = 0;

	for (const struct node *n = node->child; n; n = n->next)
		count++;
	return count;
}

const struct node *yaml_get(const struct node *map, const char *key)
{
	if (!map || map->type != NODE_MAP)
		return NULL;
	for (const struct node *n = map->child; n; n = n->next) {
		if (strcmp(n->key, key) == 0)
			return n;
	}
	return NULL;
}
