/* SPDX-License-Identifier: MIT */
#include "switchd/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/cmds.h"

const struct cmd *const cmd_table[] = {
#define CMD(name) &cmd_##name,
#include "switchd/cmds.def"
#undef CMD
	NULL,
};

const struct cmd *cmd_find(const char *name)
{
	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++)
		if (strcmp((*cmd)->name, name) == 0)
			return *cmd;
	return NULL;
}

const struct cmd *cmd_match(int argc, char *const *argv, int *used)
{
	char name[32];

	for (*used = argc < 2 ? argc : 2; *used > 0; --*used) {
		const struct cmd *cmd;

		(void)snprintf(name, sizeof(name), "%s%s%s", argv[0],
			       *used == 2 ? " " : "",
			       *used == 2 ? argv[1] : "");
		cmd = cmd_find(name);
		if (cmd && cmd->help)
			return cmd;
	}
	return NULL;
}

void cmd_usage(const struct cmd *cmd, FILE *out)
{
	fputs(cmd->name, out);
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (p->type != PARAM_DATA)
			fprintf(out, " %s%s%s%s%s%s", p->required ? "" : "[",
				p->word ? p->word : "",
				p->word && p->meta ? " " : "",
				p->meta ? p->meta : "",
				p->type == PARAM_LIST || p->type == PARAM_HERE
					? "..."
					: "",
				p->required ? "" : "]");
}

/* The parameter that the word introduces, or NULL. */
static const struct cmd_param *by_word(const struct cmd *cmd, const char *word)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (p->word && strcmp(p->word, word) == 0)
			return p;
	return NULL;
}

/* The parameter for the words after a "--", or NULL. */
static const struct cmd_param *after_dashes(const struct cmd *cmd,
					    const char *word)
{
	const struct cmd_param *p = cmd->params;

	while (p->name && p->type != PARAM_REST)
		p++;
	return p->name && strcmp(word, "--") == 0 ? p : NULL;
}

/* The first parameter known by place that still takes a word, or NULL. */
static const struct cmd_param *by_place(const struct cmd *cmd,
					const json_t *params)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (!p->word && p->type != PARAM_DATA &&
		    (p->type != PARAM_TEXT ||
		     !json_object_get(params, p->name)))
			return p;
	return NULL;
}

/* Adds text to a PARAM_REST, after a blank. */
static json_t *joined(const json_t *before, const char *text)
{
	return before ? json_sprintf("%s %s", json_string_value(before), text)
		      : json_string(text);
}

static bool give(json_t *params, const struct cmd_param *p, const char *text,
		 struct err *err)
{
	json_t *before = json_object_get(params, p->name);
	json_t *value;

	if (p->type == PARAM_LIST) {
		value = before ? json_incref(before) : json_array();
		if (json_array_append_new(value, json_string(text)) != 0) {
			json_decref(value);
			value = NULL;
		}
	} else if (p->type == PARAM_REST) {
		value = joined(before, text);
	} else if (p->type == PARAM_FLAG) {
		value = json_true();
	} else {
		value = json_string(text);
	}
	if (json_object_set_new(params, p->name, value) != 0)
		return err_set(err, "%s is not UTF-8", p->meta);
	return true;
}

/* Whether the command can do without words of its own. */
static bool needs_no_more(const struct cmd *cmd, struct err *err)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (p->type == PARAM_HERE && p->required)
			return err_set(err, "%s is missing", p->meta);
	return true;
}

