/* SPDX-License-Identifier: MIT */
#include "switchd/events.h"

#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"

struct ear {
	struct watcher watcher; /* the first member */
	unsigned wakes;
	size_t len;
	char *heard; /* all that was taken so far */
};

static void on_wake(struct watcher *watcher)
{
	struct ear *ear = (struct ear *)(void *)watcher;

	ear->wakes++;
}

static struct ear *listen_to(struct events *bus, const char *names)
{
	struct ear *ear = calloc(1, sizeof(*ear));
	json_t *list = names ? json_loads(names, 0, NULL) : NULL;
	struct err err;

	assert_non_null(ear);
	ear->watcher.wake = on_wake;
	ear->heard = calloc(1, 64u << 20);
	assert_non_null(ear->heard);
	assert_true(events_subscribe(bus, &ear->watcher, list, &err));
	json_decref(list);
	return ear;
}

static void leave(struct ear *ear)
{
	events_unsubscribe(&ear->watcher);
	events_unsubscribe(&ear->watcher); /* the second time: nothing */
	free(ear->heard);
	free(ear);
}

/* Takes up to max bytes, in pieces of at most step. */
static void hear(struct ear *ear, size_t max, size_t step)
{
	size_t len;
	const char *data;

	while (max > 0 && (data = watcher_peek(&ear->watcher, &len), len > 0)) {
		len = len > step ? step : len;
		len = len > max ? max : len;
		memcpy(ear->heard + ear->len, data, len);
		ear->len += len;
		max -= len;
		watcher_taken(&ear->watcher, len);
	}
}

/* Calls each heard line's params; returns how many there were. */
static unsigned lines(const struct ear *ear,
		      void (*each)(const json_t *params, void *ctx), void *ctx)
{
	const char *line = ear->heard, *end;
	unsigned count = 0;

	for (; (end = strchr(line, '\n')); line = end + 1, count++) {
		json_t *whole = json_loadb(line, (size_t)(end - line), 0, NULL);

		assert_non_null(whole);
		assert_string_equal(
			json_string_value(json_object_get(whole, "jsonrpc")),
			"2.0");
		assert_null(json_object_get(whole, "id"));
		assert_string_equal(
			json_string_value(json_object_get(whole, "method")),
			"event");
		each(json_object_get(whole, "params"), ctx);
		json_decref(whole);
	}
	assert_true(*line == '\0'); /* whole lines only */
	return count;
}

static void say(struct events *bus, int n, const char *sw, const char *port)
{
	assert_true(events_wanted(bus));
	events_publish(bus, json_pack("{s:s, s:s?, s:s?, s:i}", "event", "test",
				      "switch", sw, "port", port, "n", n));
}

static void collect(const json_t *params, void *ctx)
{
	char *text = ctx;
	json_t *n = json_object_get(params, "n");

	assert_true(json_integer_value(json_object_get(params, "time_us")) >
		    1500000000000000);
	if (n)
		sprintf(text + strlen(text), "%lld ",
			(long long)json_integer_value(n));
	else
		sprintf(text + strlen(text), "lost:%lld ",
			(long long)json_integer_value(
				json_object_get(params, "count")));
}

static void heard_is(struct ear *ear, const char *want)
{
	char text[4096] = "";

	hear(ear, SIZE_MAX, SIZE_MAX);
	(void)lines(ear, collect, text);
	assert_string_equal(text, want);
}

static void nobody_watches(void **state)
{
	struct events bus = {.watchers = NULL};

	assert_false(events_watched(&bus));
	assert_false(events_wanted(&bus));
	events_publish(&bus, json_object());
	events_tick(&bus);
}

