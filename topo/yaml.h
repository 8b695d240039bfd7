/* SPDX-License-Identifier: MIT */
/*
 * yaml: the text of a file as a tree of nodes with marks.
 *
 * What YAML has and a topology has no use for is refused with its place:
 * anchors, aliases, tags, directives, second documents, keys that are not
 * words, duplicate keys; and text that is not UTF-8 or does not show up as
 * what it is (text.h).
 */
#ifndef LABSWITCH_TOPO_YAML_H
#define LABSWITCH_TOPO_YAML_H

#include "topo/topo.h"

enum node_type { NODE_NONE, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_type type; /* NODE_NONE: nothing is written */
	struct mark at;
	const char *text; /* of a scalar; else "" */
	bool verbatim;    /* text stands in the file just so, from `at` */
	const char *key;  /* in a map; else NULL */
	struct mark key_at;
	struct node *child; /* the first, in the order of the file */
	struct node *next;
};

struct yaml_tree {
	struct node *root; /* never NODE_NONE */
	struct node *nodes;
	size_t node_count; /* keys included */
	char *texts;
	size_t texts_len;
};

/*
 * Reads text. Returns false if there is no sense in looking at the tree; true
 * if there is, though errors may have been met too. In both cases it ends
 * with yaml_done().
 */
bool yaml_read(struct yaml_tree *tree, const char *text, size_t len,
	       struct topo_errors *errors);
void yaml_done(struct yaml_tree *tree);

/* How many children a node has. */
size_t yaml_count(const struct node *node);

/* The value of a key, or NULL. map may be of any type, or NULL. */
const struct node *yaml_get(const struct node *map, const char *key);

#endif
