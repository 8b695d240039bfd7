/* SPDX-License-Identifier: MIT */
#include "plugs/priv_hosts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/priv_iface.h"
#include "plugs/priv_named.h"
#include "plugs/priv_worker.h"

#define RESOLV      ".resolv.conf"
#define RESOLV_SIZE 256
#define HEADER      "# /etc/resolv.conf of host "

struct host {
	char name[HOST_NAME_SIZE];
	int net;
	struct host *next;
};

struct hosts {
	const char *dir;
	int user; /* the user namespace of all of them; -1: none */
	struct host *first;
};

static struct host *find(const struct hosts *hosts, const char *name)
{
	struct host *host = hosts->first;

	while (host && strcmp(host->name, name) != 0)
		host = host->next;
	return host;
}

struct hosts *hosts_new(const char *dir)
{
	struct hosts *hosts = calloc(1, sizeof(*hosts));

	if (hosts)
		*hosts = (struct hosts){.dir = dir, .user = -1};
	return hosts;
}

void hosts_free(struct hosts *hosts)
{
	if (!hosts)
		return;
	while (hosts->first)
		hosts_forget(hosts, hosts->first->name);
	hosts_sweep(hosts->dir);
	if (hosts->user >= 0)
		(void)close(hosts->user);
	free(hosts);
}

/* --- Making ------------------------------------------------------------- */

static void write_resolv(const struct iface_order *order)
{
	int fd = open(order->resolv,
		      O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0600);

	if (fd < 0)
		return;
	(void)dprintf(fd, HEADER "%s\n", order->req->name);
	(void)close(fd);
}

/* Gives a new namespace a name and a place in the list. */
static bool adopt(struct hosts *hosts, const char *name, int net,
		  struct err *err)
{
	struct host *host;

	if (hosts->user < 0 && !named_add(hosts->dir, name, net, err))
		return false;
	host = calloc(1, sizeof(*host));
	if (!host)
		return err_set(err, "no memory");
	(void)snprintf(host->name, sizeof(host->name), "%s", name);
	host->net = net;
	host->next = hosts->first;
	hosts->first = host;
	return true;
}

static int open_first(struct hosts *hosts, const struct iface_order *order,
		      struct err *err)
{
	struct worker_place place = {.user = hosts->user, .net = -1};
	int fd;

	write_resolv(order);
	fd = worker_run(&place, iface_open, order, err);
	hosts->user = place.user;
	if (fd >= 0 && adopt(hosts, order->req->name, place.net, err))
		return fd;
	(void)unlink(order->resolv);
	if (fd >= 0)
		(void)close(fd);
	if (place.net >= 0)
		(void)close(place.net);
	return -1;
}

int hosts_open(struct hosts *hosts, const struct host_request *req,
	       struct err *err)
{
	const struct host *host = find(hosts, req->name);
	struct worker_place place = {.user = hosts->user};
	char resolv[RESOLV_SIZE];
	const struct iface_order order = {.req = req, .resolv = resolv};

	hosts_resolv(hosts->dir, req->name, resolv, sizeof(resolv));
	if (!host)
		return open_first(hosts, &order, err);
	place.net = host->net;
	return worker_run(&place, iface_open, &order, err);
}

/* --- Ending ------------------------------------------------------------- */

void hosts_forget(struct hosts *hosts, const char *name)
{
	struct host **link = &hosts->first;
	struct host *host;
	char path[RESOLV_SIZE];

	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	host = *link;
	if (!host)
		return;
	*link = host->next;
	hosts_resolv(hosts->dir, host->name, path, sizeof(path));
	(void)unlink(path);
	if (hosts->user < 0)
		named_remove(hosts->dir, host->name);
	(void)close(host->net);
	free(host);
}

/* The directory may be one that the user has given, with files of his own. */
static bool is_ours(int dir, const char *file)
{
	char text[sizeof(HEADER)] = "";
	int fd = openat(dir, file,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	(void)close(fd);
	return strcmp(text, HEADER) == 0;
}

void hosts_sweep(const char *dir)
{
	DIR *files = opendir(dir);
	const struct dirent *file;

	while (files && (file = readdir(files))) {
		size_t len = strlen(file->d_name);

		if (len > strlen(RESOLV) &&
		    !strcmp(file->d_name + len - strlen(RESOLV), RESOLV) &&
		    is_ours(dirfd(files), file->d_name))
			(void)unlinkat(dirfd(files), file->d_name, 0);
	}
	if (files)
		(void)closedir(files);
	named_sweep(dir);
}

/* --- Finding ------------------------------------------------------------ */

bool hosts_find(const struct hosts *hosts, const char *name,
		struct host_place *place, struct err *err)
{
	const struct host *host = find(hosts, name);
	long pid = (long)getpid();

	if (!host)
		return err_set(err,
			       "host '%s' is not there yet: `switchctl show` "
			       "says why",
			       name);
	memset(place, 0, sizeof(*place));
	(void)snprintf(place->net, sizeof(place->net), "/proc/%ld/fd/%d", pid,
		       host->net);
	if (hosts->user >= 0)
		(void)snprintf(place->user, sizeof(place->user),
			       "/proc/%ld/fd/%d", pid, hosts->user);
	hosts_resolv(hosts->dir, name, place->resolv, sizeof(place->resolv));
	return true;
}

void hosts_resolv(const char *dir, const char *name, char *path, size_t size)
{
	(void)snprintf(path, size, "%s/%s" RESOLV, dir, name);
}