static void each_hears_what_it_wants(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *all = listen_to(&bus, NULL);
	struct ear *empty = listen_to(&bus, "[]");
	struct ear *sw = listen_to(&bus, "[\"sw1\"]");
	struct ear *ports = listen_to(&bus, "[\"sw2.b\", \"a\"]");

	assert_true(events_watched(&bus));
	say(&bus, 1, "sw1", "sw1.a");
	say(&bus, 2, "sw1", NULL);
	say(&bus, 3, "sw2", "sw2.a");
	say(&bus, 4, "sw2", "sw2.b");
	say(&bus, 5, "sw2", "sw2.ab");
	say(&bus, 6, NULL, NULL);
	events_publish(&bus, json_pack("{s:s, s:s, s:s, s:i}", "switch", "sw2",
				       "port", "sw2.c", "from", "sw2.b", "n",
				       7)); /* moved away from b */
	heard_is(all, "1 2 3 4 5 6 7 ");
	heard_is(empty, "1 2 3 4 5 6 7 ");
	heard_is(sw, "1 2 ");
	heard_is(ports, "1 3 4 7 ");
	leave(sw);
	leave(all);
	say(&bus, 8, "sw1", "sw1.a");
	heard_is(ports, "1 3 4 7 8 ");
	heard_is(empty, "1 2 3 4 5 6 7 8 ");
	leave(empty);
	leave(ports);
	assert_false(events_watched(&bus));
}

/* One wake as long as the ring is not empty. */
static void wakes(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *ear = listen_to(&bus, NULL);

	say(&bus, 1, "a", NULL);
	say(&bus, 2, "a", NULL);
	assert_int_equal(ear->wakes, 1);
	hear(ear, 10, 10);
	say(&bus, 3, "a", NULL);
	assert_int_equal(ear->wakes, 1);
	heard_is(ear, "1 2 3 ");
	say(&bus, 4, "a", NULL);
	assert_int_equal(ear->wakes, 2);
	leave(ear);
}

struct tally {
	long long next; /* the number that would come without a loss */
	long long heard, lost;
	unsigned losses;
};

/* What is not heard is told as lost, at the place where it is missing. */
static void count(const json_t *params, void *ctx)
{
	struct tally *tally = ctx;
	long long lost = json_integer_value(json_object_get(params, "count"));

	if (json_object_get(params, "n")) {
		assert_int_equal(
			json_integer_value(json_object_get(params, "n")),
			tally->next);
		tally->next++;
		tally->heard++;
		return;
	}
	assert_true(lost > 0);
	tally->next += lost;
	tally->lost += lost;
	tally->losses++;
}

/* C3: whoever does not read loses events, is told how many and where, and has
 * never more than its ring. */
static void slow_watcher_is_told_its_losses(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *slow = listen_to(&bus, NULL);
	struct ear *fast = listen_to(&bus, NULL);
	struct tally tally = {.next = 0};
	const int n = 60000;

	for (int i = 0; i < n; i++) {
		if (i % 5000 == 0)
			events_tick(&bus);
		say(&bus, i, "sw1", "sw1.a");
		hear(fast, SIZE_MAX, 1000);
		hear(slow, 40, 7);
		assert_true(slow->watcher.put - slow->watcher.taken <=
			    EVENTS_RING_SIZE);
	}
	assert_int_equal(lines(fast, count, &tally), n);
	assert_int_equal(tally.heard, n);
	hear(slow, SIZE_MAX, 4096);
	events_tick(&bus);
	say(&bus, n, "sw1", "sw1.a");
	hear(slow, SIZE_MAX, 4096);
	memset(&tally, 0, sizeof(tally));
	(void)lines(slow, count, &tally);
	assert_int_equal(tally.heard + tally.lost, n + 1);
	assert_int_equal(tally.next, n + 1);
	/* A line for many of them, not for each. */
	assert_true(tally.lost > 10000 && tally.losses < 20);
	leave(slow);
	leave(fast);
}

