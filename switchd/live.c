/* SPDX-License-Identifier: MIT */
#include "switchd/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "switchd/client.h"
#include "switchd/cmd.h"

#define TICK_MS 1000

bool live_start(struct live *live, struct client *client, const json_t *request,
		int out, struct err *err)
{
	json_t *result;

	if (!client_send(client, "capture start", request, out, err))
		return false;
	result = client_reply(client, NULL, err);
	if (!result)
		return false;
	*live = (struct live){
		.client = client,
		.id = cmd_number(result, "id"),
		.ports = json_incref(json_object_get(result, "ports")),
		.out = out,
	};
	json_decref(result);
	return true;
}

void live_done(struct live *live)
{
	json_decref(live->ports);
}

/* --- While it runs ------------------------------------------------------ */

enum wish { WISH_NONE, WISH_LOOK, WISH_END, WISH_FAILED };

static const json_t *own_row(const struct live *live, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (cmd_number(row, "id") == live->id)
			return row;
	}
	return NULL;
}

static bool reader_is_gone(const struct live *live)
{
	struct pollfd p = {.fd = live->out};

	return poll(&p, 1, 0) > 0;
}

/* What a row says of it, NULL: it is no more. One that somebody has stopped has
 * no reason. */
static enum wish judge(struct live *live, const json_t *row, struct err *err)
{
	const char *state = cmd_text(row, "state");
	const char *reason = cmd_text(row, "reason");

	if (row)
		live->totals = (struct live_totals){
			cmd_number(row, "frames"),
			cmd_number(row, "bytes"),
			cmd_number(row, "dropped"),
		};
	if (reason && !reader_is_gone(live)) {
		(void)err_set(err, "the capture has ended: %s", reason);
		return WISH_FAILED;
	}
	return state && strcmp(state, "stopped") != 0 ? WISH_NONE : WISH_END;
}

static enum wish look(struct live *live, struct err *err)
{
	json_t *params = json_object();
	json_t *list = client_call(live->client, "capture list", params, err);
	enum wish wish = WISH_FAILED;

	if (list)
		wish = judge(live, own_row(live, json_object_get(list, "rows")),
			     err);
	json_decref(list);
	json_decref(params);
	return wish;
}

/* The daemon says something unasked: that it goes, or that we are to go. */
static void hear(struct live *live, struct err *err)
{
	json_t *result = client_reply(live->client, NULL, err);

	if (result)
		(void)err_set(err, "switchd's answer is no answer");
	json_decref(result);
}

/* Until something is wished for, or for a moment. */
static enum wish await(struct live *live, int signals, struct err *err)
{
	struct signalfd_siginfo info;
	struct pollfd p[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = live->out},
		{.fd = client_fd(live->client), .events = POLLIN},
	};
	int n = poll(p, sizeof(p) / sizeof(p[0]), TICK_MS);

	if (n < 0 && errno == EINTR)
		return WISH_NONE;
	if (n < 0) {
		(void)err_sys(err, "cannot wait for switchd");
		return WISH_FAILED;
	}
	if (n == 0)
		return WISH_LOOK;
	if (p[0].revents) /* taken, so that it does not end us later */
		(void)!read(signals, &info, sizeof(info));
	if (p[0].revents || p[1].revents)
		return WISH_END;
	hear(live, err);
	return WISH_FAILED;
}

/* Returns when all is written. If it is gone already, what is known of it last
 * is good enough. */
static enum wish stop(struct live *live, struct err *err)
{
	json_t *params = json_pack("{s:I}", "id", (json_int_t)live->id);
	json_t *result =
		client_call(live->client, "capture stop", params, NULL);
	enum wish wish = result ? judge(live, result, err) : WISH_END;

	json_decref(result);
	json_decref(params);
	return wish;
}

/* Blocked, they come to a descriptor and not in the middle of something. */
static int take_signals(sigset_t *before)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

bool live_wait(struct live *live, live_tick_fn *tick, void *ctx,
	       struct err *err)
{
	enum wish wish = WISH_NONE;
	sigset_t before;
	int signals = take_signals(&before);

	if (signals < 0)
		return err_sys(err, "cannot wait for signals");
	while (wish < WISH_END) {
		wish = await(live, signals, err);
		if (wish != WISH_LOOK)
			continue;
		wish = look(live, err);
		if (tick)
			tick(ctx, &live->totals);
	}
	if (wish == WISH_END)
		wish = stop(live, err);
	(void)close(signals);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return wish != WISH_FAILED;
}
