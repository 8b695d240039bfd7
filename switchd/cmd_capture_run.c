/* SPDX-License-Identifier: MIT */
/* switchctl capture, wireshark: a capture for as long as the command runs. */
#include "switchd/cmds.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "switchd/capture_words.h"
#include "switchd/client.h"
#include "switchd/live.h"
#include "topo/topo.h"

#define PORTS_SIZE 96 /* of their names, for eyes */

/* --- What is asked for -------------------------------------------------- */

/* Completes the request by what can be known only with the lab at hand. */
static bool ask(struct client *client, const json_t *params, json_t *request,
		int *status, struct err *err)
{
	json_t *nothing = json_object();
	json_t *show = client_call(client, "show", nothing, err);
	char filter[FILTER_TEXT_MAX + 1];
	json_t *of = show ? capture_words(show, params, filter, err) : NULL;
	struct err why;
	bool ok = of && json_object_set_new(request, "of", of) == 0;

	if (ok && !live_filter(request, filter, &why)) {
		*status = CMD_EXIT_USAGE;
		ok = err_set(err, "filter '%.60s': %s", filter, why.msg);
	}
	json_decref(show);
	json_decref(nothing);
	return ok;
}

/* --- What is said meanwhile --------------------------------------------- */

static const char *plural(long long n)
{
	return n == 1 ? "" : "s";
}

/* "lan.alice", or "lan.alice and 3 more". */
static void name_ports(const struct live *live, char *buf, size_t size)
{
	const json_t *first = json_array_get(live->ports, 0);
	size_t count = json_array_size(live->ports);

	if (count == 0)
		(void)snprintf(buf, size, "ports that are to come");
	else if (count == 1)
		(void)snprintf(buf, size, "%s", json_string_value(first));
	else
		(void)snprintf(buf, size, "%s and %zu more",
			       json_string_value(first), count - 1);
}

struct progress {
	long long frames;
	uint64_t time_ns;
};

/* One line, written over again. */
static void print_progress(void *ctx, const struct live_totals *totals)
{
	struct progress *progress = ctx;
	char bytes[SCREEN_UNITS_SIZE];
	uint64_t now = uv_hrtime();
	double s = (double)(now - progress->time_ns) / 1e9;

	fprintf(stderr, "\r%lld frame%s, %s, %lld dropped, %.0f frames/s\033[K",
		totals->frames, plural(totals->frames),
		screen_bytes(totals->bytes, bytes), totals->dropped,
		(double)(totals->frames - progress->frames) / s);
	*progress = (struct progress){totals->frames, now};
}

static void print_end(const struct live_totals *totals)
{
	char bytes[SCREEN_UNITS_SIZE];

	fprintf(stderr, "%s%lld frame%s captured, %s\n%lld frame%s dropped\n",
		isatty(STDERR_FILENO) ? "\r\033[K" : "", totals->frames,
		plural(totals->frames), screen_bytes(totals->bytes, bytes),
		totals->dropped, plural(totals->dropped));
}

/* A capture that was begun, to its end. */
static int follow(struct live *live, struct err *err)
{
	struct progress progress = {0, uv_hrtime()};
	char ports[PORTS_SIZE];
	bool ok;

	name_ports(live, ports, sizeof(ports));
	fprintf(stderr, "capturing %s, Ctrl-C ends it\n", ports);
	ok = live_wait(live, isatty(STDERR_FILENO) ? print_progress : NULL,
		       &progress, err);

	print_end(&live->totals);
	live_done(live);
	return ok ? EXIT_SUCCESS : cmd_complain(EXIT_FAILURE, err);
}

/* --- Both commands ------------------------------------------------------ */

/* Where the bytes go. Called when all else is known to be good. */
typedef int record_fn(struct client *client, const json_t *params,
		      const json_t *request);

static int run_with(const struct cmd_env *env, const json_t *params,
		    record_fn *record)
{
	struct err err = {.errnum = 0};
	json_t *request = live_request(params, &err);
	int status = EXIT_FAILURE;
	struct client *client;

	if (!request)
		return cmd_complain(CMD_EXIT_USAGE, &err);
	client = env->open(env->lab, &err);
	if (client && ask(client, params, request, &status, &err))
		status = record(client, params, request);
	else
		(void)cmd_complain(status, &err);
	if (client)
		client_close(client);
	json_decref(request);
	return status;
}

/* --- capture ------------------------------------------------------------ */

/* As tcpdump, a file that is there is overwritten. */
static int open_file(const char *file, struct err *err)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		(void)err_sys(err, "cannot write to '%s'", file);
	return fd;
}

