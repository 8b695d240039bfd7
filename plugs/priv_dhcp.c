/* SPDX-License-Identifier: MIT */
#include "plugs/priv_dhcp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugs/priv_rtnl.h"

#define SCRIPT "host-dhcp.sh"

/* Users' PATH often lacks the sbin that udhcpc is in. */
#define SYSTEM_PATH "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"

#define PAUSE_MAX_MS 30000
#define STEADY_MS    60000 /* a client that ran so long has worked */

struct keeper {
	const struct dhcp_request *req;
	int links;              /* readable when an interface has changed */
	char path[PATH_MAX];    /* to look for programs in */
	char program[PATH_MAX]; /* udhcpc or busybox */
	bool busybox;           /* which has udhcpc in it */
	char script[PATH_MAX];
	char ifname[IF_NAMESIZE];
};

/* --- What is needed ----------------------------------------------------- */

static bool find_program(struct keeper *k, const char *name)
{
	for (const char *dir = k->path; *dir; dir += *dir == ':') {
		size_t len = strcspn(dir, ":");

		(void)snprintf(k->program, sizeof(k->program), "%.*s/%s",
			       (int)len, dir, name);
		if (len > 0 && access(k->program, X_OK) == 0)
			return true;
		dir += len;
	}
	return false;
}

static bool find_client(struct keeper *k, struct err *err)
{
	const char *path = getenv("PATH");

	(void)snprintf(k->path, sizeof(k->path), "%s%s" SYSTEM_PATH,
		       path ? path : "", path ? ":" : "");
	if (find_program(k, "udhcpc"))
		return true;
	k->busybox = true;
	return find_program(k, "busybox") ||
	       err_set(err, "there is no DHCP client: apt-get install udhcpc");
}

/* In the build tree the script is beside the program. */
static bool find_script(struct keeper *k, struct err *err)
{
	static const char *const places[] = {"", LABSWITCH_LIBEXEC "/"};
	char self[PATH_MAX] = "";
	char *name;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return err_sys(err, "cannot find " SCRIPT);
	name = strrchr(self, '/');
	for (size_t i = 0; name && i < sizeof(places) / sizeof(*places); i++) {
		(void)snprintf(k->script, sizeof(k->script), "%.*s/%s" SCRIPT,
			       (int)(name - self), self, places[i]);
		if (access(k->script, X_OK) == 0)
			return true;
	}
	return err_set(err, "cannot find %s: install labswitch anew",
		       k->script);
}

/* --- What is run -------------------------------------------------------- */

/* Whoever is on the switch can speak to the client: as root it has the rights
 * for its work and no more, and its files may be in a user's home. */
static void limit_rights(void)
{
	const uint64_t kept = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW |
			      1u << CAP_NET_BIND_SERVICE |
			      1u << CAP_DAC_READ_SEARCH;

	for (unsigned long cap = 0; cap < 64; cap++) {
		if (!(kept >> cap & 1))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The keeper's child: as if started by init, and gone with the keeper. */
static void become_child(const struct keeper *k, pid_t keeper)
{
	char mtu[16];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != keeper)
		_exit(1);
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)snprintf(mtu, sizeof(mtu), "%u", (unsigned)k->req->mtu);
	(void)setenv("HOST_RESOLV", k->req->resolv, 1);
	(void)setenv("HOST_MTU", mtu, 1);
	(void)setenv("PATH", k->path, 1);
	(void)setenv("interface", k->ifname, 1); /* as udhcpc does */
	limit_rights();
}

static pid_t start_client(const struct keeper *k)
{
	char *ifname = (char *)(uintptr_t)k->ifname;
	char *script = (char *)(uintptr_t)k->script;
	char host[64];
	char *argv[] = {"busybox", "udhcpc", "-f",     "-A", "3",  "-O",
			"mtu",     "-O",     "search", "-x", host, "-i",
			ifname,    "-s",     script,   NULL};
	pid_t keeper = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	become_child(k, keeper);
	(void)snprintf(host, sizeof(host), "hostname:%s", k->req->host);
	(void)execv(k->program, k->busybox ? argv : argv + 1);
	_exit(127);
}

static pid_t start_script(const struct keeper *k, const char *event)
{
	pid_t keeper = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	become_child(k, keeper);
	(void)execl(k->script, k->script, event, (char *)NULL);
	_exit(127);
}

/* Waits for all children, and for a script that outlives its client: what it
 * still writes would come after what the next one says. */
static void reap(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* --- The keeper --------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Users may rename it. */
static bool is_there(struct keeper *k)
{
	return if_indextoname(k->req->ifindex, k->ifname) != NULL;
}

static void drain(int sock)
{
	char message[4096];

	while (recv(sock, message, sizeof(message), MSG_DONTWAIT) >= 0 ||
	       errno == EINTR || errno == ENOBUFS)
		;
}

/* Waits until fd, or -1, is readable or wait_ms, or -1, are over; false: the
 * interface is gone. */
static bool stay(struct keeper *k, int fd, int wait_ms)
{
	struct pollfd fds[] = {{.fd = k->links, .events = POLLIN},
			       {.fd = fd, .events = POLLIN}};
	int64_t end = now_ms() + wait_ms;
	int64_t left = wait_ms;

	while (is_there(k)) {
		int n = poll(fds, 2, (int)left);

		if (n == 0 || (n > 0 && fds[1].revents))
			return true;
		drain(k->links);
		if (wait_ms >= 0)
			left = end > now_ms() ? end - now_ms() : 0;
	}
	return false;
}

/* One life of a client; false: the interface is gone. */
static bool run_once(struct keeper *k)
{
	pid_t pid = start_client(k);
	bool there;
	int end;

	if (pid < 0)
		return true;
	end = (int)syscall(SYS_pidfd_open, pid, 0);
	there = stay(k, end, -1);
	(void)kill(pid, SIGKILL);
	reap();
	if (end >= 0)
		(void)close(end);
	return there;
}

/* Above all, it must not hold the interface's own descriptor open. */
static void let_go(struct keeper *k)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int links = fcntl(k->links, F_DUPFD_CLOEXEC, 3);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		(void)dup2(null, fd);
	if (links < 0)
		_exit(1);
	if (links > 3)
		(void)close_range(3, (unsigned)links - 1, 0);
	(void)close_range((unsigned)links + 1, ~0u, 0);
	k->links = links;
}

static _Noreturn void keep(struct keeper *k)
{
	int pause_ms = 1000;

	(void)setsid();
	(void)prctl(PR_SET_NAME, "switchd-dhcp", 0, 0, 0);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	let_go(k);
	while (is_there(k)) {
		int64_t start = now_ms();

		if (!run_once(k))
			break;
		if (now_ms() - start >= STEADY_MS)
			pause_ms = 1000;
		if (!stay(k, -1, pause_ms))
			break;
		pause_ms = pause_ms < PAUSE_MAX_MS / 2 ? 2 * pause_ms
						       : PAUSE_MAX_MS;
	}
	(void)start_script(k, "gone");
	reap();
	_exit(0);
}

bool dhcp_start(const struct dhcp_request *req, struct err *err)
{
	struct keeper k = {.req = req};
	pid_t pid;

	if (!find_client(&k, err) || !find_script(&k, err))
		return false;
	k.links = rtnl_watch_links(err);
	if (k.links < 0)
		return false;
	pid = fork();
	if (pid == 0)
		keep(&k);
	(void)close(k.links);
	return pid > 0 || err_sys(err, "cannot start a DHCP client");
}
