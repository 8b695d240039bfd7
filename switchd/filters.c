/* SPDX-License-Identifier: MIT */
#include "switchd/filters.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topo/errors.h"

struct filters_entry {
	struct filters_entry *next;
	char text[TOPO_FILTER_SIZE];
	bool compiled; /* if it could be: else err says why */
	bool good;
	struct filter filter;
	struct err err;
};

/* --- Where filters stand ------------------------------------------------ */

struct place {
	const char *text;
	struct mark at;
	const char *what, *name, *key; /* "link", its name, "drop" */
};

typedef void place_fn(void *ctx, const struct place *place);

static void see(const struct place *place, place_fn *each, void *ctx)
{
	if (*place->text)
		each(ctx, place);
}

static void see_drop(const struct topo_impair *im, const char *what,
		     const char *name, place_fn *each, void *ctx)
{
	const struct place place = {im->drop, im->drop_at, what, name, "drop"};

	see(&place, each, ctx);
}

static void see_ports(const struct topo_switch *sw, place_fn *each, void *ctx)
{
	for (size_t i = 0; i < sw->port_count; i++) {
		const struct topo_port *port = &sw->ports[i];

		see_drop(&port->conf.rx, "port", port->name, each, ctx);
		see_drop(&port->conf.tx, "port", port->name, each, ctx);
	}
}

static void see_all(const struct topo *topo, place_fn *each, void *ctx)
{
	for (size_t i = 0; i < topo->capture_count; i++) {
		const struct topo_capture *c = &topo->captures[i];
		const struct place place = {c->conf.filter, c->filter_at,
					    "capture", c->conf.file, "filter"};

		see(&place, each, ctx);
	}
	for (size_t i = 0; i < topo->link_count; i++) {
		const struct link_conf *conf = &topo->links[i].conf;

		see_drop(&conf->forth, "link", conf->name, each, ctx);
		see_drop(&conf->back, "link", conf->name, each, ctx);
	}
	for (size_t i = 0; i < topo->switch_count; i++)
		see_ports(&topo->switches[i], each, ctx);
}

/* --- The list ----------------------------------------------------------- */

static struct filters_entry *find(const struct filters *f, const char *text)
{
	struct filters_entry *e = f->list;

	while (e && strcmp(e->text, text) != 0)
		e = e->next;
	return e;
}

static struct filters_entry *add(struct filters *f, const char *text)
{
	struct filters_entry *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	(void)snprintf(e->text, sizeof(e->text), "%s", text);
	e->next = f->list;
	f->list = e;
	return e;
}

struct search {
	const char *text;
	bool found;
};

static void look(void *ctx, const struct place *place)
{
	struct search *search = ctx;

	search->found |= strcmp(place->text, search->text) == 0;
}

static bool is_in(const char *text, const struct topo *topo)
{
	struct search search = {.text = text};

	if (topo)
		see_all(topo, look, &search);
	return search.found;
}

/* What failed may succeed the next time, with another /etc/hosts, say. */
static void prune(struct filters *f, const struct topo *topo)
{
	struct filters_entry **link = &f->list;

	while (*link) {
		struct filters_entry *e = *link;

		if (e == f->busy || (e->good && is_in(e->text, topo))) {
			link = &e->next;
			continue;
		}
		*link = e->next;
		filter_done(&e->filter);
		free(e);
	}
}

/* --- Compiling ---------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct filters *f = handle->data;

	f->busy = NULL;
	if (f->wake)
		f->wake(f->ctx);
}

/* Of whatever has become of the child. */
static void finish(struct filters *f)
{
	struct filters_entry *e = f->busy;

	uv_close((uv_handle_t *)&f->poll, on_closed);
	e->compiled = true;
	e->good = filter_job_finish(&f->job, &e->filter, &e->err);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	finish(poll->data);
}

static bool start(struct filters *f, struct filters_entry *e)
{
	if (!filter_job_start(&f->job, e->text, &e->err))
		return false;
	f->busy = e;
	f->poll.data = f;
	if (uv_poll_init(f->loop, &f->poll, f->job.fd) != 0)
		abort(); /* a pipe can be polled */
	uv_poll_start(&f->poll, UV_READABLE, on_poll);
	return true;
}

/* Or sees to it that it will be. */
static void compile(struct filters *f, struct filters_entry *e)
{
	if (!f->loop) {
		e->compiled = true;
		e->good = filter_compile_apart(e->text, &e->filter, &e->err);
	} else if (!f->busy) {
		e->compiled = !start(f, e);
	}
}

/* --- What others ask for ------------------------------------------------ */

struct check {
	struct filters *f;
	struct topo_errors *errors;
	bool wait, good;
	struct mark told; /* of what was complained of last */
};

static void begin(void *ctx, const struct place *place)
{
	struct check *check = ctx;
	struct filters_entry *e = find(check->f, place->text);

	if (!e)
		e = add(check->f, place->text);
	if (!e->compiled)
		compile(check->f, e);
	check->wait |= !e->compiled;
	check->good &= e->good;
}

static void complain(void *ctx, const struct place *place)
{
	struct check *check = ctx;
	const struct filters_entry *e = find(check->f, place->text);

	/* What stands for both directions, or as a default, is one mistake. */
	if (e->good || memcmp(&place->at, &check->told, sizeof(place->at)) == 0)
		return;
	check->told = place->at;
	(void)errors_at(check->errors, place->at, "%s '%.32s': '%s': %s",
			place->what, place->name, place->key, e->err.msg);
}

bool filters_check(struct filters *f, const struct topo *topo,
		   struct topo_errors *errors, bool *wait)
{
	struct check check = {.f = f, .errors = errors, .good = true};

	see_all(topo, begin, &check);
	*wait = check.wait;
	if (*wait)
		return false;
	see_all(topo, complain, &check);
	prune(f, topo);
	return check.good;
}

const struct filter *filters_find(const struct filters *f, const char *text)
{
	const struct filters_entry *e = find(f, text);

	return e ? &e->filter : NULL;
}

void filters_done(struct filters *f)
{
	f->wake = NULL;
	if (f->busy) {
		(void)kill(f->job.pid, SIGKILL);
		finish(f);
		f->busy = NULL;
	}
	prune(f, NULL);
}
