/* SPDX-License-Identifier: MIT */
/*
 * switchctl apply: makes the lab what a file says.
 *
 * switchctl reads the file, as the user that it runs as, and passes the text
 * in a file of memory: the daemon opens no path that a client names, and does
 * not wait for a pipe or a slow disk. So switchctl can show the very text in
 * which the daemon found mistakes.
 */
#include "switchd/cmds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "switchd/answer.h"
#include "switchd/client.h"
#include "switchd/lab.h"
#include "switchd/load.h"
#include "switchd/rpc.h"
#include "switchd/tell.h"

#define SETTLE_TRIES 100 /* of 20 ms */
#define SETTLE_NS    20000000

/* --- switchd: the topology ---------------------------------------------- */

static json_t *mistakes(const struct topo_errors *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->count; i++) {
		const struct err *e = &errors->err[i];

		(void)json_array_append_new(
			list, json_pack("{s:I, s:I, s:o}", "line",
					(json_int_t)e->at.line, "col",
					(json_int_t)e->at.col, "message",
					cmd_string(e->msg)));
	}
	return json_pack("{s:o, s:I}", "errors", list, "more",
			 (json_int_t)errors->more);
}

static struct topo *parse_passed(struct lab *lab, struct call *call,
				 struct err *err)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo;
	size_t len = 0;
	char *text;

	if (call->fd < 0) {
		err_set(err, "no descriptor of a file came with the request");
		return NULL;
	}
	call->fd_used = true;
	text = load_fd(call->fd, &len, err);
	if (!text)
		return NULL;
	topo = load_parse(text, len, &lab->captures.filters, &errors,
			  &call->waits);
	free(text);
	if (!topo && !call->waits) {
		call->code = RPC_BAD_FILE;
		call->data = mistakes(&errors);
		err_set(err, "the topology has mistakes: nothing is changed");
	}
	return topo;
}

/* --- switchd: the answer ------------------------------------------------ */

static void add_plan(json_t *result, const struct plan *plan)
{
	struct page page;
	size_t i = 0;

	page_begin(&page, NULL);
	while (i < plan->count && !page.full)
		(void)page_add(&page, tell_step(&plan->steps[i++]), page.from);
	(void)json_object_set_new(result, "plan", page.rows);
	(void)json_object_set_new(result, "more",
				  json_integer((json_int_t)(plan->count - i)));
}

static json_t *not_up_row(const char *name, const char *state,
			  const char *reason)
{
	return json_pack("{s:s, s:s, s:o}", "name", name, "state", state,
			 "reason", reason ? cmd_string(reason) : json_null());
}

static void add_switch_not_up(struct page *page, const struct lab_switch *sw)
{
	char name[SWPORT_NAME_SIZE];

	if (!sw->env.vde && sw->vde_reason.msg[0])
		(void)page_add(page,
			       not_up_row(sw->topo->name, "no VDE directory",
					  sw->vde_reason.msg),
			       page->from);
	for (size_t i = 0; i < sw->port_count && !page->full; i++) {
		const struct swport *port = sw->ports[i];

		if (!port->removing && !port->dynamic &&
		    port->state != SWPORT_UP)
			(void)page_add(page,
				       not_up_row(swport_full_name(port, name),
						  swport_state_name(port),
						  swport_reason(port)),
				       page->from);
	}
}

static void add_captures_not_up(struct page *page, const struct lab *lab)
{
	const struct lab_capture *c = lab->captures.list;
	char name[PLAN_NAME_SIZE];

	for (; c && !page->full; c = c->next) {
		if (c->state != CAPTURES_STOPPED || !c->topo.conf.file[0])
			continue;
		(void)snprintf(name, sizeof(name), "capture %s",
			       c->topo.conf.file);
		(void)page_add(page,
			       not_up_row(name, captures_state_name(c->state),
					  c->reason.msg),
			       page->from);
	}
}

static void add_not_up(json_t *result, const struct lab *lab)
{
	struct page page;

	page_begin(&page, NULL);
	add_captures_not_up(&page, lab);
	for (const struct lab_switch *sw = lab->switches; sw && !page.full;
	     sw = sw->next)
		add_switch_not_up(&page, sw);
	(void)json_object_set_new(result, "not_up", page.rows);
}

static json_t *serve(struct lab *lab, const json_t *args, struct call *call,
		     struct err *err)
{
	bool dry_run = json_is_true(json_object_get(args, "dry_run"));
	struct topo *topo = parse_passed(lab, call, err);
	struct plan plan;
	json_t *result;

	if (!topo)
		return NULL;
	if (!lab_may_apply(lab, topo, err)) {
		topo_free(topo);
		return NULL;
	}
	result = json_pack("{s:b}", "dry_run", dry_run);
	lab_plan(lab, topo, &plan);
	add_plan(result, &plan);
	if (dry_run) {
		topo_free(topo);
	} else {
		size_t not_up = lab_apply(lab, topo);

		log_info("apply: %.200s, %zu step%s, %zu not up",
			 cmd_text(args, "file"), plan.count,
			 plan.count == 1 ? "" : "s", not_up);
		add_not_up(result, lab);
	}
	plan_done(&plan);
	return result;
}

/* --- switchctl: asking -------------------------------------------------- */

static int file_of_memory(const char *text, size_t len, struct err *err)
{
	int fd = memfd_create("topology", MFD_CLOEXEC);

	if (fd < 0) {
		err_sys(err, "cannot make a file of memory");
	} else if (write(fd, text, len) != (ssize_t)len) {
		err_sys(err, "cannot write to a file of memory");
		close(fd);
		fd = -1;
	}
	return fd;
}

