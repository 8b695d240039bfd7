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
#define BLUE   "\033[34m"
#define PLAIN  "\033[0m"

#define EVENT_WIDTH 7 /* of its name */

/* --- switchd ------------------------------------------------------------ */

/*
 * What is asked for: a link's name means the ports at both of its ends, which
 * have that name unless they are of one switch.
 */
static json_t *names_of(const struct lab *lab, const json_t *args)
{
	json_t *names = json_array();
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(args, "names"), i, name)
	{
		const struct link *link =
			link_find(lab, json_string_value(name));
		char full[SWPORT_NAME_SIZE];

		(void)json_array_append(names, (json_t *)name);
		for (int end = 0; link && end < 2; end++)
			(void)json_array_append_new(
				names, json_string(swport_full_name(
					       link->ends[end].port, full)));
	}
	return names;
}

/* What was dropped before is not told to who begins to watch now. */
static json_t *serve(struct lab *lab, const json_t *args, struct call *call,
		     struct err *err)
{
	json_t *names;
	bool subscribed;

	if (!answer_names(lab, args, err))
		return NULL;
	tell_drops(lab);
	names = names_of(lab, args);
	subscribed = events_subscribe(&lab->events, call->watcher, names, err);
	json_decref(names);
	if (!subscribed)
		return NULL;
	tell_floods(lab);
	return json_pack("{s:I, s:s, s:n, s:n, s:s}", "time_us",
			 events_time_us(), "event", "watch", "switch", "port",
			 "lab", lab->name);
}

/* --- switchctl: lines for eyes ------------------------------------------ */

/* How an event looks: its colour, or NULL, and what is said behind it. */
struct look {
	const char *event;
	const char *colour;
	const char *note;
};

static const struct look looks[] = {
	{"watch", NULL, ""},
	{"learn", GREEN, " is behind this port"},
	{"move", YELLOW, " is behind this port now"},
	{"age", BLUE, " was not heard of for too long, and is forgotten"},
	{"evict", YELLOW, " is forgotten: it made room for another"},
	{"flush", BLUE, " is forgotten"},
	{"add", GREEN, " has a static entry"},
	{"del", BLUE, " has a static entry no longer"},
	{"up", GREEN, ""},
	{"down", RED, ""},
	{"drop", RED, ""},
	{"lost", RED, " events were not told: they were too many"},
	{"flood", YELLOW, ""},
	{"apply", BOLD, ""},
	{"stp", BOLD, ""},
	{"storm", RED, ""},
	{"secure", RED, " may not send here"},
	{"reset", BOLD, " the lab is as its file says"},
	{"pause", BOLD, ""},
	{"resume", BOLD, " waited and went on"},
	{"hold", BLUE, ""},
	{"step", BOLD, ""},
};

/* Why a frame is flooded, by the name of the reason. */
static const struct {
	const char *reason;
	const char *text;
} floods[] = {
	{"unknown", "no port is known for this address"},
	{"broadcast", "a broadcast is for every station"},
	{"multicast", "a multicast may be for any station"},
	{"hub", "a hub sends every frame to all others"},
};

/* Other fields in words; those that are not there are left out. */
static const struct field {
	const char *key;
	const char *before;
	const char *after;
} fields[] = {
	{"id", " ", ""},      {"file", " to ", ""},
	{"mac", " ", ""},     {"src", " ", ""},
	{"dst", " -> ", ""},  {"vlan", " (vlan ", ")"},
	{"text", " ", ""},    {"bytes", ", ", " bytes"},
	{"count", " ", ""},   {"gap_ms", " one frame every ", " ms"},
	{"lab", " lab ", ""}, {"held", ", ", " waiting"},
};

static const struct look *look_of(const char *event)
{
	static const struct look plain = {.note = ""};

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(looks[i].event, event) == 0)
			return &looks[i];
	return &plain;
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
		fprintf(out, "%s%s%s", f->before, json_string_value(value),
			f->after);
	else if (json_is_integer(value))
		fprintf(out, "%s%lld%s", f->before,
			(long long)json_integer_value(value), f->after);
}

/* Why, in the words of the list that the reason is of. */
static void print_reason(FILE *out, const json_t *event)
{
	const char *reason = cmd_text(event, "reason");
	const char *text = reason;

	if (!reason)
		return;
	for (size_t i = 0; i < sizeof(floods) / sizeof(floods[0]); i++)
		if (strcmp(floods[i].reason, reason) == 0)
			text = floods[i].text;
	for (int i = 0; i < DROP_COUNT; i++)
		if (strcmp(drop_name((enum drop)i), reason) == 0)
			text = drop_text((enum drop)i);
	if (text == reason)
		fprintf(out, " (%s)", reason);
	else
		fprintf(out, " (%s: %s)", reason, text);
}

/* Which ports a frame goes to, without the name of the switch. */
static void print_ports(FILE *out, const json_t *event)
{
	const json_t *to = json_object_get(event, "to");
	long long more = cmd_number(event, "ports");
	const json_t *port;
	size_t i;

	json_array_foreach(to, i, port)
	{
		const char *dot = strchr(json_string_value(port), '.');

		fprintf(out, "%s %s", i ? "," : " =>", dot ? dot + 1 : "?");
		more--;
	}
	if (to && more > 0)
		fprintf(out, " and %lld more", more);
}

/* What a switch that is paused says of a frame that goes on. */
static void print_steps(FILE *out, const json_t *event)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(event, "steps"), i, step)
		fprintf(out, "\n    %s", json_string_value(step));
}

static void print_details(FILE *out, const json_t *event,
			  const struct look *look)
{
	const char *from = cmd_text(event, "from");

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		print_field(out, &fields[i],
			    json_object_get(event, fields[i].key));
	fputs(look->note, out);
	if (from)
		fprintf(out, ", and was behind %s", from);
	print_reason(out, event);
	print_ports(out, event);
	print_steps(out, event);
}

/* No blanks at the end of a line. */
static void print_event(const struct screen *screen, const json_t *event)
{
	const char *what = cmd_text(event, "event");
	const char *port = cmd_text(event, "port");
	const char *sw = cmd_text(event, "switch");
	const struct look *look = look_of(what ? what : "?");
	bool coloured = screen->colour && look->colour;
	char *details = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&details, &len);

	if (!out)
		abort();
	print_details(out, event, look);
	if (fclose(out) != 0)
		abort();
	print_time(screen->out, cmd_number(event, "time_us"));
	fprintf(screen->out, "  %-18s  %s%s%s%*s%s\n",
		port ? port : (sw ? sw : "-"), coloured ? look->colour : "",
		what ? what : "?", coloured ? PLAIN : "",
		what && len ? EVENT_WIDTH - (int)strlen(what) : 0, "", details);
	free(details);
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
