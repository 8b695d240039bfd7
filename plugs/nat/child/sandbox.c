/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "plugs/nat/child/landlock.h"

#define FILES_WANTED 16384

/* What a leak may take, or guests that fill libslirp's queues. ASan's own
 * memory is beyond any limit. */
#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_MAX RLIM_INFINITY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_MAX RLIM_INFINITY
#endif
#endif
#if !defined(MEMORY_MAX)
#define MEMORY_MAX (UINT64_C(4) << 30)
#endif

/* What libslirp, c-ares, glib, libc and we call, whatever the arguments. */
static const int allowed[] = {
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(access),
	SCMP_SYS(bind),
	SCMP_SYS(brk),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(close),
	SCMP_SYS(connect),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(faccessat),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(fstatat64),
	SCMP_SYS(futex),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpeername),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_init1),
	SCMP_SYS(inotify_rm_watch),
	SCMP_SYS(listen),
	SCMP_SYS(lseek),
	SCMP_SYS(_llseek),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(newfstatat),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_yield),
	SCMP_SYS(send),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sigreturn),
	SCMP_SYS(stat),
	SCMP_SYS(statx),
	SCMP_SYS(sysinfo),
	SCMP_SYS(time),
	SCMP_SYS(uname),
	SCMP_SYS(write),
	SCMP_SYS(writev),
};

/* Allowed if (argument & mask) == value. */
static const struct {
	int call;
	unsigned argument;
	scmp_datum_t mask;
	scmp_datum_t value;
} masked[] = {
	/* Files are read. */
	{SCMP_SYS(open), 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY},
	{SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY},
	/* Memory is never code. */
	{SCMP_SYS(mmap), 2, 4, 0},
	{SCMP_SYS(mmap2), 2, 4, 0},
	{SCMP_SYS(mprotect), 2, 4, 0},
	{SCMP_SYS(ioctl), 1, ~(scmp_datum_t)0, FIONREAD},
	{SCMP_SYS(ioctl), 1, ~(scmp_datum_t)0, FIONBIO},
	/* No netlink, no packet sockets; raw ones want a capability. */
	{SCMP_SYS(socket), 0, ~(scmp_datum_t)0, AF_INET},
	{SCMP_SYS(socket), 0, ~(scmp_datum_t)0, AF_INET6},
	{SCMP_SYS(socket), 0, ~(scmp_datum_t)0, AF_UNIX},
	/* No F_SETOWN, which leads a signal to another process. */
	{SCMP_SYS(fcntl), 1, ~(scmp_datum_t)0, F_GETFD},
	{SCMP_SYS(fcntl), 1, ~(scmp_datum_t)0, F_SETFD},
	{SCMP_SYS(fcntl), 1, ~(scmp_datum_t)0, F_GETFL},
	{SCMP_SYS(fcntl), 1, ~(scmp_datum_t)0, F_SETFL},
	{SCMP_SYS(fcntl64), 1, ~(scmp_datum_t)0, F_GETFD},
	{SCMP_SYS(fcntl64), 1, ~(scmp_datum_t)0, F_SETFD},
	{SCMP_SYS(fcntl64), 1, ~(scmp_datum_t)0, F_GETFL},
	{SCMP_SYS(fcntl64), 1, ~(scmp_datum_t)0, F_SETFL},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof(none));
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	(void)syscall(SYS_capset, &head, none);
}

static unsigned raise_files(void)
{
	struct rlimit files = {0, 0};

	(void)getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur =
		files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	return (unsigned)files.rlim_cur;
}

unsigned sandbox_prepare(void)
{
	const struct sched_param ordinary = {.sched_priority = 0};
	const struct rlimit none = {0, 0};
	const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	(void)sched_setscheduler(0, SCHED_OTHER, &ordinary);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)setrlimit(RLIMIT_NPROC, &none);
	(void)setrlimit(RLIMIT_MEMLOCK, &none);
	(void)setrlimit(RLIMIT_DATA, &memory);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	drop_capabilities();
	return raise_files();
}

static int allow_if(scmp_filter_ctx filter, int call,
		    struct scmp_arg_cmp argument)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, argument);
}

static int fill(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < COUNT(allowed); i++) {
		int e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);

		if (e < 0)
			return e;
	}
	for (size_t i = 0; i < COUNT(masked); i++) {
		int e = allow_if(filter, masked[i].call,
				 SCMP_CMP(masked[i].argument,
					  SCMP_CMP_MASKED_EQ, masked[i].mask,
					  masked[i].value));

		if (e < 0)
			return e;
	}
	/* abort() ends nobody else: the switch is of the same user. */
	return allow_if(filter, SCMP_SYS(tgkill),
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
}

bool sandbox_enter(const char *readable, struct err *err)
{
	scmp_filter_ctx filter;
	int e;

	if (!landlock_enter(readable, err))
		return false;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	e = filter ? fill(filter) : -ENOMEM;
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	if (e == 0)
		return true;
	errno = -e;
	return err_sys(err, "cannot set the list of system calls");
}