static json_t *ask(struct client *client, json_t *params, int fd,
		   json_t **mistakes_found, struct err *err)
{
	if (!client_send(client, "apply", params, fd, err))
		return NULL;
	return client_reply(client, mistakes_found, err);
}

/* The names of the ports that are on their way: not up, and no reason yet. */
static json_t *pending(const json_t *rows)
{
	json_t *names = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (json_is_null(json_object_get(row, "reason")))
			(void)json_array_append(names,
						json_object_get(row, "name"));
	}
	return names;
}

static json_t *find_port(const json_t *ports, const json_t *name)
{
	json_t *port;
	size_t i;

	json_array_foreach(ports, i, port)
	{
		if (json_equal(json_object_get(port, "port"), name))
			return port;
	}
	return NULL;
}

/* Fills in what became of ports; those that are up leave the rows. */
static void update(json_t *rows, const json_t *ports)
{
	for (size_t i = json_array_size(rows); i-- > 0;) {
		json_t *row = json_array_get(rows, i);
		json_t *port = find_port(ports, json_object_get(row, "name"));

		if (!port)
			continue;
		if (strcmp(cmd_text(port, "state"), "up") == 0) {
			(void)json_array_remove(rows, i);
			continue;
		}
		(void)json_object_set(row, "state",
				      json_object_get(port, "state"));
		(void)json_object_set(row, "reason",
				      json_object_get(port, "reason"));
	}
}

/* A port in place of another opens when that is closed, a moment later. */
static void settle(struct client *client, json_t *rows)
{
	const struct timespec moment = {.tv_nsec = SETTLE_NS};

	for (int i = 0; i < SETTLE_TRIES; i++) {
		json_t *args = json_pack("{s:o}", "names", pending(rows));
		size_t count = json_array_size(json_object_get(args, "names"));
		struct err err;
		json_t *ports =
			count ? client_call(client, "ports", args, &err) : NULL;

		json_decref(args);
		if (!ports)
			return;
		update(rows, json_object_get(ports, "rows"));
		json_decref(ports);
		(void)nanosleep(&moment, NULL);
	}
}

/* --- switchctl: showing ------------------------------------------------- */

static void print_mistakes(const char *file, const char *text, size_t len,
			   const json_t *data)
{
	const json_t *errors = json_object_get(data, "errors");
	const json_t *row;
	size_t i;

	json_array_foreach(errors, i, row)
	{
		struct err err = {.at = {(unsigned)cmd_number(row, "line"),
					 (unsigned)cmd_number(row, "col")}};

		(void)snprintf(err.msg, sizeof(err.msg), "%s",
			       cmd_text(row, "message"));
		topo_print_error(stderr, file, text, len, &err);
	}
	if (cmd_number(data, "more"))
		fprintf(stderr, "switchctl: %s: %lld more errors\n", file,
			cmd_number(data, "more"));
}

static void print(const struct screen *screen, json_t *result)
{
	const json_t *plan = json_object_get(result, "plan");
	const json_t *not_up = json_object_get(result, "not_up");
	bool dry_run = json_is_true(json_object_get(result, "dry_run"));
	const json_t *row;
	size_t i;

	json_array_foreach(plan, i, row)
		fprintf(screen->out, "%s\n", cmd_text(row, "text"));
	if (cmd_number(result, "more"))
		fprintf(screen->out, "... and %lld more\n",
			cmd_number(result, "more"));
	if (json_array_size(plan) == 0)
		fputs("the lab is as the file says already\n", screen->out);
	else if (dry_run)
		fputs("nothing is changed: --dry-run\n", screen->out);
	json_array_foreach(not_up, i, row)
	{
		const char *reason = cmd_text(row, "reason");

		fprintf(screen->out, "not up: %s: %s%s%s%s\n",
			cmd_text(row, "name"), cmd_text(row, "state"),
			reason ? " (" : "", reason ? reason : "",
			reason ? ")" : "");
	}
}

static bool show(const struct cmd_env *env, json_t *result, struct err *err)
{
	if (env->json)
		return cmd_print_json(result, err);
	print(&env->screen, result);
	return cmd_flush(err);
}

/* One exchange with the lab, which has text in fd. */
static int apply(const struct cmd_env *env, json_t *params, int fd,
		 const char *text, size_t len)
{
	const char *file = load_shown(cmd_text(params, "file"));
	struct err err = {.errnum = 0};
	struct client *client = env->open(env->lab, &err);
	json_t *data = NULL;
	json_t *result = client ? ask(client, params, fd, &data, &err) : NULL;
	int status = EXIT_SUCCESS;

	if (result)
		settle(client, json_object_get(result, "not_up"));
	if (data) {
		print_mistakes(file, text, len, data);
		status = CMD_EXIT_USAGE;
	} else if (!result || !show(env, result, &err)) {
		status = cmd_complain(EXIT_FAILURE, &err);
	}
	json_decref(data);
	json_decref(result);
	if (client)
		client_close(client);
	return status;
}

static int run(const struct cmd_env *env, json_t *params)
{
	struct err err = {.errnum = 0};
	size_t len = 0;
	char *text = load_text(cmd_text(params, "file"), &len, &err);
	int fd = text ? file_of_memory(text, len, &err) : -1;
	int status = fd < 0 ? cmd_complain(CMD_EXIT_USAGE, &err)
			    : apply(env, params, fd, text, len);

	if (fd >= 0)
		close(fd);
	free(text);
	return status;
}

static const struct cmd_param params_list[] = {
	{.name = "file", .meta = "FILE", .required = true},
	{.name = "dry_run", .word = "--dry-run", .type = PARAM_FLAG},
	{.name = NULL},
};

const struct cmd cmd_apply = {
	.name = "apply",
	.help = "makes the lab what a file says; what is the same goes on",
	.params = params_list,
	.serve_call = serve,
	.run = run,
};
