/* SPDX-License-Identifier: MIT */
/*
 * Writes a short file that parses to the same topology: only values that differ
 * from what is there without them, `KIND ARGS` where that says all.
 * Defaults of the file and names of VLANs have been resolved by the parser;
 * what comes out is each port for itself, with numbers.
 */
#include "topo/dump.h"

#include <stdlib.h>
#include <string.h>

#include "topo/dump_rows.h"

/* --- Ports ------------------------------------------------------------ */

static void *zeroed(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		abort();
	return p;
}

/* NOLINTBEGIN(misc-no-recursion): as deep as tables are nested */
static void copy_changed(const struct opt *row, void *to, const void *from,
			 const void *base)
{
	if (row->type == &opt_map) {
		for (const struct opt *sub = row->sub; sub->key; sub++)
			copy_changed(sub, opt_place(row, to),
				     opt_value(row, from),
				     opt_value(row, base));
	} else if (!opt_same(row, from, base)) {
		memcpy(opt_place(row, to), opt_value(row, from), row->size);
	}
}

/* NOLINTEND(misc-no-recursion) */

/* Whether a file with the values that differ from base makes the port again. */
static bool makes_same(const struct topo_port *port, const void *base)
{
	const struct opt_kind *kind = port->kind;
	void *conf = zeroed(kind->conf_size);
	bool same;

	opt_kind_defaults(kind, conf);
	for (const struct opt *row = kind->rows; row->key; row++)
		copy_changed(row, conf, port->kind_conf, base);
	if (kind->arg)
		copy_changed(kind->arg, conf, port->kind_conf, base);
	same = kind->finish(conf, port->name, NULL) &&
	       opt_equal(kind->rows, conf, port->kind_conf) &&
	       (!kind->arg || opt_same(kind->arg, conf, port->kind_conf));
	free(conf);
	return same;
}

/*
 * What the port would be with no option written. What finish() derives (a
 * name from the port's) need not be written either, unless it would derive
 * something else once the other options are there.
 */
static void *make_base(const struct topo_port *port)
{
	void *base = zeroed(port->kind->conf_size);

	opt_kind_defaults(port->kind, base);
	if (!port->kind->finish)
		return base;
	if (port->kind->finish(base, port->name, NULL) &&
	    makes_same(port, base))
		return base;
	memset(base, 0, port->kind->conf_size);
	opt_kind_defaults(port->kind, base);
	return base;
}

/* `KIND ARGS` in one scalar; false if ARGS would not come back as they are. */
static bool put_one_line(FILE *out, const struct topo_port *port)
{
	const struct opt *arg = port->kind->arg;
	char line[DUMP_VALUE_MAX];
	const char *args;
	size_t len;

	if (arg->type == &opt_map || arg->type->list)
		return false;
	len = (size_t)snprintf(line, sizeof(line), "%s ", port->kind->name);
	args = line + len;
	arg->type->format(arg, (const char *)port->kind_conf + arg->offset,
			  line + len, sizeof(line) - len);
	len = strlen(args);
	if (len == 0 || args[0] == ' ' || args[len - 1] == ' ')
		return false;
	dump_text(out, line);
	return true;
}

/* file is what the port is captured to; NULL: it has no such word. */
static void put_port(FILE *out, const struct topo_port *port, const char *file)
{
	const struct opt_kind *kind = port->kind;
	void *base = make_base(port);
	struct port_conf words = port->conf;
	struct port_conf no_words = {0};
	bool has_arg;
	bool bare;

	opt_defaults(topo_port_rows, &no_words);
	if (!words.numbered)
		words.number = 0;
	has_arg =
		kind->arg && dump_is_written(kind->arg, port->kind_conf, base);
	bare = dump_count_written(kind->rows, port->kind_conf, base) == 0 &&
	       opt_equal(topo_port_rows, &words, &no_words) && !file;
	fprintf(out, "      %s: ", port->name);
	if (bare && !has_arg) {
		fputs(kind->name, out);
	} else if (!bare || !put_one_line(out, port)) {
		fprintf(out, "{%s", kind->name);
		if (has_arg) {
			fputs(": ", out);
			dump_value(out, kind->arg, port->kind_conf, base);
		}
		(void)dump_rows(out, kind->rows, port->kind_conf, base, ", ");
		(void)dump_rows(out, topo_port_rows, &words, &no_words, ", ");
		if (file) {
			fputs(", capture: ", out);
			dump_text(out, file);
		}
		fputc('}', out);
	}
	fputc('\n', out);
	free(base);
}