static bool read_words(const struct cmd *cmd, int argc, char *const *argv,
		       json_t *params, struct err *err)
{
	const struct cmd_param *rest = NULL;

	for (int i = 0; i < argc; i++) {
		const struct cmd_param *p = rest ? rest : by_word(cmd, argv[i]);

		if (!p) {
			rest = after_dashes(cmd, argv[i]);
			if (rest)
				continue;
		}
		if (!p && argv[i][0] == '-' && argv[i][1])
			return err_set(err,
				       "options stand before the command: '%s'",
				       argv[i]);
		if (p && p->word && p->type != PARAM_FLAG && ++i == argc)
			return err_set(err, "%s is missing after '%s'", p->meta,
				       p->word);
		if (!p)
			p = by_place(cmd, params);
		if (!p)
			return err_set(err, "too many words: '%s'", argv[i]);
		if (p->type == PARAM_HERE)
			return cmd_check(cmd, params, err);
		if (!give(params, p, argv[i], err))
			return false;
	}
	return needs_no_more(cmd, err) && cmd_check(cmd, params, err);
}

json_t *cmd_words(const struct cmd *cmd, int argc, char *const *argv,
		  struct err *err)
{
	json_t *params = json_object();

	if (!read_words(cmd, argc, argv, params, err)) {
		json_decref(params);
		return NULL;
	}
	return params;
}

static bool all_strings(const json_t *array)
{
	size_t i;
	json_t *item;

	json_array_foreach(array, i,
			   item) if (!json_is_string(item)) return false;
	return json_is_array(array);
}

static bool has_type(const json_t *value, enum cmd_param_type type)
{
	if (type == PARAM_FLAG)
		return json_is_boolean(value);
	if (type == PARAM_DATA)
		return true;
	return type == PARAM_LIST ? all_strings(value) : json_is_string(value);
}

static bool check_value(const struct cmd_param *p, const json_t *value,
			struct err *err)
{
	static const char *const types[] = {
		[PARAM_TEXT] = "a string",
		[PARAM_LIST] = "an array of strings",
		[PARAM_REST] = "a string",
		[PARAM_FLAG] = "true or false",
	};

	if (p->type == PARAM_HERE)
		return !value ||
		       err_set(err, "'%s' is of no use here", p->name);

	if (!value && p->required)
		return err_set(err, "%s is missing", p->meta);
	if (value && !has_type(value, p->type))
		return err_set(err, "'%s' must be %s", p->name, types[p->type]);
	return true;
}

static bool check_from(const struct cmd *cmd, const json_t *from,
		       struct err *err)
{
	if (!cmd->paged)
		return err_set(err, "unknown parameter 'from'");
	if (!json_is_integer(from) || json_integer_value(from) < 0)
		return err_set(err, "'from' must be the 'next' of a result");
	return true;
}

static const struct cmd_param *by_name(const struct cmd *cmd, const char *name)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

bool cmd_check(const struct cmd *cmd, json_t *params, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(params))
		return err_set(err, "\"params\" must be an object");
	json_object_foreach(params, key, value)
	{
		if (strcmp(key, "from") == 0) {
			if (!check_from(cmd, value, err))
				return false;
		} else if (!by_name(cmd, key)) {
			return err_set(err, "unknown parameter '%.64s'", key);
		}
	}
	for (const struct cmd_param *p = cmd->params; p->name; p++)
		if (!check_value(p, json_object_get(params, p->name), err))
			return false;
	return true;
}

int cmd_complain(int status, const struct err *err)
{
	fprintf(stderr, "switchctl: %s\n", err->msg);
	return status;
}

bool cmd_flush(struct err *err)
{
	return (fflush(stdout) == 0 && !ferror(stdout)) ||
	       err_sys(err, "cannot write the result");
}

bool cmd_print_json(const json_t *result, struct err *err)
{
	bool terminal = isatty(STDOUT_FILENO);

	(void)json_dumpf(result, stdout,
			 terminal ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	return cmd_flush(err);
}

const char *cmd_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

long long cmd_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

json_t *cmd_string(const char *text)
{
	json_t *string = json_string(text);
	char *ascii = string ? NULL : strdup(text);

	if (!ascii)
		return string;
	for (char *p = ascii; *p; p++)
		if (*p & 0x80)
			*p = '?';
	string = json_string(ascii);
	free(ascii);
	return string;
}
