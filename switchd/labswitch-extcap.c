/* SPDX-License-Identifier: MIT */
/*
 * labswitch-extcap: the ports of running labs as interfaces of Wireshark.
 *
 * Wireshark runs each program in its extcap directory: to be told of interfaces
 * and what can be set for them, to have a filter checked, and to capture into a
 * FIFO (extcap(4)). An interface is called LAB.SWITCH.PORT, as names have no
 * dots. Errors are a line on standard error, which Wireshark shows.
 *
 * Labs are found as switchctl finds them. A lab that runs in a folder of its
 * own (switchd --run) is not found.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/filter_compile.h"
#include "switchd/client.h"
#include "switchd/cmd.h"
#include "switchd/live.h"
#include "switchd/rundir.h"

enum action {
	ACT_NONE,
	ACT_INTERFACES,
	ACT_DLTS,
	ACT_CONFIG,
	ACT_CAPTURE,
	ACT_COUNT
};

struct request {
	enum action action;
	const char *interface;
	const char *fifo;
	const char *filter;
	json_t *words; /* what can be set (live.h) */
};

static void usage(FILE *out)
{
	fputs("usage: labswitch-extcap --extcap-interfaces\n"
	      "       labswitch-extcap --extcap-interface LAB.SWITCH.PORT "
	      "COMMAND\n"
	      "Wireshark and tshark run it; `switchctl capture` is for "
	      "people.\n"
	      "  --extcap-interfaces        list the ports of running labs\n"
	      "  --extcap-version[=VERSION] of Wireshark; makes no difference\n"
	      "  --extcap-interface NAME    which port\n"
	      "  --extcap-dlts              its link type: Ethernet\n"
	      "  --extcap-config            what can be set\n"
	      "  --extcap-capture-filter F  check this filter, or capture with "
	      "it\n"
	      "  --capture                  capture, until the reader has "
	      "gone\n"
	      "  --fifo FIFO                where to\n"
	      "  --direction DIRECTION      both, rx (from the port) or tx\n"
	      "  --drops                    dropped frames, too, and why\n"
	      "  --raw                      frames before they are cut into "
	      "segments\n"
	      "  --help                     print this\n"
	      "  --version                  print the version\n",
	      out);
}

static int complain(int status, const struct err *err)
{
	fprintf(stderr, "labswitch-extcap: %s\n", err->msg);
	return status;
}

/* --- Interfaces --------------------------------------------------------- */

static void print_ports(const char *lab, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
		printf("interface {value=%s.%s}{display=labswitch %s port}\n",
		       lab, cmd_text(row, "port"), cmd_text(row, "kind"));
}

/* A lab that ends meanwhile has no ports any more. */
static void print_lab(void *ctx, const char *lab, const char *dir)
{
	char path[RUNDIR_FILE_SIZE];
	struct client *client =
		client_open(rundir_file(dir, RUNDIR_CONTROL, path), NULL);
	json_t *params = json_object();
	json_t *ports = NULL;

	if (client) {
		ports = client_call(client, "ports", params, NULL);
		client_close(client);
	}
	print_ports(lab, json_object_get(ports, "rows"));
	json_decref(ports);
	json_decref(params);
}

static void print_interfaces(void)
{
	puts("extcap {version=" LABSWITCH_VERSION "}{display=labswitch}");
	rundir_list(print_lab, NULL);
}

static void print_dlts(void)
{
	puts("dlt {number=1}{name=EN10MB}{display=Ethernet}");
}

static void print_config(void)
{
	puts("arg {number=0}{call=--direction}{display=Direction}"
	     "{type=selector}{tooltip=As the switch sees it}\n"
	     "value {arg=0}{value=both}{display=Both}{default=true}\n"
	     "value {arg=0}{value=rx}{display=rx: from the port}\n"
	     "value {arg=0}{value=tx}{display=tx: to the port}\n"
	     "arg {number=1}{call=--drops}{display=Dropped frames}"
	     "{type=boolflag}{default=false}"
	     "{tooltip=With the reason as a comment}\n"
	     "arg {number=2}{call=--raw}{display=Unsegmented frames}"
	     "{type=boolflag}{default=false}"
	     "{tooltip=As handed over, up to 64 KB}");
}

/* An empty answer means that the filter is good. */
static void print_filter_check(const char *text)
{
	struct filter filter = {.count = 0};
	struct err err;

	if (*text && !filter_compile(text, &filter, &err))
		puts(err.msg);
	filter_done(&filter);
}

/* --- The capture -------------------------------------------------------- */

/* The lab of an interface, with the name of the port behind it. */
static struct client *open_lab(const char *interface, const char **port,
			       struct err *err)
{
	char lab[RUNDIR_PATH_SIZE], dir[RUNDIR_PATH_SIZE];
	char path[RUNDIR_FILE_SIZE];
	const char *dot = strchr(interface, '.');