/* --- Hosts ------------------------------------------------------------ */

static void put_hosts(FILE *out, const struct topo *topo)
{
	static const struct opt_host nothing;

	if (topo->host_count > 0)
		fputs("hosts:\n", out);
	for (size_t i = 0; i < topo->host_count; i++) {
		const struct topo_host *host = &topo->hosts[i];

		fprintf(out, "  %s: {", host->name);
		(void)dump_rows(out, topo_host_rows, &host->conf, &nothing, "");
		fputs("}\n", out);
	}
}

/* --- Switches --------------------------------------------------------- */

/*
 * The switch with nothing written; but where a `vde:` will be, anonymous
 * clients may join without saying so, and a `stp:` that says more than its
 * version is rstp.
 */
static struct switch_conf switch_base(const struct switch_conf *conf)
{
	const struct opt *vde = opt_find(topo_switch_rows, "vde");
	const struct opt *stp = opt_find(topo_switch_rows, "stp");
	struct switch_conf base = {0};
	struct switch_conf only = *conf;

	opt_defaults(topo_switch_rows, &base);
	only.vde.anonymous = false;
	base.vde.anonymous = !opt_is_default(vde, &only);
	only.stp.version = TOPO_STP_OFF;
	if (!opt_is_default(stp, &only))
		base.stp.version = TOPO_STP_RSTP;
	return base;
}

/* The file of the port's own word `capture`, or NULL. */
static const char *capture_on(const struct topo *topo,
			      const struct topo_switch *sw,
			      const struct topo_port *port)
{
	for (size_t i = 0; i < topo->capture_count; i++) {
		const struct topo_capture *capture = &topo->captures[i];

		if (capture->on_port &&
		    topo_capture_takes(capture, sw->name, port->name, NULL))
			return capture->conf.file;
	}
	return NULL;
}

static void put_switch(FILE *out, const struct topo *topo,
		       const struct topo_switch *sw)
{
	const struct switch_conf base = switch_base(&sw->conf);

	size_t port_count = sw->port_count;

	while (port_count > 0 && sw->ports[port_count - 1].link)
		port_count--; /* they are written as links */
	fprintf(out, "  %s:", sw->name);
	if (opt_equal(topo_switch_rows, &sw->conf, &base) && port_count == 0)
		fputs(" {}", out);
	fputc('\n', out);
	for (const struct opt *row = topo_switch_rows; row->key; row++) {
		if (opt_same(row, &sw->conf, &base))
			continue;
		fprintf(out, "    %s: ", row->key);
		dump_value(out, row, &sw->conf, &base);
		fputc('\n', out);
	}
	if (port_count > 0)
		fputs("    ports:\n", out);
	for (size_t i = 0; i < port_count; i++)
		put_port(out, &sw->ports[i],
			 capture_on(topo, sw, &sw->ports[i]));
}

/* --- Links ------------------------------------------------------------ */

/* What is the same in both directions is written once: how the link would be
 * with nothing else written. */
static struct link_conf link_base(const struct topo_link *link)
{
	const struct link_conf *conf = &link->conf;
	struct link_conf base = {.mtu = 0};

	opt_defaults(topo_link_rows, &base);
	for (const struct opt *row = topo_impair_rows; row->key; row++) {
		if (opt_same(row, &conf->forth, &conf->back))
			memcpy(opt_place(row, &base.forth),
			       opt_value(row, &conf->forth), row->size);
	}
	base.back = base.forth;
	return base;
}

static void put_link(FILE *out, const struct topo_link *link)
{
	const struct topo_impair none = {.delay = 0};
	struct link_conf base = link_base(link);
	const char *lead = ": {";

	if (!link->named)
		memcpy(base.name, link->conf.name, sizeof(base.name));
	fprintf(out, "  - %s -- %s", link->ends[0].sw->name,
		link->ends[1].sw->name);
	lead = dump_rows(out, topo_link_rows, &link->conf, &base, lead);
	lead = dump_rows(out, topo_impair_rows, &base.forth, &none, lead);
	fputs(*lead == ',' ? "}\n" : "\n", out);
}

static void put_links(FILE *out, const struct topo *topo)
{
	if (topo->link_count > 0)
		fputs("links:\n", out);
	for (size_t i = 0; i < topo->link_count; i++)
		put_link(out, &topo->links[i]);
}

/* --- Captures --------------------------------------------------------- */

