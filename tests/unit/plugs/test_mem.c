/* SPDX-License-Identifier: MIT */
#include "tests/unit/plugs/world.h"

#include "plugs/plug_mem.h"
#include "tests/frames/tcp.h"

extern const struct plug_class plug_mem_class;

static void start(struct world *w, struct port *p)
{
	world_init(w);
	port_init(p, w, &plug_mem_class, NULL);
	port_open(p);
}

static void stop(struct world *w, struct port *p)
{
	port_close(p, w);
	assert_sums(&p->counters, 0);
	port_free(p);
	world_done(w);
}

static void injects_and_records(void **state)
{
	static const uint8_t data[60] = {1};
	struct frame frames[2] = {{.data = data, .len = 60},
				  {.data = data, .len = 14}};
	struct world w;
	struct port p;

	start(&w, &p);
	plug_mem_inject(p.plug, frames, 2, 0);
	assert_int_equal(p.rx.frames, 2);
	port_send(&p, 5, 100, 3);
	assert_int_equal(plug_mem_record(p.plug)->frames, 3);
	assert_int_equal(hold_peek(plug_mem_record(p.plug))->len, 100);
	assert_int_equal(hold_peek(plug_mem_record(p.plug))->data[99], 5);
	assert_int_equal(p.counters.tx_bytes, 300);
	stop(&w, &p);
}

static void claims_about_work_left_are_checked(void **state)
{
	static uint8_t data[6000];
	const struct tcp t = {.ttl = 64, .len = 5000};
	struct frame good = {.data = data, .len = tcp_build(&t, data)};
	struct frame frames[5];
	struct world w;
	struct port p;

	good.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
				    .gso_type = OFFLOAD_GSO_TCPV4,
				    .hdr_len = 9999,
				    .gso_size = 1000,
				    .csum_start = 34,
				    .csum_offset = 16};
	for (unsigned i = 0; i < 5; i++)
		frames[i] = good;
	frames[0].off.csum_start = 65535;
	frames[1].off.gso_size = 0;
	frames[2].off.gso_type = 0x7f;
	frames[4].len = 30;
	start(&w, &p);
	plug_mem_inject(p.plug, frames, 5, 0);
	assert_int_equal(p.counters.drops[DROP_RX_BAD_OFFLOAD], 4);
	assert_int_equal(p.rx.frames, 5); /* of the one that is left */
	assert_int_equal(hold_peek(&p.rx)->off.hdr_len, 54);
	plug_mem_inject(p.plug, frames, 3, 0);
	assert_int_equal(p.counters.drops[DROP_RX_BAD_OFFLOAD], 7);
	stop(&w, &p);
}

static void record_keeps_the_last(void **state)
{
	struct world w;
	struct port p;
	struct hold_queue *record;
	unsigned many = PLUG_MEM_RECORD_MAX / 10000 + 50;

	start(&w, &p);
	record = plug_mem_record(p.plug);
	for (unsigned i = 0; i < many; i++)
		port_send(&p, (uint8_t)i, 10000, 1);
	assert_true(record->frames < many);
	assert_true(record->used <= PLUG_MEM_RECORD_MAX);
	assert_int_equal(record->tail->data[0], (uint8_t)(many - 1));
	stop(&w, &p);
}

static void count_sent(void *ctx, const struct wire *wires, unsigned n)
{
	*(unsigned *)ctx += n;
}

static void watcher_sees_in_place_of_the_record(void **state)
{
	struct world w;
	struct port p;
	unsigned seen = 0;

	start(&w, &p);
	plug_mem_watch(p.plug, count_sent, &seen);
	port_send(&p, 5, 100, 3);
	assert_int_equal(seen, 3);
	assert_int_equal(plug_mem_record(p.plug)->frames, 0);
	plug_mem_watch(p.plug, NULL, NULL);
	port_send(&p, 5, 100, 1);
	assert_int_equal(seen, 3);
	assert_int_equal(plug_mem_record(p.plug)->frames, 1);
	stop(&w, &p);
}

static void refusing_holds(void **state)
{
	struct world w;
	struct port p;

	start(&w, &p);
	plug_mem_refuse(p.plug, true);
	port_send(&p, 1, 100, 2);
	port_send(&p, 2, 100, 1);
	assert_int_equal(p.plug->class->held(p.plug), 3);
	assert_sums(&p.counters, 3);
	plug_mem_refuse(p.plug, false);
	assert_int_equal(p.plug->class->held(p.plug), 0);
	assert_int_equal(plug_mem_record(p.plug)->head->data[0], 1);
	assert_int_equal(plug_mem_record(p.plug)->tail->data[0], 2);

	plug_mem_refuse(p.plug, true);
	while (p.counters.drops[DROP_TX_HOLD_FULL] == 0)
		port_send(&p, 3, 60000, 10);
	assert_sums(&p.counters, p.plug->class->held(p.plug));
	stop(&w, &p);
	assert_true(p.counters.drops[DROP_TX_CLOSED] > 0);
}

static void fails_and_vanishes_when_told(void **state)
{
	struct world w;
	struct port p;

	world_init(&w);
	port_init(&p, &w, &plug_mem_class, NULL);
	plug_mem_fail_open(p.plug, "not today");
	port_open_fails(&p, "not today");
	plug_mem_fail_open(p.plug, NULL);
	port_open(&p);
	plug_mem_vanish(p.plug, "the peer left");
	assert_int_equal(p.downs, 1);
	assert_string_equal(p.reason, "the peer left");
	/* Closing takes a round of the loop. */
	p.plug->class->close(p.plug);
	assert_int_equal(p.closed, 0);
	world_settle(&w);
	assert_int_equal(p.closed, 1);
	port_free(&p);
	world_done(&w);
}

static void lives_pass_on(void **state)
{
	static struct fdset set;
	struct world w;
	struct port p;

	start(&w, &p);
	assert_int_equal(plug_mem_lives(p.plug), 1);
	p.plug->class->give(p.plug, &set);
	world_settle(&w);
	assert_int_equal(p.closed, 1);
	assert_true(p.plug->class->open(p.plug, &set, NULL));
	assert_int_equal(plug_mem_lives(p.plug), 2);
	port_close(&p, &w);
	set.version++;
	assert_true(p.plug->class->open(p.plug, &set, NULL));
	assert_int_equal(plug_mem_lives(p.plug), 1);
	stop(&w, &p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(injects_and_records),
		cmocka_unit_test(claims_about_work_left_are_checked),
		cmocka_unit_test(record_keeps_the_last),
		cmocka_unit_test(watcher_sees_in_place_of_the_record),
		cmocka_unit_test(refusing_holds),
		cmocka_unit_test(fails_and_vanishes_when_told),
		cmocka_unit_test(lives_pass_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
