/* SPDX-License-Identifier: MIT */
/* switchctl watch: what happens in the lab, as it happens. */
#include "switchd/cmds.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "switchd/answer.h"
#include "switchd/client.h"
#include "switchd/lab.h"
#include "switchd/tell.h"

#define BOLD   "\033[1m"
#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* --- switchd ------------------------------------------------------------ */

/* What was dropped before is not told to who begins to watch now. */
static json_t *serve(struct lab *lab, const json_t *args, struct call *call,
		     struct err *err)
{
	if (!answer_names(lab, args, err))
		return NULL;
	tell_drops(lab);
	if (!events_subscribe(&lab->events, call->watcher,
			      json_object_get(args, "names"), err))
		return NULL;
	tell_floods(lab);
	return json_pack("{s:I, s:s, s:n, s:n, s:s}", "time_us",
			 events_time_us(), "event", "watch", "switch", "port",
			 "lab", lab->name);
}

/* --- switchctl: lines for eyes ------------------------------------------ */

/* The fields of an event in words; those that are not there are left out. */
struct field {
	const char *key;
	const char *before;
	const char *after;
};

static const struct field fields[] = {
	{"id", "", ""},        {"file", "to ", ""},     {"mac", "", ""},
	{"src", "", ""},       {"dst", "-> ", ""},      {"vlan", "vlan ", ""},
	{"from", "from ", ""}, {"bytes", "", " bytes"}, {"count", "", ""},
	{"text", "", ""},      {"reason", "(", ")"},    {"lab", "lab ", ""},
};

static const char *colour_of(const char *event)
{
	static const struct {
		const char *event;
		const char *colour;
	} colours[] = {
		{"up", GREEN},     {"down", RED},     {"drop", RED},
		{"lost", RED},     {"flood", YELLOW}, {"move", YELLOW},
		{"evict", YELLOW}, {"apply", BOLD},
	};

	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (strcmp(colours[i].event, event) == 0)
			return colours[i].colour;
	return NULL;
}

static void print_time(FILE *out, long long us)
{
	const time_t s = (time_t)(us / 1000000);
	struct tm local;

	(void)localtime_r(&s, &local);
	fprintf(out, "%02d:%02d:%02d.%03lld", local.tm_hour, local.tm_min,
		local.tm_sec, us % 1000000 / 1000);
}

static void print_field(FILE *out, const struct field *f, const json_t *value)
{
	if (json_is_string(value))
		fprintf(out, " %s%s%s", f->before, json_string_value(value),
			f->after);
	else if (json_is_integer(value))
		fprintf(out, " %s%lld%s", f->before,
			(long long)json_integer_value(value), f->after);
}

static void print_event(const struct screen *screen, const json_t *event)
{
	const char *what = cmd_text(event, "event");
	const char *port = cmd_text(event, "port");
	const char *sw = cmd_text(event, "switch");
	const char *colour = screen->colour && what ? colour_of(what) : NULL;

	print_time(screen->out, cmd_number(event, "time_us"));
	fprintf(screen->out, "  %-16s %s%s%s", port ? port : (sw ? sw : "-"),
		colour ? colour : "", what ? what : "?", colour ? PLAIN : "");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		print_field(screen->out, &fields[i],
			    json_object_get(event, fields[i].key));
	putc('\n', screen->out);
}

/* --- switchctl: the stream ---------------------------------------------- */

static bool show(const struct cmd_env *env, const json_t *event,
		 struct err *err)
{
	FILE *out = env->screen.out;

	if (env->json) {
		(void)json_dumpf(event, out, JSON_COMPACT);
		putc('\n', out);
	} else {
		print_event(&env->screen, event);
	}
	return cmd_flush(err);
}

/*
 * Ends with the lab, which is a failure, as is whatever else keeps events from
 * being told; or by a signal. Who has a reader that went away is killed by
 * SIGPIPE when he writes, so he is now, which may be long before.
 */
static int watch(const struct cmd_env *env, struct client *client,
		 const json_t *params, struct err *err)
{
	json_t *event = NULL;

	if (!client_send(client, "watch", params, -1, err))
		return cmd_complain(EXIT_FAILURE, err);
	event = client_reply(client, NULL, err);
	if (!event)
		return cmd_complain(EXIT_FAILURE, err);
	while (event) {
		bool shown = show(env, event, err);

		json_decref(event);
		event = shown ? client_event(client, STDOUT_FILENO, err) : NULL;
	}
	if (err->errnum == EPIPE)
		(void)raise(SIGPIPE);
	return cmd_complain(EXIT_FAILURE, err);
}

static int run(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	struct client *client = env->open(env->lab, &err);
	int status;

	if (!client)
		return cmd_complain(EXIT_FAILURE, &err);
	status = watch(env, client, params, &err);
	client_close(client);
	return status;
}

static const struct cmd_param params_list[] = {
	{.name = "names", .meta = "NAME", .type = PARAM_LIST},
	{.name = NULL},
};

const struct cmd cmd_watch = {
	.name = "watch",
	.help = "what happens from now on, until the lab ends",
	.params = params_list,
	.serve_call = serve,
	.run = run,
};