static int record(struct client *client, const json_t *params,
		  const json_t *request)
{
	const char *file = cmd_text(params, "write");
	struct err err = {.errnum = 0};
	int fd = file ? open_file(file, &err) : STDOUT_FILENO;
	struct live live;
	int status;

	if (fd >= 0 && live_start(&live, client, request, fd, &err))
		status = follow(&live, &err);
	else
		status = cmd_complain(EXIT_FAILURE, &err);
	if (file && fd >= 0)
		(void)close(fd);
	return status;
}

static int run_capture(const struct cmd_env *env, json_t *params)
{
	const char *file = cmd_text(params, "write");
	struct err err;

	if (file && strcmp(file, "-") == 0)
		(void)json_object_del(params, "write");
	else if (file)
		return run_with(env, params, record);
	if (!isatty(STDOUT_FILENO))
		return run_with(env, params, record);
	(void)err_set(&err, "a capture is nothing for a terminal: name a file "
			    "with -w, or add `| tcpdump -r -`");
	return cmd_complain(CMD_EXIT_USAGE, &err);
}

/* --- wireshark ---------------------------------------------------------- */

/* Starts it, reading from in. Returns its pid, or -1. */
static pid_t start_wireshark(int in, const struct live *live, struct err *err)
{
	char ports[PORTS_SIZE], title[PORTS_SIZE + 32];
	char *words[] = {"wireshark", "-k", "-i", "-", "-o", title, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	name_ports(live, ports, sizeof(ports));
	(void)snprintf(title, sizeof(title), "gui.window_title:%s", ports);
	if (posix_spawn_file_actions_init(&actions) != 0)
		abort();
	(void)posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	errno = posix_spawnp(&pid, words[0], &actions, NULL, words, environ);
	if (errno != 0) {
		(void)err_sys(err, "cannot run wireshark (apt-get "
				   "install it, or use `switchctl capture`)");
		pid = -1;
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* fds: a pipe. Wireshark stays for as long as its user likes. */
static int show_live(struct client *client, const json_t *request, int fds[2])
{
	struct err err = {.errnum = 0};
	struct live live;
	int status;
	pid_t pid;

	if (!live_start(&live, client, request, fds[1], &err))
		return cmd_complain(EXIT_FAILURE, &err);
	pid = start_wireshark(fds[0], &live, &err);
	close_end(&fds[0]);
	if (pid < 0) {
		live_done(&live);
		return cmd_complain(EXIT_FAILURE, &err);
	}
	status = follow(&live, &err);
	close_end(&fds[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static int record_wireshark(struct client *client, const json_t *params,
			    const json_t *request)
{
	struct err err;
	int fds[2];
	int status;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		(void)err_sys(&err, "cannot make a pipe");
		return cmd_complain(EXIT_FAILURE, &err);
	}
	status = show_live(client, request, fds);
	close_end(&fds[0]);
	close_end(&fds[1]);
	return status;
}

static int run_wireshark(const struct cmd_env *env, json_t *params)
{
	return run_with(env, params, record_wireshark);
}

/* --- The commands ------------------------------------------------------- */

static const struct cmd_param capture_params[] = {
	{.name = "ports", .meta = "PORT", .type = PARAM_LIST, .required = true},
	{.name = "filter", .meta = "FILTER", .type = PARAM_REST},
	{.name = "write", .meta = "FILE", .word = "-w"},
	{.name = "format",
	 .meta = "FORMAT",
	 .word = "--format",
	 .words = topo_format_words},
	{.name = "direction",
	 .meta = "DIRECTION",
	 .word = "--direction",
	 .words = topo_direction_words},
	{.name = "snaplen", .meta = "BYTES", .word = "--snaplen"},
	{.name = "buffer", .meta = "SIZE", .word = "--buffer"},
	{.name = "raw", .word = "--raw", .type = PARAM_FLAG},
	{.name = "drops", .word = "--drops", .type = PARAM_FLAG},
	{.name = NULL},
};

static const struct cmd_param wireshark_params[] = {
	{.name = "ports", .meta = "PORT", .type = PARAM_LIST, .required = true},
	{.name = "filter", .meta = "FILTER", .type = PARAM_REST},
	{.name = "direction",
	 .meta = "DIRECTION",
	 .word = "--direction",
	 .words = topo_direction_words},
	{.name = "snaplen", .meta = "BYTES", .word = "--snaplen"},
	{.name = "raw", .word = "--raw", .type = PARAM_FLAG},
	{.name = "drops", .word = "--drops", .type = PARAM_FLAG},
	{.name = NULL},
};

const struct cmd cmd_capture = {
	.name = "capture",
	.help = "capture frames of ports, as tcpdump does of an interface",
	.params = capture_params,
	.run = run_capture,
};

const struct cmd cmd_wireshark = {
	.name = "wireshark",
	.help = "show the frames of ports in Wireshark, live",
	.params = wireshark_params,
	.run = run_wireshark,
};