/* More than EVENTS_PER_S are not even made. */
static void a_second_has_its_limit(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *ear = listen_to(&bus, NULL);
	struct tally tally = {.next = 0};

	for (int i = 0; i < EVENTS_PER_S; i++) {
		say(&bus, i, "sw1", NULL);
		hear(ear, SIZE_MAX, SIZE_MAX);
	}
	for (int i = 0; i < 500; i++)
		assert_false(events_wanted(&bus));
	hear(ear, SIZE_MAX, SIZE_MAX);
	assert_int_equal(lines(ear, count, &tally), EVENTS_PER_S);
	events_tick(&bus);
	say(&bus, EVENTS_PER_S + 500, "sw1", NULL);
	hear(ear, SIZE_MAX, SIZE_MAX);
	memset(&tally, 0, sizeof(tally));
	assert_int_equal(lines(ear, count, &tally), EVENTS_PER_S + 2);
	assert_int_equal(tally.lost, 500);
	leave(ear);
}

/* A rare event comes through where frequent ones are lost, and in its place. */
static void rare_events_are_not_lost(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *slow = listen_to(&bus, NULL);
	struct tally tally = {.next = 0};
	int n = 0;

	for (int second = 0; second < 3; second++) {
		for (int i = 0; i < EVENTS_PER_S + 100; i++, n++)
			if (events_wanted(&bus))
				say(&bus, n, "sw1", "sw1.a");
		for (int i = 0; i < 10; i++, n++)
			events_publish_rare(
				&bus,
				json_pack("{s:s, s:i}", "event", "x", "n", n));
		events_tick(&bus);
	}
	assert_true(slow->watcher.lost == 0);
	hear(slow, SIZE_MAX, 4096);
	(void)lines(slow, count, &tally);
	assert_int_equal(tally.next, n);
	assert_int_equal(tally.heard + tally.lost, n);
	leave(slow);
}

static void rare_events_have_their_limit(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *ear = listen_to(&bus, NULL);
	struct tally tally = {.next = 0};
	int n = 0;

	for (; n < 2 * EVENTS_PER_S; n++) {
		events_publish_rare(
			&bus, json_pack("{s:s, s:i}", "event", "x", "n", n));
		hear(ear, SIZE_MAX, SIZE_MAX);
	}
	assert_int_equal(lines(ear, count, &tally),
			 EVENTS_PER_S + EVENTS_KEPT_PER_S);
	assert_int_equal(ear->watcher.lost, EVENTS_PER_S - EVENTS_KEPT_PER_S);
	leave(ear);
}

/* No line is longer than it may be, and no event is silently gone. */
static void an_event_too_long(void **state)
{
	struct events bus = {.watchers = NULL};
	struct ear *ear = listen_to(&bus, NULL);
	char *text = calloc(1, 20000);

	assert_non_null(text);
	memset(text, 'x', 19999);
	events_publish(&bus, json_pack("{s:s}", "text", text));
	say(&bus, 1, "a", NULL);
	heard_is(ear, "lost:1 1 ");
	free(text);
	leave(ear);
}

/* A watcher of many names may not cost others the processor: each event is
 * compared with all of them. */
static void many_names_make_events_dear(void **state)
{
	struct events bus = {.watchers = NULL};
	json_t *names = json_array();
	char *text;
	struct ear *ear, *plain = listen_to(&bus, NULL);
	int n = 0;

	for (int i = 0; i < 6400; i++)
		(void)json_array_append_new(names, json_string("x"));
	text = json_dumps(names, 0);
	ear = listen_to(&bus, text);
	while (events_wanted(&bus))
		say(&bus, n++, "a", NULL);
	assert_in_range(n, 1, EVENTS_PER_S / 100);

	events_tick(&bus);
	leave(ear);
	for (n = 0; events_wanted(&bus); n++)
		say(&bus, n, "a", NULL);
	assert_int_equal(n, EVENTS_PER_S);
	leave(plain);
	json_decref(names);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_watches),
		cmocka_unit_test(each_hears_what_it_wants),
		cmocka_unit_test(wakes),
		cmocka_unit_test(slow_watcher_is_told_its_losses),
		cmocka_unit_test(a_second_has_its_limit),
		cmocka_unit_test(rare_events_are_not_lost),
		cmocka_unit_test(rare_events_have_their_limit),
		cmocka_unit_test(an_event_too_long),
		cmocka_unit_test(many_names_make_events_dear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
