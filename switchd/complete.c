/* SPDX-License-Identifier: MIT */
#include "switchd/complete.h"

#include <stdlib.h>
#include <string.h>

#include "switchd/client.h"
#include "switchd/lessons.h"
#include "switchd/rundir.h"

struct asked {
	const struct cmd_env *env;
	const char *lab;
	const char *prefix; /* of what is wanted */
};

static void offer(const struct asked *asked, const char *word)
{
	if (strncmp(word, asked->prefix, strlen(asked->prefix)) == 0)
		puts(word);
}

/* --- From the lab --------------------------------------------------------- */

static void offer_lab(void *ctx, const char *lab, const char *path)
{
	const struct asked *asked = ctx;

	offer(asked, lab);
}

/* What a command without parameters says, or NULL. */
static json_t *ask(const struct asked *asked, const char *method)
{
	struct err err = {.errnum = 0};
	struct client *client = asked->env->open(asked->lab, &err);
	json_t *params = json_object();
	json_t *result =
		client ? client_call(client, method, params, &err) : NULL;

	json_decref(params);
	if (client)
		client_close(client);
	return result;
}

/* The texts under a key of the objects in a list. */
static void offer_each(const struct asked *asked, const json_t *list,
		       const char *key)
{
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
	{
		const char *text = cmd_text(row, key);

		if (text)
			offer(asked, text);
	}
}

static void offer_rows(const struct asked *asked, const char *method,
		       const char *list, const char *key)
{
	json_t *result = ask(asked, method);

	offer_each(asked, json_object_get(result, list), key);
	json_decref(result);
}

/* How many ports have the name behind the switch's. */
static unsigned count_ports(const json_t *rows, const char *name)
{
	const json_t *row;
	unsigned count = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *dot = strchr(cmd_text(row, "port"), '.');

		count += dot && strcmp(dot + 1, name) == 0;
	}
	return count;
}

/* By their full names; also without the switch's, once that is begun. */
static void offer_ports(const struct asked *asked)
{
	json_t *result = ask(asked, "show");
	const json_t *rows = json_object_get(result, "rows");
	const json_t *row;
	size_t i;

	offer_each(asked, rows, "port");
	json_array_foreach(rows, i, row)
	{
		const char *dot = strchr(cmd_text(row, "port"), '.');

		if (*asked->prefix && dot && count_ports(rows, dot + 1) == 1)
			offer(asked, dot + 1);
	}
	json_decref(result);
}

static void offer_switches(const struct asked *asked)
{
	offer_rows(asked, "show", "switches", "switch");
}

static void offer_links(const struct asked *asked)
{
	offer_rows(asked, "link list", "rows", "link");
}

static void offer_hosts(const struct asked *asked)
{
	offer_rows(asked, "show", "hosts", "host");
}

static void offer_names(const struct asked *asked)
{
	offer_switches(asked);
	offer_ports(asked);
	offer_links(asked);
}

static void offer_lesson(void *ctx, const char *name, const char *dir)
{
	offer(ctx, name);
}

static void offer_lessons(const struct asked *asked)
{
	struct asked copy = *asked;

	lessons_list(offer_lesson, &copy);
}

static void offer_files(const struct asked *asked)
{
	puts(":files");
}

static void offer_commands(const struct asked *asked)
{
	puts(":commands");
}

/* --- Of a parameter ------------------------------------------------------- */

static const struct {
	const char *meta;
	void (*offer)(const struct asked *asked);
} sources[] = {
	{"PORT", offer_ports},   {"SWITCH", offer_switches},
	{"LINK", offer_links},   {"NAME", offer_names},
	{"HOST", offer_hosts},   {"FILE", offer_files},
	{"CMD", offer_commands}, {"LAB", offer_lessons},
};

static void offer_value(const struct asked *asked, const struct cmd_param *p)
{
	const char *const *word = p->words;

	for (; word && *word; word++)
		offer(asked, *word);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (p->meta && strcmp(sources[i].meta, p->meta) == 0)
			sources[i].offer(asked);
	}
}

/* --- Of a command --------------------------------------------------------- */

#define PARAMS_MAX 32

/* Which of the command's parameters are there already. */
struct seen {
	const struct cmd_param *value; /* of which the value comes next */
	bool given[PARAMS_MAX];
};

static const struct cmd_param *next_by_place(const struct cmd *cmd,
					     const struct seen *seen)
{
	for (int i = 0; cmd->params[i].name && i < PARAMS_MAX; i++) {
		const struct cmd_param *p = &cmd->params[i];

		if (!p->word && p->type != PARAM_DATA &&
		    (p->type != PARAM_TEXT || !seen->given[i]))
			return p;
	}
	return NULL;
}

