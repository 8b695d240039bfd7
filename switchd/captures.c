/* SPDX-License-Identifier: MIT */
#include "switchd/captures.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "switchd/lab.h"
#include "switchd/log.h"
#include "switchd/tell.h"

static const char *const state_names[] = {"waiting", "running", "stopping",
					  "stopped"};

static_assert(sizeof(state_names) / sizeof(state_names[0]) ==
		      CAPTURES_STATE_COUNT,
	      "a name for each state");

const char *captures_state_name(enum captures_state state)
{
	return state_names[state];
}

/* --- The directory ------------------------------------------------------ */

bool captures_open_dir(struct captures *captures, struct err *err)
{
	const char *dir = captures->dir ? captures->dir : CAPTURES_DIR;
	int fd;

	if (captures->dir_fd > 0)
		return true;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_sys(err,
			       "cannot make the directory '%.150s' (name "
			       "another with --captures)",
			       dir);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open the directory '%.150s'", dir);
	captures->dir_fd = fd;
	return true;
}

void captures_done(struct captures *captures)
{
	filters_done(&captures->filters);
	if (captures->dir_fd > 0)
		close(captures->dir_fd);
	captures->dir_fd = 0;
}

/* --- The list ----------------------------------------------------------- */

static struct lab_capture *add(struct lab *lab, const struct topo_capture *topo)
{
	struct lab_capture *c = calloc(1, sizeof(*c));
	struct lab_capture **link = &lab->captures.list;

	if (!c)
		abort();
	c->lab = lab;
	c->id = ++lab->captures.last_id;
	c->topo = *topo;
	while (*link)
		link = &(*link)->next;
	*link = c;
	return c;
}

static void take_out(struct lab_capture *c)
{
	struct lab_capture **link = &c->lab->captures.list;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	filter_done(&c->filter);
	free(c);
}

static bool is_live(const struct lab_capture *c)
{
	return !c->topo.conf.file[0];
}

struct lab_capture *captures_find(const struct lab *lab, const char *file)
{
	struct lab_capture *c = lab->captures.list;

	while (c && (is_live(c) || c->removed ||
		     strcmp(c->topo.conf.file, file) != 0))
		c = c->next;
	return c;
}

struct capture_stats captures_stats(const struct lab_capture *c)
{
	return c->capture ? capture_stats(c->capture) : c->stats;
}

/* --- Ports -------------------------------------------------------------- */

/* In or out, as the model says. */
static void consider(struct lab_capture *c, struct swport *port)
{
	struct err err;

	if (port->removing ||
	    !topo_capture_takes(&c->topo, port->sw->topo->name,
				port->topo->name, topo_link_name(port->topo)))
		port_captures_remove(port, c);
	else if (!port_captures_add(port, c, &err))
		log_warn("capture %u: %s.%s is not in it: %s", c->id,
			 port->sw->topo->name, port->topo->name, err.msg);
}

