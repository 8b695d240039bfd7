/* SPDX-License-Identifier: MIT */
/* switchctl dump: the running topology as a file. */
#include "switchd/cmds.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/answer.h"
#include "switchd/lab.h"
#include "switchd/screen.h"

/* A row a line, so that a long file comes in pages as any other listing. */
static void add_lines(struct page *page, char *text)
{
	struct position pos = {0, 0};
	char *line;

	while ((line = strsep(&text, "\n")) && (text || *line)) {
		if (pos.at++ < page->from.at)
			continue;
		if (!page_add(page, cmd_string(line), pos))
			return;
	}
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	struct page page;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out) {
		err_sys(err, "cannot write the topology");
		return NULL;
	}
	topo_dump(lab->topo, out);
	if (fclose(out) != 0) {
		err_sys(err, "cannot write the topology");
		free(text);
		return NULL;
	}
	page_begin(&page, args);
	add_lines(&page, text);
	free(text);
	return page_end(&page, json_object());
}

static void print(const struct screen *screen, json_t *result)
{
	const json_t *rows = json_object_get(result, "rows");
	const json_t *line;
	size_t i;

	json_array_foreach(rows, i, line)
		fprintf(screen->out, "%s\n", json_string_value(line));
}

static const struct cmd_param params[] = {{.name = NULL}};

const struct cmd cmd_dump = {
	.name = "dump",
	.help = "the running topology, as a file that starts the same lab",
	.params = params,
	.paged = true,
	.serve = serve,
	.print = print,
};