	if (!dot || (size_t)(dot - interface) >= sizeof(lab)) {
		(void)err_set(err, "'%.100s' is not LAB.SWITCH.PORT",
			      interface);
		return NULL;
	}
	(void)snprintf(lab, sizeof(lab), "%.*s", (int)(dot - interface),
		       interface);
	*port = dot + 1;
	if (!rundir_find(lab, dir, err))
		return NULL;
	return client_open(rundir_file(dir, RUNDIR_CONTROL, path), err);
}

static bool capture_port(struct client *client, const json_t *request, int fd,
			 struct err *err)
{
	struct live live;
	bool ok = live_start(&live, client, request, fd, err);

	if (ok) {
		ok = live_wait(&live, NULL, NULL, err);
		live_done(&live);
	}
	return ok;
}

static bool capture(const struct request *r, int fd, struct err *err)
{
	json_t *request = live_request(r->words, err);
	struct client *client = NULL;
	const char *port = NULL;
	bool ok =
		request && (!r->filter || live_filter(request, r->filter, err));

	if (ok)
		client = open_lab(r->interface, &port, err);
	if (client) {
		(void)json_object_set_new(request, "of",
					  json_pack("[s]", port));
		ok = capture_port(client, request, fd, err);
		client_close(client);
	}
	json_decref(request);
	return ok && client;
}

/*
 * The FIFO is opened first, which waits for its reader: one that found nobody
 * to write, because that has failed already, would wait for ever. It is closed
 * last: at its end tshark looks once at what we have said.
 */
static int run_capture(const struct request *r)
{
	struct err err = {.errnum = 0};
	int status;
	int fd;

	if (!r->fifo) {
		(void)err_set(&err, "--capture needs --fifo");
		return complain(CMD_EXIT_USAGE, &err);
	}
	fd = open(r->fifo, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		(void)err_sys(&err, "cannot write to '%s'", r->fifo);
		return complain(EXIT_FAILURE, &err);
	}
	status = capture(r, fd, &err) ? EXIT_SUCCESS
				      : complain(EXIT_FAILURE, &err);
	(void)close(fd);
	return status;
}

/* --- The command line --------------------------------------------------- */

/* The end of what prints. */
static int printed(void)
{
	struct err err = {.errnum = 0};

	return cmd_flush(&err) ? EXIT_SUCCESS : complain(EXIT_FAILURE, &err);
}

static int print(const struct request *r)
{
	if (r->action == ACT_INTERFACES)
		print_interfaces();
	else if (r->action == ACT_DLTS)
		print_dlts();
	else if (r->action == ACT_CONFIG)
		print_config();
	else if (r->filter)
		print_filter_check(r->filter);
	return printed();
}

static int run(const struct request *r)
{
	struct err err;

	if (r->action == ACT_NONE && !r->filter) {
		usage(stderr);
		return CMD_EXIT_USAGE;
	}
	if (r->action != ACT_INTERFACES && !r->interface) {
		(void)err_set(&err, "--extcap-interface is missing");
		return complain(CMD_EXIT_USAGE, &err);
	}
	return r->action == ACT_CAPTURE ? run_capture(r) : print(r);
}

enum {
	OPT_INTERFACE = ACT_COUNT,
	OPT_FIFO,
	OPT_FILTER,
	OPT_VALUE,
	OPT_FLAG,
	OPT_NOTHING,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
	{"extcap-interfaces", no_argument, NULL, ACT_INTERFACES},
	{"extcap-dlts", no_argument, NULL, ACT_DLTS},
	{"extcap-config", no_argument, NULL, ACT_CONFIG},
	{"capture", no_argument, NULL, ACT_CAPTURE},
	{"extcap-interface", required_argument, NULL, OPT_INTERFACE},
	{"extcap-version", optional_argument, NULL, OPT_NOTHING},
	{"extcap-capture-filter", required_argument, NULL, OPT_FILTER},
	{"fifo", required_argument, NULL, OPT_FIFO},
	{"direction", required_argument, NULL, OPT_VALUE},
	{"drops", no_argument, NULL, OPT_FLAG},
	{"raw", no_argument, NULL, OPT_FLAG},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static void take_option(struct request *r, int code, const char *name)
{
	if (code < ACT_COUNT)
		r->action = (enum action)code;
	else if (code == OPT_INTERFACE)
		r->interface = optarg;
	else if (code == OPT_FIFO)
		r->fifo = optarg;
	else if (code == OPT_FILTER)
		r->filter = optarg;
	else if (code == OPT_VALUE)
		(void)json_object_set_new(r->words, name, json_string(optarg));
	else if (code == OPT_FLAG)
		(void)json_object_set_new(r->words, name, json_true());
}

static int act(struct request *r, int argc, char **argv)
{
	int index = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (c == OPT_HELP)
			usage(stdout);
		else if (c == OPT_VERSION)
			puts("labswitch-extcap (labswitch) " LABSWITCH_VERSION);
		if (c == OPT_HELP || c == OPT_VERSION)
			return printed();
		if (c == '?')
			return CMD_EXIT_USAGE;
		take_option(r, c, options[index].name);
	}
	return run(r);
}

int main(int argc, char **argv)
{
	struct request r = {.words = json_object()};
	int status = act(&r, argc, argv);

	json_decref(r.words);
	return status;
}
