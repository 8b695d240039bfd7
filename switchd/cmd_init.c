/* SPDX-License-Identifier: MIT */
/* switchctl init: a directory with a topology to begin one's own lab with. */
#include "switchd/cmds.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/lessons.h"
#include "topo/topo.h"

/* It is valid as it stands, and also without any '#' that has no blank behind
 * it. */
static const char topology[] =
	"# Two hosts on a switch, and a place for a virtual machine\n"
	"name: %s\n"
	"switches:\n"
	"  lan:\n"
	"    ports:\n"
	"      # hosts are made with the lab: switchctl shell alice\n"
	"      alice: host 10.0.2.101/24 via 10.0.2.2\n"
	"      bob: {host: 10.0.2.102/24 via 10.0.2.2, capture: bob.pcapng}\n"
	"      # QEMU, VirtualBox, UML: switchctl show says what to paste\n"
	"      vm: vde\n"
	"      # what follows is to be had by taking the first '#' away\n"
	"      #out: nat # the world outside, by 10.0.2.2, with DHCP and DNS\n"
	"      #carol: host dhcp # asks it for her address\n"
	"      #pc: udp 10001 -> 127.0.0.1:10002 # VPCS, GNS3, dynamips\n"
	"  #far: {ports: {dora: host 10.0.2.103/24}}\n"
	"#links:\n"
	"#- lan -- far: {name: cable, delay: 20ms, loss: 1%%}\n"
	"#captures:\n"
	"#- {of: all, file: all.pcapng, filter: arp or icmp}\n"
	"# all that there is: man labswitch.yaml\n";

/* Writes it, unless there is such a file. */
static bool write_topology(const char *path, const char *name, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool ok;

	if (!file) {
		(void)err_sys(err, "cannot make %s", path);
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	ok = fprintf(file, topology, name) > 0;
	if (fclose(file) == 0 && ok)
		return true;
	(void)err_sys(err, "cannot write %s", path);
	(void)unlink(path);
	return false;
}

/* A lab that is there could be meant, or hide the new one. */
static bool is_new(const char *name, struct err *err)
{
	struct err none = {.errnum = 0};
	char dir[PATH_MAX];

	if (!topo_name_valid(name))
		return err_set(err,
			       "'%.40s' cannot be a lab's name: letters, "
			       "digits, '_', '-', first a letter, at most 32",
			       name);
	return !lessons_find(name, dir, &none) ||
	       err_set(err, "there is a lab '%s': %.150s", name, dir);
}

static bool make(const char *name, char path[PATH_MAX], struct err *err)
{
	if (!is_new(name, err))
		return false;
	if (mkdir(name, 0777) != 0 && errno != EEXIST)
		return err_sys(err, "cannot make the directory %s", name);
	(void)snprintf(path, PATH_MAX, "%s/topology.yaml", name);
	return write_topology(path, name, err);
}

static void print_step(const char *command, const char *of, const char *what)
{
	int width = 40 - (int)strlen(command);

	printf("  switchctl %s %-*s  %s\n", command, width, of, what);
}

static void print_hint(const char *name, const char *path)
{
	printf("%s is written, to be edited; what to do with it:\n", path);
	print_step("validate", path, "names its mistakes");
	print_step("lab run", name, "starts it");
	print_step("exec", "alice ping -c 3 10.0.2.102", "passes frames");
	print_step("show", "", "how to connect to its ports");
	print_step("apply", path, "makes the running lab what it says");
}

static int run(const struct cmd_env *env, json_t *params)
{
	const char *name = cmd_text(params, "lab");
	struct err err = {.errnum = 0};
	char path[PATH_MAX];
	json_t *result;
	bool ok;

	if (!make(name, path, &err))
		return cmd_complain(EXIT_FAILURE, &err);
	if (env->json) {
		result = json_pack("{s:s, s:s}", "lab", name, "file", path);
		ok = cmd_print_json(result, &err);
		json_decref(result);
	} else {
		print_hint(name, path);
		ok = cmd_flush(&err);
	}
	return ok ? EXIT_SUCCESS : cmd_complain(EXIT_FAILURE, &err);
}

static const struct cmd_param params_list[] = {
	{.name = "lab", .meta = "NEWLAB", .required = true},
	{.name = NULL},
};

const struct cmd cmd_init = {
	.name = "init",
	.help = "begins a lab of one's own: NEWLAB/topology.yaml, to be edited",
	.params = params_list,
	.run = run,
};
