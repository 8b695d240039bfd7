/* SPDX-License-Identifier: MIT */
/* switchd: the command line of the daemon (switchd(8)). */
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/daemon.h"
#include "switchd/detach.h"
#include "switchd/load.h"
#include "switchd/log.h"

#define EXIT_USAGE 2

enum {
	OPT_RUN = 256,
	OPT_CAPTURES,
	OPT_LOG_LEVEL,
	OPT_STRICT,
	OPT_NICE,
	OPT_IO
};

static const struct option long_options[] = {
	{"check", no_argument, NULL, 'n'},
	{"detach", no_argument, NULL, 'd'},
	{"lab", required_argument, NULL, 'l'},
	{"run", required_argument, NULL, OPT_RUN},
	{"captures", required_argument, NULL, OPT_CAPTURES},
	{"log-level", required_argument, NULL, OPT_LOG_LEVEL},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"nice", required_argument, NULL, OPT_NICE},
	{"io", required_argument, NULL, OPT_IO},
	{"version", no_argument, NULL, 'V'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0}};

static const char usage_text[] =
	"usage: switchd [OPTION]... FILE\n"
	"Runs the network lab that FILE describes (labswitch.yaml(5)); -: "
	"standard input.\n"
	"\n"
	"  -n, --check        only check FILE: exit 0 if it is good, else 2\n"
	"  -d, --detach       go into the background as soon as all is ready\n"
	"  -l, --lab NAME     the lab's name (else `name:` in FILE, else "
	"FILE's name)\n"
	"      --run DIR      the run-time directory of this lab\n"
	"      --captures DIR the directory of captures (default ./captures)\n"
	"      --log-level L  err, warn, info (default) or debug\n"
	"      --strict       exit 1 if a port cannot be opened at start\n"
	"      --nice N       the priority, -20 (most) to 19 (default -15)\n"
	"      --io LEVEL     auto (default), epoll or uring\n"
	"      --version      print the version\n"
	"      --help         print this\n";

struct options {
	bool check;
	bool detach;
	const char *lab;
	enum log_level log_level;
	struct daemon_conf daemon;
};

static _Noreturn void usage_error(const char *what, const char *value)
{
	fprintf(stderr, "switchd: %s%s\nTry 'switchd --help'.\n", what, value);
	exit(EXIT_USAGE);
}

static _Noreturn void end_printing(const char *text)
{
	if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
		exit(EXIT_SUCCESS);
	perror("switchd: cannot write");
	exit(EXIT_FAILURE);
}

static int parse_nice(const char *text)
{
	char *end;
	long nice = strtol(text, &end, 10);

	if (!*text || *end || nice < -20 || nice > 19)
		usage_error("--nice takes -20 to 19, not ", text);
	return (int)nice;
}

static void take_option(struct options *opts, int option)
{
	switch (option) {
	case 'n':
		opts->check = true;
		break;
	case 'd':
		opts->detach = true;
		break;
	case 'l':
		opts->lab = optarg;
		break;
	case OPT_RUN:
		opts->daemon.run_dir = optarg;
		break;
	case OPT_CAPTURES:
		opts->daemon.captures_dir = optarg;
		break;
	case OPT_LOG_LEVEL:
		if (!log_level_parse(optarg, &opts->log_level))
			usage_error("--log-level takes err, warn, info or "
				    "debug, not ",
				    optarg);
		break;
	case OPT_STRICT:
		opts->daemon.strict = true;
		break;
	case OPT_NICE:
		opts->daemon.reniced = true;
		opts->daemon.nice = parse_nice(optarg);
		break;
	case OPT_IO:
		if (!io_level_parse(optarg, &opts->daemon.io))
			usage_error("--io takes auto, epoll or uring, not ",
				    optarg);
		break;
	case 'V':
		end_printing("switchd (labswitch) " LABSWITCH_VERSION "\n");
	case 'h':
		end_printing(usage_text);
	default: /* getopt has said what is wrong */
		fputs("Try 'switchd --help'.\n", stderr);
		exit(EXIT_USAGE);
	}
}

static void parse_options(struct options *opts, int argc, char **argv)
{
	int option;

	*opts = (struct options){.log_level = LOG_LEVEL_INFO,
				 .daemon = {.ready_fd = -1}};
	while ((option = getopt_long(argc, argv, "hndl:", long_options,
				     NULL)) != -1)
		take_option(opts, option);
	if (optind == argc)
		usage_error("which FILE?", "");
	if (optind + 1 < argc)
		usage_error("one FILE only, what is ", argv[optind + 1]);
	opts->daemon.file = argv[optind];
}

/* labs/my lab.yaml: my-lab */
static void name_of_file(const char *file, char name[TOPO_NAME_SIZE])
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	const char *dot = strrchr(base, '.');
	size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	if (len >= TOPO_NAME_SIZE)
		len = TOPO_NAME_SIZE - 1;
	memcpy(name, base, len);
	name[len] = '\0';
	for (char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '_')
			*c = '-';
	}
}

static void choose_name(struct options *opts, const struct topo *topo)
{
	char *name = opts->daemon.lab;

	if (opts->lab) {
		if (!topo_name_valid(opts->lab))
			usage_error("not a name for a lab: ", opts->lab);
		(void)snprintf(name, TOPO_NAME_SIZE, "%s", opts->lab);
	} else if (topo->name[0]) {
		(void)snprintf(name, TOPO_NAME_SIZE, "%s", topo->name);
	} else {
		name_of_file(opts->daemon.file, name);
		if (!topo_name_valid(name))
			usage_error("the lab needs a name, by `name:` or -l; "
				    "none can be made from ",
				    opts->daemon.file);
	}
}

/* Who is started without them would log into the next file that it opens. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct filters filters = {.list = NULL};
	struct options opts;
	struct topo *topo;

	open_standard();
	parse_options(&opts, argc, argv);
	log_open(opts.log_level);
	topo = load_topo(opts.daemon.file, &filters, load_print);
	if (!topo)
		return EXIT_USAGE;
	if (opts.check) {
		filters_done(&filters);
		topo_free(topo);
		return 0;
	}
	choose_name(&opts, topo);
	opts.daemon.filters = &filters;
	if (opts.detach) {
		struct err err;

		opts.daemon.ready_fd = detach_fork(&err);
		if (opts.daemon.ready_fd < 0) {
			log_err("%s", err.msg);
			return 1;
		}
	}
	return daemon_run(&opts.daemon, topo);
}
