/* SPDX-License-Identifier: MIT */
#include "switchd/daemon.h"

#include <assert.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "switchd/caps.h"
#include "switchd/ctl.h"
#include "switchd/detach.h"
#include "switchd/helper.h"
#include "switchd/lab.h"
#include "switchd/load.h"
#include "switchd/log.h"
#include "switchd/notify.h"
#include "switchd/rundir.h"

#define OPENING_TICK_MS 20
#define OPENING_MAX_MS  8000 /* then the lab is ready without those ports */

static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

#define HANDLED_COUNT (sizeof(handled) / sizeof(handled[0]))

struct daemon {
	const struct daemon_conf *conf;
	int status; /* the exit code */
	struct rundir run;
	struct helper helper;
	struct priv priv;
	uv_loop_t loop;
	uv_signal_t signals[HANDLED_COUNT];
	uv_timer_t soon;    /* what was asked for is done in the next round */
	uv_timer_t opening; /* runs until the lab is ready */
	unsigned opening_ms;
	bool want_reload;
	bool want_stop;
	bool stopping;
	struct lab lab;
	struct ctl *ctl;
};

/* --- Before the loop ---------------------------------------------------- */

static size_t longest_name(const struct topo *topo)
{
	size_t longest = strlen(RUNDIR_CONTROL);

	for (size_t i = 0; i < topo->switch_count; i++) {
		size_t len = strlen(topo->switches[i].name);

		if (len > longest)
			longest = len;
	}
	return longest;
}

static void raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/*
 * With many busy guests on few processors no other measure is worth as much.
 * As a batch task it does not interrupt who wakes it, the guest that has just
 * sent, so it finds a burst where it would have found a frame.
 */
static void raise_priority(int nice)
{
	const struct sched_param param = {.sched_priority = 0};

	(void)sched_setscheduler(0, SCHED_BATCH, &param);
	if (setpriority(PRIO_PROCESS, 0, nice) < 0)
		log_info("the priority stays at nice %d: %d takes root, or "
			 "`ulimit -e`",
			 getpriority(PRIO_PROCESS, 0), nice);
}

/* The order matters: the helper is forked while there is neither loop nor
 * thread, and before the privileges go. */
static bool prepare(struct daemon *d, const struct topo *topo, struct err *err)
{
	const struct daemon_conf *conf = d->conf;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	(void)signal(SIGUSR2, SIG_IGN);
	if (!rundir_open(&d->run, conf->lab, conf->run_dir, longest_name(topo),
			 err) ||
	    !rundir_write_pid(&d->run, err) ||
	    !helper_start(&d->helper, d->run.path, d->run.lock_fd, err))
		return false;
	d->priv = helper_priv(&d->helper);
	rundir_keep(&d->run, &d->priv);
	raise_file_limit();
	raise_priority(conf->reniced ? conf->nice : topo->nice);
	/* Where others cannot write to, say; if not now, then later. */
	if (topo->capture_count > 0)
		(void)captures_open_dir(&d->lab.captures, NULL);
	return caps_drop(err);
}

/* --- The end ------------------------------------------------------------ */

/* Takes down what keeps the loop alive; it ends when all of it is closed. */
static void stop(struct daemon *d)
{
	struct topo *nothing = topo_new();

	if (!nothing)
		abort();
	log_info("stopping");
	notify_send("STOPPING=1");
	d->stopping = true;
	ctl_close(d->ctl);
	d->ctl = NULL;
	(void)lab_apply(&d->lab, nothing);
	lab_done(&d->lab);
}

static void fail(struct daemon *d, const char *why)
{
	log_err("%s", why);
	d->status = 1;
	stop(d);
}

/* --- While it runs ------------------------------------------------------ */

/* sd_notify(3): without the time it could be the answer to an older signal. */
static void tell_reloading(void)
{
	char state[64];

	(void)snprintf(state, sizeof(state),
		       "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
		       uv_hrtime() / 1000);
	notify_send(state);
}

/* Not before it was ready for the first time. */
static void tell_reloaded(struct daemon *d)
{
	if (!uv_is_active((uv_handle_t *)&d->opening))
		notify_send("READY=1");
}

static void reload(struct daemon *d)
{
	struct topo *topo = NULL;
	struct err err;
	bool wait = false;
	size_t not_up;

	if (strcmp(d->conf->file, "-") == 0)
		log_err("standard input cannot be read again");
	else
		topo = load_topo_again(d->conf->file, &d->lab.captures.filters,
				       load_log, &wait);
	if (wait) {
		d->want_reload = true;
		return;
	}
	if (topo && !lab_may_apply(&d->lab, topo, &err)) {
		log_err("%s: %s", d->conf->file, err.msg);
		topo_free(topo);
		topo = NULL;
	}
	if (!topo) {
		log_err("reload: nothing is changed");
	} else {
		not_up = lab_apply(&d->lab, topo);
		log_info("reload: applied %s, %zu not up", d->conf->file,
			 not_up);
	}
	tell_reloaded(d);
}

static void on_soon(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	if (d->stopping)
		return;
	if (d->want_stop) {
		stop(d);
	} else if (d->want_reload) {
		d->want_reload = false;
		reload(d);
	}
}

static void do_soon(struct daemon *d)
{
	uv_timer_start(&d->soon, on_soon, 0, 0);
}

/* From the control socket, in the middle of its work for a client. */
static void on_stop_asked(struct lab *lab)
{
	struct daemon *d = lab->ctx;

	d->want_stop = true;
	do_soon(d);
}

/* A reload may be among those that wait. */
static void on_wake(struct lab *lab)
{
	struct daemon *d = lab->ctx;

	ctl_wake(d->ctl);
	if (d->want_reload)
		do_soon(d);
}

