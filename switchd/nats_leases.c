/* SPDX-License-Identifier: MIT */
/* nats: the leases, in memory and in leases.json. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "switchd/cmd.h"
#include "switchd/lab.h"
#include "switchd/log.h"
#include "switchd/nats.h"
#include "switchd/rundir.h"

#define VERSION  1
#define NEW_FILE NATS_FILE ".new"
#define FILE_MAX (16 << 20) /* bytes; 100 full NATs */
#define NS_PER_S 1000000000u
#define NEVER    UINT64_MAX

/* --- One lease ---------------------------------------------------------- */

static json_t *to_json(const struct lease *lease, uint64_t now)
{
	char mac[MAC_TEXT_SIZE], addr[INET_ADDRSTRLEN];
	uint64_t left_s =
		lease->expires > now ? (lease->expires - now) / NS_PER_S : 0;

	(void)inet_ntop(AF_INET, lease->addr, addr, sizeof(addr));
	return json_pack(
		"{s:s, s:s, s:s, s:o}", "mac", mac_format(&lease->mac, mac),
		"address", addr, "name", lease->name, "expires",
		lease->expires == NEVER
			? json_null()
			: json_integer(time(NULL) + (json_int_t)left_s));
}

/* What it says may be anything. False: it is no lease, or it has expired. */
static bool from_json(const json_t *item, uint64_t now, struct lease *lease)
{
	const char *mac = cmd_text(item, "mac");
	const char *addr = cmd_text(item, "address");
	const char *name = cmd_text(item, "name");
	const json_t *expires = json_object_get(item, "expires");
	json_int_t until_s = json_integer_value(expires), now_s = time(NULL);

	*lease = (struct lease){.bound = true, .expires = NEVER};
	if (!mac || !addr || !name || strlen(name) >= sizeof(lease->name) ||
	    !mac_parse(mac, &lease->mac) ||
	    inet_pton(AF_INET, addr, lease->addr) != 1)
		return false;
	memcpy(lease->name, name, strlen(name));
	if (json_is_null(expires))
		return true;
	if (!json_is_integer(expires) || until_s <= now_s ||
	    until_s - now_s > INT32_MAX)
		return false;
	lease->expires = now + (uint64_t)(until_s - now_s) * NS_PER_S;
	return true;
}

/* --- Of one port -------------------------------------------------------- */

void nats_give(struct lab *lab, struct swport *port)
{
	const struct plug_nat_ops *ops = nats_ops(port);
	uint64_t now = uv_hrtime();
	char name[SWPORT_NAME_SIZE];
	struct lease lease;
	const json_t *list, *item;
	size_t i;

	if (!ops)
		return;
	list = json_object_get(lab->nats.ports, swport_full_name(port, name));
	json_array_foreach(list, i, item)
	{
		if (from_json(item, now, &lease))
			(void)ops->lease_put(port->plug, &lease);
	}
	port->told_leases = ops->lease_changes(port->plug);
}

void nats_take(struct lab *lab, struct swport *port)
{
	const struct plug_nat_ops *ops = nats_ops(port);
	uint64_t now = uv_hrtime();
	char name[SWPORT_NAME_SIZE];
	const struct lease *lease;
	json_t *list;

	if (!ops)
		return;
	list = json_array();
	for (size_t i = 0; (lease = ops->lease(port->plug, i, now)); i++)
		(void)json_array_append_new(list, to_json(lease, now));
	if (!lab->nats.ports)
		lab->nats.ports = json_object();
	(void)json_object_set_new(lab->nats.ports, swport_full_name(port, name),
				  list);
	port->told_leases = ops->lease_changes(port->plug);
	lab->nats.changed = true;
}

/* --- The file ----------------------------------------------------------- */

static bool write_new(const char *path, const json_t *leases, struct err *err)
{
	int fd = open(path,
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		      0600);
	bool ok;

	if (fd < 0)
		return err_sys(err, "cannot write %s", path);
	ok = json_dumpfd(leases, fd, JSON_COMPACT) == 0;
	if (!ok)
		(void)err_sys(err, "cannot write %s", path);
	(void)close(fd);
	return ok;
}

/* Whoever reads it finds all of one state. */
static bool write_file(const struct lab *lab, struct err *err)
{
	char path[RUNDIR_FILE_SIZE], new_path[RUNDIR_FILE_SIZE];
	json_t *leases = json_pack("{s:i, s:O}", "version", VERSION, "ports",
				   lab->nats.ports);
	bool ok;

	rundir_file(lab->run_dir, NATS_FILE, path);
	rundir_file(lab->run_dir, NEW_FILE, new_path);
	ok = write_new(new_path, leases, err) &&
	     (rename(new_path, path) == 0 ||
	      err_sys(err, "cannot replace %s", path));
	json_decref(leases);
	return ok;
}

static bool has_news(const struct swport *port)
{
	const struct plug_nat_ops *ops = nats_ops(port);

	return ops && ops->lease_changes(port->plug) != port->told_leases;
}

void nats_tick(struct lab *lab)
{
	struct err err;

	for (struct lab_switch *sw = lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			if (has_news(sw->ports[i]))
				nats_take(lab, sw->ports[i]);
	if (!lab->nats.changed)
		return;
	lab->nats.changed = false;
	if (!write_file(lab, &err))
		log_warn("%s: leases are lost with this process", err.msg);
}

static json_t *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	json_t *file = NULL;
	json_error_t error;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_size <= FILE_MAX)
		file = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
	(void)close(fd);
	if (!file)
		log_warn("%s is not what a daemon writes: it is ignored", path);
	return file;
}

void nats_load(struct lab *lab)
{
	char path[RUNDIR_FILE_SIZE];
	json_t *file = read_file(rundir_file(lab->run_dir, NATS_FILE, path));
	json_t *ports = json_object_get(file, "ports");

	if (cmd_number(file, "version") == VERSION && json_is_object(ports))
		lab->nats.ports = json_incref(ports);
	json_decref(file);
}

void nats_done(struct lab *lab)
{
	char path[RUNDIR_FILE_SIZE];

	json_decref(lab->nats.ports);
	lab->nats.ports = NULL;
	if (!lab->run_dir[0])
		return;
	(void)unlink(rundir_file(lab->run_dir, NATS_FILE, path));
	(void)unlink(rundir_file(lab->run_dir, NEW_FILE, path));
}