static void put_captures(FILE *out, const struct topo *topo)
{
	const char *head = "captures:\n";
	struct topo_capture_conf base = {.file = ""};

	opt_defaults(topo_capture_rows, &base);
	for (size_t i = 0; i < topo->capture_count; i++) {
		if (topo->captures[i].on_port)
			continue;
		fprintf(out, "%s  - ", head);
		(void)dump_rows(out, topo_capture_rows, &topo->captures[i].conf,
				&base, "{");
		fputs("}\n", out);
		head = "";
	}
}

static void put_file_rows(FILE *out, const struct topo *topo)
{
	for (const struct opt *row = topo_rows; row->key; row++) {
		if (opt_is_default(row, topo))
			continue;
		fprintf(out, "%s: ", row->key);
		dump_value(out, row, topo, NULL);
		fputc('\n', out);
	}
}

void topo_dump(const struct topo *topo, FILE *out)
{
	if (topo->name[0])
		fprintf(out, "name: %s\n", topo->name);
	put_file_rows(out, topo);
	if (topo->vlan_count > 0)
		fputs("vlans: {", out);
	for (size_t i = 0; i < topo->vlan_count; i++)
		fprintf(out, "%s: %u%s", topo->vlans[i].name,
			topo->vlans[i].vid,
			i + 1 < topo->vlan_count ? ", " : "}\n");
	put_hosts(out, topo);
	fprintf(out, "switches:%s\n", topo->switch_count ? "" : " {}");
	for (size_t i = 0; i < topo->switch_count; i++)
		put_switch(out, topo, &topo->switches[i]);
	put_links(out, topo);
	put_captures(out, topo);
}

/* --- One thing (dump.h) ------------------------------------------------- */

/* Whether a picture shows the row in another way. */
static bool is_shown(const struct opt_kind *kind, const struct opt *row)
{
	return row == kind->host || row == kind->ifname;
}

/* ARGS of `KIND ARGS` as they are written there. */
static void put_arg(FILE *out, const struct opt *arg, const void *conf,
		    const void *base)
{
	char text[DUMP_VALUE_MAX];

	if (arg->type == &opt_map || arg->type->list) {
		dump_value(out, arg, conf, base);
		return;
	}
	arg->type->format(arg, (const char *)conf + arg->offset, text,
			  sizeof(text));
	fputs(text, out);
}

static void put_line(FILE *out, const struct opt *row, const void *conf,
		     const void *base)
{
	if (!dump_is_written(row, conf, base))
		return;
	fprintf(out, "%s: ", row->key);
	dump_value(out, row, conf, base);
	fputc('\n', out);
}

void dump_switch_words(const struct topo_switch *sw, FILE *out)
{
	const struct switch_conf base = switch_base(&sw->conf);

	for (const struct opt *row = topo_switch_rows; row->key; row++)
		put_line(out, row, &sw->conf, &base);
}

void dump_kind(const struct topo_port *port, FILE *out)
{
	const struct opt_kind *kind = port->kind;
	void *base = make_base(port);

	fputs(kind->name, out);
	if (kind->arg && dump_is_written(kind->arg, port->kind_conf, base)) {
		fputc(' ', out);
		put_arg(out, kind->arg, port->kind_conf, base);
	}
	fputc('\n', out);
	for (const struct opt *row = kind->rows; row->key; row++) {
		if (!is_shown(kind, row))
			put_line(out, row, port->kind_conf, base);
	}
	free(base);
}

void dump_port_words(const struct topo_port *port, FILE *out)
{
	struct port_conf nothing = {0};
	struct port_conf words = port->conf;

	opt_defaults(topo_port_rows, &nothing);
	if (!words.numbered)
		words.number = 0;
	for (const struct opt *row = topo_port_rows; row->key; row++)
		put_line(out, row, &words, &nothing);
}

void dump_host_words(const struct topo_port *port, FILE *out)
{
	static const struct opt_host nothing;

	for (const struct opt *row = topo_host_rows; port->host && row->key;
	     row++)
		put_line(out, row, port->host, &nothing);
}

void dump_link_words(const struct topo_link *link, FILE *out)
{
	const struct topo_impair none = {.delay = 0};
	struct link_conf base = link_base(link);

	memcpy(base.name, link->conf.name, sizeof(base.name));
	for (const struct opt *row = topo_link_rows; row->key; row++)
		put_line(out, row, &link->conf, &base);
	for (const struct opt *row = topo_impair_rows; row->key; row++)
		put_line(out, row, &base.forth, &none);
}
