/* SPDX-License-Identifier: MIT */
#include "capture/filter_compile.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/format.h"

#define CPU_S 2

/* What the child has to say: insns up to count, none if err has a text. */
struct reply {
	struct err err;
	size_t count;
	struct bpf_insn insns[FILTER_INSNS_MAX];
};

#define REPLY_HEAD offsetof(struct reply, insns)

bool filter_compile(const char *text, struct filter *f, struct err *err)
{
	struct bpf_program program;
	bool ok;
	pcap_t *pcap;

	*f = (struct filter){.count = 0};
	if (strlen(text) > FILTER_TEXT_MAX)
		return err_set(err, "the filter is longer than %d bytes",
			       FILTER_TEXT_MAX);
	pcap = pcap_open_dead(DLT_EN10MB, FORMAT_SNAPLEN);
	if (!pcap)
		return err_set(err, "out of memory");
	if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0) {
		ok = filter_init(f, program.bf_insns,
				 program.bf_len * sizeof(struct bpf_insn), err);
		pcap_freecode(&program);
	} else {
		ok = err_set(err, "%s", pcap_geterr(pcap));
	}
	pcap_close(pcap);
	return ok;
}

bool filter_compile_apart(const char *text, struct filter *f, struct err *err)
{
	struct filter_job job;

	*f = (struct filter){.count = 0};
	return filter_job_start(&job, text, err) &&
	       filter_job_finish(&job, f, err);
}

/* --- The child ---------------------------------------------------------- */

static void limit(int resource, rlim_t value)
{
	const struct rlimit limit = {value, value};

	(void)setrlimit(resource, &limit);
}

/* Nothing of the daemon's stays open, and the end comes by itself. */
static void shut_in(int fd)
{
	sigset_t none;

	(void)signal(SIGALRM, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)alarm(FILTER_COMPILE_S);
	(void)setpriority(PRIO_PROCESS, 0, 0);
	limit(RLIMIT_CPU, CPU_S);
	limit(RLIMIT_CORE, 0);
	if (dup2(fd, STDIN_FILENO) < 0)
		_exit(1);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		limit(RLIMIT_NOFILE, 0);
}

/* The reply fits into an empty pipe, so it is one write. */
static _Noreturn void serve(int fd, const char *text)
{
	struct reply reply = {.count = 0};
	struct filter f;
	size_t len;

	shut_in(fd);
	(void)filter_compile(text, &f, &reply.err);
	reply.count = f.count;
	if (f.count > 0)
		memcpy(reply.insns, f.insns, f.count * sizeof(*f.insns));
	len = REPLY_HEAD + reply.count * sizeof(*f.insns);
	_exit(write(STDIN_FILENO, &reply, len) == (ssize_t)len ? 0 : 1);
}

bool filter_job_start(struct filter_job *job, const char *text, struct err *err)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		(void)err_sys(err, "cannot make a pipe");
		return false;
	}
	job->fd = fds[0];
	job->pid = fork();
	if (job->pid == 0)
		serve(fds[1], text);
	(void)close(fds[1]);
	if (job->pid > 0)
		return true;
	(void)err_sys(err, "cannot start a process");
	(void)close(fds[0]);
	return false;
}

/* --- The parent --------------------------------------------------------- */

/* Up to the end, or as much as there is when the time is over. */
static size_t receive(int fd, void *dst, size_t size)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t len = 0;
	ssize_t n = 1;

	while (n != 0 && len < size) {
		n = poll(&p, 1, FILTER_COMPILE_S * 1000);
		if (n > 0)
			n = read(fd, (uint8_t *)dst + len, size - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0 && errno != EINTR)
			break;
	}
	return len;
}

static bool take_reply(const struct reply *reply, size_t len, struct filter *f,
		       struct err *err)
{
	if (len < REPLY_HEAD)
		return err_set(err,
			       "libpcap did not compile the filter in %d s",
			       FILTER_COMPILE_S);
	if (reply->count > 0)
		return filter_init(f, reply->insns, len - REPLY_HEAD, err);
	if (err)
		*err = reply->err;
	return false;
}

bool filter_job_finish(struct filter_job *job, struct filter *f,
		       struct err *err)
{
	struct reply *reply = calloc(1, sizeof(*reply));
	bool ok;

	*f = (struct filter){.count = 0};
	if (reply)
		ok = take_reply(reply, receive(job->fd, reply, sizeof(*reply)),
				f, err);
	else
		ok = err_set(err, "out of memory");
	free(reply);
	(void)close(job->fd);
	(void)kill(job->pid, SIGKILL);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return ok;
}