static const struct cmd_param *by_word(const struct cmd *cmd, const char *word)
{
	for (const struct cmd_param *p = cmd->params; p->name; p++) {
		if (p->word && strcmp(p->word, word) == 0)
			return p;
	}
	return NULL;
}

static void look(const struct cmd *cmd, struct seen *seen, const char *word)
{
	const struct cmd_param *p = by_word(cmd, word);

	if (seen->value) {
		seen->value = NULL;
		return;
	}
	if (p && p->type != PARAM_FLAG)
		seen->value = p;
	if (!p)
		p = next_by_place(cmd, seen);
	if (p && p - cmd->params < PARAMS_MAX)
		seen->given[p - cmd->params] = true;
}

static void offer_params(const struct asked *asked, const struct cmd *cmd,
			 int argc, char *const *argv)
{
	struct seen seen = {.value = NULL};
	const struct cmd_param *next;

	for (int i = 0; i < argc; i++)
		look(cmd, &seen, argv[i]);
	if (seen.value) {
		offer_value(asked, seen.value);
		return;
	}
	next = next_by_place(cmd, &seen);
	if (next && next->type == PARAM_HERE && seen.given[next - cmd->params])
		offer_files(asked);
	else if (next)
		offer_value(asked, next);
	for (int i = 0; cmd->params[i].name && i < PARAMS_MAX; i++) {
		const char *word = cmd->params[i].word;

		if (word && !seen.given[i] &&
		    (!next || *word != '-' || *asked->prefix == '-'))
			offer(asked, word);
	}
}

/* --- Of switchctl --------------------------------------------------------- */

/* The second words of the commands that begin with `first`. */
static void offer_seconds(const struct asked *asked, const char *first)
{
	size_t len = strlen(first);

	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		const char *name = (*cmd)->name;

		if ((*cmd)->help && strncmp(name, first, len) == 0 &&
		    name[len] == ' ')
			offer(asked, name + len + 1);
	}
}

/* Whether a command before this one begins with the same word. */
static bool is_again(const struct cmd *const *cmd, size_t len)
{
	for (const struct cmd *const *p = cmd_table; p < cmd; p++) {
		if ((*p)->help && strcspn((*p)->name, " ") == len &&
		    strncmp((*p)->name, (*cmd)->name, len) == 0)
			return true;
	}
	return false;
}

/* The first words of all commands. */
static void offer_firsts(const struct asked *asked)
{
	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		size_t len = strcspn((*cmd)->name, " ");
		char word[32];

		if (!(*cmd)->help || is_again(cmd, len))
			continue;
		(void)snprintf(word, sizeof(word), "%.*s", (int)len,
			       (*cmd)->name);
		offer(asked, word);
	}
}

static void offer_options(const struct asked *asked, const struct option *longs)
{
	char word[32];

	for (; longs->name; longs++) {
		(void)snprintf(word, sizeof(word), "--%s", longs->name);
		offer(asked, word);
	}
}

/* The option that the word is, or NULL. */
static const struct option *find_option(const struct option *longs,
					const char *word)
{
	const char short_word[] = {word[1], '\0'};

	if (word[0] != '-')
		return NULL;
	for (; longs->name; longs++) {
		if ((word[1] == '-' && strcmp(longs->name, word + 2) == 0) ||
		    (word[1] != '-' && longs->val == *short_word && !word[2]))
			return longs;
	}
	return NULL;
}

void complete(const struct cmd_env *env, const struct option *longs, int argc,
	      char *const *argv)
{
	struct asked asked = {.env = env, .lab = env->lab};
	int used, at = 0;
	const struct cmd *cmd;

	if (argc == 0)
		return;
	asked.prefix = argv[--argc];
	while (at < argc && argv[at][0] == '-') {
		const struct option *option = find_option(longs, argv[at++]);

		if (!option || option->has_arg == no_argument)
			continue;
		if (at == argc) {
			rundir_list(offer_lab, &asked);
			return;
		}
		asked.lab = argv[at++];
	}
	argc -= at;
	argv += at;
	cmd = argc > 0 ? cmd_match(argc, argv, &used) : NULL;
	if (argc == 0 && *asked.prefix == '-')
		offer_options(&asked, longs);
	if (argc == 0)
		offer_firsts(&asked);
	if (argc == 1)
		offer_seconds(&asked, argv[0]);
	if (cmd)
		offer_params(&asked, cmd, argc - used, argv + used);
}
