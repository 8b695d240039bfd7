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

static bool is_in(const char *text, const struct topo *topo)
{
	for (size_t i = 0; topo && i < topo->capture_count; i++)
		if (strcmp(topo->captures[i].conf.filter, text) == 0)
			return true;
	return false;
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

static void complain(const struct topo_capture *capture, const struct err *why,
		     struct topo_errors *errors)
{
	(void)errors_at(errors, capture->filter_at,
			"capture '%.32s': 'filter': %s", capture->conf.file,
			why->msg);
}

bool filters_check(struct filters *f, const struct topo *topo,
		   struct topo_errors *errors, bool *wait)
{
	bool good = true;

	*wait = false;
	for (size_t i = 0; i < topo->capture_count; i++) {
		const char *text = topo->captures[i].conf.filter;
		struct filters_entry *e = find(f, text);

		if (!*text)
			continue;
		if (!e)
			e = add(f, text);
		if (!e->compiled)
			compile(f, e);
		*wait |= !e->compiled;
		good &= e->good;
	}
	if (*wait)
		return false;
	for (size_t i = 0; i < topo->capture_count; i++) {
		const struct topo_capture *capture = &topo->captures[i];
		const struct filters_entry *e = find(f, capture->conf.filter);

		if (e && !e->good)
			complain(capture, &e->err, errors);
	}
	prune(f, topo);
	return good;
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
