/* SPDX-License-Identifier: MIT */
/*
 * Captures: `capture: FILE` of a port, and the entries of `captures:`.
 */
#include "topo/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; NULL: there is none, which is an error. */
static struct topo_capture *add_capture(struct parser *p, struct mark at)
{
	struct topo *topo = p->topo;
	struct topo_capture *capture;

	if (topo->capture_count == TOPO_CAPTURES_MAX) {
		(void)parse_fail(p, at, "more than %d captures in all",
				 TOPO_CAPTURES_MAX);
		return NULL;
	}
	if (!topo->captures)
		topo->captures = calloc(TOPO_CAPTURES_MAX, sizeof(*capture));
	if (!topo->captures) {
		(void)parse_fail(p, at, "no memory");
		return NULL;
	}
	capture = &topo->captures[topo->capture_count++];
	capture->mark = at;
	opt_defaults(topo_capture_rows, &capture->conf);
	return capture;
}

/* --- What captures must not share --------------------------------------- */

/* Whether file is what old is called when it makes room: "old.1". */
static bool is_former(const char *file, const char *old)
{
	size_t len = strlen(old);

	return len > 0 && strncmp(file, old, len) == 0 && file[len] == '.' &&
	       file[len + 1] &&
	       !file[len + 1 + strspn(file + len + 1, "0123456789")];
}

/* Whether two captures would write, or rename, one file. */
static bool clash(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || is_former(a, b) || is_former(b, a);
}

static void check_file(struct parser *p, const struct topo_capture *capture)
{
	const char *file = capture->conf.file;
	const struct topo_capture *other = p->topo->captures;

	while (other < capture && !clash(file, other->conf.file))
		other++;
	if (!*file || other == capture)
		return;
	if (strcmp(file, other->conf.file) == 0)
		(void)parse_fail(p, capture->file_at,
				 "'%.100s' is taken by the capture in line %u",
				 file, other->mark.line);
	else
		(void)parse_fail(p, capture->file_at,
				 "'%.100s' beside '%.100s' in line %u: of two "
				 "such names one is what the other is renamed "
				 "to",
				 file, other->conf.file, other->mark.line);
}

/* --- The word of a port ------------------------------------------------- */

void parse_port_capture(struct parser *p, const struct node *node,
			const struct topo_switch *sw,
			const struct topo_port *port)
{
	struct topo_capture *capture = add_capture(p, node->key_at);

	if (!capture)
		return;
	capture->on_port = true;
	capture->file_at = node->at;
	(void)snprintf(capture->conf.of[0].sw, SELECTOR_NAME_SIZE, "%s",
		       sw->name);
	(void)snprintf(capture->conf.of[0].port, SELECTOR_NAME_SIZE, "%s",
		       port->name);
	if (parse_value(p, topo_port_capture_rows, node, &capture->conf))
		check_file(p, capture);
}

/* --- captures: ---------------------------------------------------------- */

/* Elements that cannot be read have had their error. */
static void check_of(struct parser *p, const struct node *of)
{
	const struct node *n = of->type == NODE_LIST ? of->child : of;

	for (; n && n->type == NODE_SCALAR; n = n == of ? NULL : n->next) {
		struct selector selector;
		struct err err;

		if (selector_parse(n->text, &selector, NULL) &&
		    !selector_check(&selector, p->topo, &err))
			(void)parse_fail(p, n->at, "'of' %s", err.msg);
	}
}

static void read_capture(struct parser *p, const struct node *node)
{
	const struct node *of = yaml_get(node, "of");
	const struct node *file = yaml_get(node, "file");
	const struct node *filter = yaml_get(node, "filter");
	const struct node *drops = yaml_get(node, "drops");
	struct topo_capture *capture;

	parse_enter(p, "captures: ", NULL);
	if (!parse_is_map(p, node, "'of', 'file', ..."))
		return;
	capture = add_capture(p, node->at);
	if (!capture)
		return;
	if (file && file->type == NODE_SCALAR)
		parse_enter(p, "capture", file->text);
	capture->file_at = file ? file->at : node->at;
	capture->filter_at = filter ? filter->at : node->at;
	(void)parse_rows(p, topo_capture_rows, node, &capture->conf);
	(void)parse_required(p, topo_capture_rows, node);
	if (of)
		check_of(p, of);
	check_file(p, capture);
	if (capture->conf.drops && capture->conf.format == TOPO_PCAP)
		(void)parse_fail(p, drops->key_at,
				 "'drops' with 'format: pcap', which has no "
				 "place for the reasons");
}

void parse_captures(struct parser *p, const struct node *node)
{
	if (node->type == NODE_MAP || node->type == NODE_SCALAR)
		(void)parse_fail(p, node->at,
				 "'captures' is a list: each begins with '-'");
	else
		for (const struct node *n = node->child; n; n = n->next)
			read_capture(p, n);
	parse_enter(p, "", NULL);
}