static void on_compiled(void *ctx)
{
	struct daemon *d = ctx;

	on_wake(&d->lab);
}

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (signum == SIGCHLD) {
		if (helper_reap(&d->helper))
			log_err("the helper process has ended: ports that are "
				"open go on, but no new TAP can be opened");
	} else if (signum == SIGHUP) {
		tell_reloading();
		d->want_reload = true;
		do_soon(d);
	} else if (d->want_stop) {
		_exit(1);
	} else {
		d->want_stop = true;
		do_soon(d);
	}
}

/* None of these keeps the loop alive: the lab does. */
static void watch(struct daemon *d)
{
	uv_timer_init(&d->loop, &d->soon);
	d->soon.data = d;
	uv_unref((uv_handle_t *)&d->soon);
	uv_timer_init(&d->loop, &d->opening);
	d->opening.data = d;
	uv_unref((uv_handle_t *)&d->opening);
	for (size_t i = 0; i < HANDLED_COUNT; i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], on_signal, handled[i]);
		uv_unref((uv_handle_t *)&d->signals[i]);
	}
}

/* From here on another end ends it at once, and a reload means nothing. */
static void unwatch(struct daemon *d)
{
	sigset_t reload;

	uv_close((uv_handle_t *)&d->soon, NULL);
	uv_close((uv_handle_t *)&d->opening, NULL);
	(void)sigemptyset(&reload);
	(void)sigaddset(&reload, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &reload, NULL);
	for (size_t i = 0; i < HANDLED_COUNT; i++)
		uv_close((uv_handle_t *)&d->signals[i], NULL);
}

static void tell_ready(struct daemon *d, size_t not_up)
{
	const struct topo *topo = d->lab.topo;
	char control[RUNDIR_FILE_SIZE];
	char not_all[32] = "";
	size_t ports = 0;

	for (size_t i = 0; i < topo->switch_count; i++)
		ports += topo->switches[i].port_count;
	if (not_up > 0)
		(void)snprintf(not_all, sizeof(not_all), " (%zu not up)",
			       not_up);
	rundir_file(d->run.path, RUNDIR_CONTROL, control);
	log_info("ready: lab %s, %zu switch%s, %zu port%s%s, control %s",
		 d->lab.name, topo->switch_count,
		 topo->switch_count == 1 ? "" : "es", ports,
		 ports == 1 ? "" : "s", not_all, control);
	notify_send("READY=1");
	if (d->conf->ready_fd >= 0 && !detach_ready(d->conf->ready_fd))
		fail(d, "nobody waits any more for it to be ready");
}

/* Some ports, a NAT for one, come up only in a later round of the loop. */
static void on_opening(uv_timer_t *timer)
{
	struct daemon *d = timer->data;
	size_t opening = lab_opening(&d->lab);
	size_t not_up = opening + lab_not_up(&d->lab);

	d->opening_ms += OPENING_TICK_MS;
	if (!d->stopping && opening > 0 && d->opening_ms < OPENING_MAX_MS)
		return;
	uv_timer_stop(timer);
	if (d->stopping)
		return;
	if (not_up > 0 && d->conf->strict)
		fail(d, "not all ports are up, and --strict is given");
	else
		tell_ready(d, not_up);
}

static void start(struct daemon *d, struct topo *topo)
{
	char control[RUNDIR_FILE_SIZE];
	struct err err;

	rundir_file(d->run.path, RUNDIR_CONTROL, control);
	(void)lab_apply(&d->lab, topo);
	d->ctl = ctl_new(&d->lab, control, &err);
	if (!d->ctl)
		fail(d, err.msg);
	else
		uv_timer_start(&d->opening, on_opening, 0, OPENING_TICK_MS);
}

static bool run(struct daemon *d, struct topo *topo, struct err *err)
{
	struct lab *lab = &d->lab;
	int left;

	if (uv_loop_init(&d->loop) < 0)
		return err_set(err, "cannot make an event loop");
	lab->io = io_engine_new(&d->loop, d->conf->io, err);
	if (!lab->io)
		return false;
	if (*io_engine_lacks(lab->io))
		log_info("io %s: %s", io_engine_name(lab->io),
			 io_engine_lacks(lab->io));
	(void)snprintf(lab->name, sizeof(lab->name), "%s", d->conf->lab);
	(void)snprintf(lab->run_dir, sizeof(lab->run_dir), "%s", d->run.path);
	lab->loop = &d->loop;
	lab->priv = &d->priv;
	lab->stop = on_stop_asked;
	lab->wake = on_wake;
	lab->ctx = d;
	lab->captures.filters = *d->conf->filters;
	lab->captures.filters.loop = &d->loop;
	lab->captures.filters.wake = on_compiled;
	lab->captures.filters.ctx = d;
	lab_init(lab);
	nats_load(lab);
	watch(d);
	start(d, topo);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	unwatch(d);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	io_engine_free(lab->io);
	left = uv_loop_close(&d->loop);
	assert(left == 0);
	(void)left;
	return true;
}

int daemon_run(const struct daemon_conf *conf, struct topo *topo)
{
	struct daemon d = {.conf = conf,
			   .lab.captures = {.dir = conf->captures_dir},
			   .run = {.lock_fd = -1},
			   .helper = {.sock = -1, .pid = -1}};
	struct err err;

	if (!prepare(&d, topo, &err) || !run(&d, topo, &err)) {
		log_err("%s", err.msg);
		topo_free(topo);
		d.status = 1;
	}
	/* Only one of the two removes the directory: as soon as it is gone it
	 * may be another daemon's. */
	if (helper_stop(&d.helper))
		rundir_close(&d.run);
	return d.status;
}
