/* SPDX-License-Identifier: MIT */
/* switchctl graph: a picture of a file or of the running lab. */
#include "switchd/cmds.h"

#include <stdlib.h>
#include <string.h>

#include "plugs/plug.h"
#include "switchd/client.h"
#include "switchd/load.h"
#include "topo/graph.h"
#include "topo/suggest.h"

static bool find_format(const char *name, enum graph_format *format,
			struct err *err)
{
	struct suggest s = suggest_for(name);

	for (int i = 0; i < GRAPH_FORMAT_COUNT; i++) {
		suggest_try(&s, graph_formats[i]);
		if (strcmp(graph_formats[i], name) == 0) {
			*format = (enum graph_format)i;
			return true;
		}
	}
	return err_set(err, "'%.40s' is no format; there are %s", name,
		       suggest_words(&s));
}

/* --- The running lab ------------------------------------------------------ */

/* The lines of `switchctl dump`, as a file. */
static char *join_lines(const json_t *dump, size_t *len)
{
	const json_t *line;
	size_t i;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	json_array_foreach(json_object_get(dump, "rows"), i, line)
		fprintf(out, "%s\n", json_string_value(line));
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static struct topo *topo_of_dump(const json_t *dump, struct err *err)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = NULL;
	size_t len = 0;
	char *text = join_lines(dump, &len);

	if (text)
		topo = topo_parse(text, len, plug_kinds, &errors);
	else
		err_set(err, "no memory");
	if (errors.count > 0)
		err_set(err, "this is not the version of the lab's switchd: %s",
			errors.err[0].msg);
	free(text);
	return topo;
}

static struct topo *topo_of_lab(const struct cmd_env *env, struct err *err)
{
	struct client *client = env->open(env->lab, err);
	json_t *params = json_object();
	json_t *dump = client ? client_call(client, "dump", params, err) : NULL;
	struct topo *topo = dump ? topo_of_dump(dump, err) : NULL;

	json_decref(dump);
	json_decref(params);
	if (client)
		client_close(client);
	return topo;
}

/* --- The picture ---------------------------------------------------------- */

static int draw(const struct topo *topo, enum graph_format format)
{
	struct err err = {.errnum = 0};

	if (topo_graph(topo, format, stdout, &err) && cmd_flush(&err))
		return EXIT_SUCCESS;
	return cmd_complain(EXIT_FAILURE, &err);
}

static int run(const struct cmd_env *env, json_t *params)
{
	const char *file = cmd_text(params, "file");
	const char *name = cmd_text(params, "format");
	enum graph_format format = GRAPH_ASCII;
	struct filters filters = {.list = NULL};
	struct err err = {.errnum = 0};
	struct topo *topo;
	int status;

	if (name && !find_format(name, &format, &err))
		return cmd_complain(CMD_EXIT_USAGE, &err);
	if (file) {
		topo = load_topo(file, &filters, load_print);
		filters_done(&filters);
		if (!topo)
			return CMD_EXIT_USAGE;
	} else {
		topo = topo_of_lab(env, &err);
		if (!topo)
			return cmd_complain(EXIT_FAILURE, &err);
	}
	status = draw(topo, format);
	topo_free(topo);
	return status;
}

static const struct cmd_param params_list[] = {
	{.name = "file", .meta = "FILE"},
	{.name = "format",
	 .meta = "FORMAT",
	 .word = "--format",
	 .words = graph_formats},
	{.name = NULL},
};

const struct cmd cmd_graph = {
	.name = "graph",
	.help = "a picture of a file or of the running lab, in ascii, dot, "
		"mermaid or svg",
	.params = params_list,
	.run = run,
};
