/* SPDX-License-Identifier: MIT */
/* From words to the request for a capture (live.h). */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "capture/filter_compile.h"
#include "switchd/cmd.h"
#include "switchd/filter_json.h"
#include "switchd/live.h"
#include "topo/topo.h"

/* The words that have a value, as those of `captures:` in a topology. */
static bool read_words(const json_t *words, struct topo_capture_conf *conf,
		       struct err *err)
{
	static const char *const keys[] = {"format", "direction", "snaplen",
					   "buffer"};
	const struct opt_ctx ctx = {NULL, 0};

	memset(conf, 0, sizeof(*conf));
	opt_defaults(topo_capture_rows, conf);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct opt *row = opt_find(topo_capture_rows, keys[i]);
		const char *text = cmd_text(words, keys[i]);
		struct err why;

		if (text && !row->type->parse(row, &ctx, text,
					      (char *)conf + row->offset, &why))
			return err_set(err, "--%s %s", keys[i], why.msg);
	}
	return true;
}

static const char *word_of(const char *key, uint32_t index)
{
	return opt_find(topo_capture_rows, key)->words[index];
}

json_t *live_request(const json_t *words, struct err *err)
{
	struct topo_capture_conf conf;

	if (!read_words(words, &conf, err))
		return NULL;
	return json_pack("{s:s, s:s, s:I, s:I, s:b, s:b}", "format",
			 word_of("format", conf.format), "direction",
			 word_of("direction", conf.direction), "snaplen",
			 (json_int_t)conf.snaplen, "buffer",
			 (json_int_t)conf.buffer, "raw",
			 json_is_true(json_object_get(words, "raw")), "drops",
			 json_is_true(json_object_get(words, "drops")));
}

/* On one line, as lists show it. */
static json_t *one_line(const char *text)
{
	char line[FILTER_TEXT_MAX + 1];

	(void)snprintf(line, sizeof(line), "%s", text);
	for (char *c = line; *c; c++)
		if (isspace((unsigned char)*c))
			*c = ' ';
	return json_string(line);
}

bool live_filter(json_t *request, const char *text, struct err *err)
{
	json_t *program;

	if (!*text)
		return true;
	program = filter_json_compile(text, err);
	if (!program)
		return false;
	if (json_object_set_new(request, "filter", program) == 0 &&
	    json_object_set_new(request, "filter_text", one_line(text)) == 0)
		return true;
	return err_set(err, "the filter is not UTF-8");
}