static void consider_all(struct lab_capture *c)
{
	for (struct lab_switch *sw = c->lab->switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			consider(c, sw->ports[i]);
}

static void leave_ports(struct lab_capture *c, struct lab_switch *switches)
{
	for (struct lab_switch *sw = switches; sw; sw = sw->next)
		for (size_t i = 0; i < sw->port_count; i++)
			port_captures_remove(sw->ports[i], c);
}

static void leave_all(struct lab_capture *c)
{
	leave_ports(c, c->lab->switches);
	leave_ports(c, c->lab->leaving);
}

void captures_take_port(struct lab *lab, struct swport *port)
{
	struct lab_capture *c = lab->captures.list;

	for (; c; c = c->next)
		if (c->state == CAPTURES_RUNNING)
			consider(c, port);
}

/* --- From beginning to end ---------------------------------------------- */

/* The file that one is about to rename may be another's that still ends. */
static bool must_wait(const struct lab *lab)
{
	const struct lab_capture *c = lab->captures.list;

	while (c && (is_live(c) || c->state != CAPTURES_STOPPING))
		c = c->next;
	return c;
}

static void on_ended(void *ctx, const struct err *reason);

static struct capture_options make_options(struct lab_capture *c)
{
	static const enum capture_direction directions[] = {
		[TOPO_BOTH] = CAPTURE_BOTH,
		[TOPO_RX] = CAPTURE_RX,
		[TOPO_TX] = CAPTURE_TX};
	static const struct format *const formats[] = {
		[TOPO_PCAPNG] = &format_pcapng, [TOPO_PCAP] = &format_pcap};
	const struct topo_capture_conf *conf = &c->topo.conf;

	return (struct capture_options){
		.lab = c->lab->name,
		.format = formats[conf->format],
		.direction = directions[conf->direction],
		.snaplen = conf->snaplen,
		.raw = conf->raw,
		.drops = conf->drops,
		.ring = conf->buffer,
		.rotate_bytes = conf->rotate.bytes,
		.rotate_ns = conf->rotate.ns,
		.keep = conf->rotate.files,
		.fd = -1,
		.ended = on_ended,
		.ctx = c,
	};
}

static bool run(struct lab_capture *c, const struct capture_options *options,
		struct err *err)
{
	c->capture = capture_new(c->lab->loop, options, err);
	if (!c->capture)
		return false;
	c->state = CAPTURES_RUNNING;
	c->reason.msg[0] = '\0';
	c->stats = (struct capture_stats){.frames = 0};
	c->told_dropped = 0;
	c->stop_ns = 0;
	consider_all(c);
	tell_capture(c);
	return true;
}

static void stopped(struct lab_capture *c, const struct err *reason)
{
	c->state = CAPTURES_STOPPED;
	if (reason)
		c->reason = *reason;
	if (reason && is_live(c))
		log_info("capture %u: %s", c->id, reason->msg);
	else if (reason)
		log_err("capture '%s': %s", c->topo.conf.file, reason->msg);
	tell_capture(c);
}

static bool run_file(struct lab_capture *c, struct err *err)
{
	struct captures *captures = &c->lab->captures;
	struct capture_options options = make_options(c);

	if (!captures_open_dir(captures, err))
		return false;
	options.dir_fd = captures->dir_fd;
	options.file = c->topo.conf.file;
	options.filter = &c->filter;
	if (c->topo.conf.filter[0] && c->filter.count == 0)
		return err_set(err, "no memory for its filter");
	return run(c, &options, err);
}

static void begin_waiting(struct lab *lab)
{
	struct lab_capture *c = lab->captures.list;

	if (must_wait(lab))
		return;
	for (; c; c = c->next) {
		struct err err;

		if (c->state == CAPTURES_WAITING && !run_file(c, &err))
			stopped(c, &err);
	}
}

static void on_ended(void *ctx, const struct err *reason)
{
	struct lab_capture *c = ctx;
	struct lab *lab = c->lab;

	c->stats = capture_stats(c->capture);
	c->capture = NULL;
	leave_all(c);
	stopped(c, reason);
	if (c->removed)
		take_out(c);
	begin_waiting(lab);
	if (lab->wake)
		lab->wake(lab);
}

static void end(struct lab_capture *c)
{
	leave_all(c);
	c->state = CAPTURES_STOPPING;
	c->stop_ns = uv_hrtime();
	capture_stop(c->capture);
}

void captures_stop(struct lab_capture *c)
{
	if (c->state == CAPTURES_WAITING)
		stopped(c, NULL);
	else if (c->state == CAPTURES_RUNNING)
		end(c);
}

static void remove_capture(struct lab_capture *c)
{
	c->removed = true;
	if (c->capture)
		captures_stop(c);
	else
		take_out(c);
}

/* --- Of the file -------------------------------------------------------- */

void captures_add(struct lab *lab, const struct topo_capture *topo)
{
	struct lab_capture *c = add(lab, topo);
	const struct filter *filter =
		filters_find(&lab->captures.filters, topo->conf.filter);

	/* A copy: it may have to wait, and be begun again later. */
	if (filter)
		(void)filter_init(&c->filter, filter->insns,
				  filter->count * FILTER_INSN_SIZE, NULL);
}

void captures_remove(struct lab *lab, const struct topo_capture *topo)
{
	remove_capture(captures_find(lab, topo->conf.file));
}

void captures_change(struct lab *lab, const struct topo_capture *topo)
{
	struct lab_capture *c = captures_find(lab, topo->conf.file);

	c->topo = *topo;
}

void captures_begin(struct lab *lab)
{
	for (struct lab_capture *c = lab->captures.list; c; c = c->next) {
		if (c->state == CAPTURES_STOPPED && !is_live(c))
			c->state = CAPTURES_WAITING;
		if (c->state == CAPTURES_RUNNING && !is_live(c))
			consider_all(c);
	}
	begin_waiting(lab);
}

size_t captures_not_running(const struct lab *lab)
{
	const struct lab_capture *c = lab->captures.list;
	size_t count = 0;

	for (; c; c = c->next)
		count += c->state == CAPTURES_STOPPED && !is_live(c);
	return count;
}

/* --- Live --------------------------------------------------------------- */

static unsigned count_live(const struct lab *lab)
{
	const struct lab_capture *c = lab->captures.list;
	unsigned count = 0;

	for (; c; c = c->next)
		count += is_live(c);
	return count;
}

struct lab_capture *captures_start(struct lab *lab,
				   const struct topo_capture *topo,
				   const struct filter *filter, int fd,
				   const void *owner, struct err *err)
{
	struct capture_options options;
	struct lab_capture *c;

	if (count_live(lab) == CAPTURES_LIVE_MAX) {
		close(fd);
		err_set(err, "there are %d live captures already",
			CAPTURES_LIVE_MAX);
		return NULL;
	}
	c = add(lab, topo);
	c->owner = owner;
	options = make_options(c);
	options.filter = filter;
	options.fd = fd;
	if (run(c, &options, err))
		return c;
	take_out(c);
	return NULL;
}

bool captures_owned(const struct lab *lab, const void *owner)
{
	const struct lab_capture *c = lab->captures.list;

	while (c && c->owner != owner)
		c = c->next;
	return c;
}

void captures_disown(struct lab *lab, const void *owner)
{
	struct lab_capture *next;

	for (struct lab_capture *c = lab->captures.list; c; c = next) {
		next = c->next;
		if (c->owner == owner) {
			c->owner = NULL;
			remove_capture(c);
		}
	}
}

void captures_tick(struct lab *lab)
{
	for (struct lab_capture *c = lab->captures.list; c; c = c->next) {
		uint64_t dropped = captures_stats(c).dropped;

		if (dropped > c->told_dropped)
			tell_capture_drops(c, dropped - c->told_dropped);
		c->told_dropped = dropped;
	}
}
