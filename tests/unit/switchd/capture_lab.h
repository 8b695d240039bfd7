/* SPDX-License-Identifier: MIT */
/*
 * capture_lab: a lab of mem ports whose captures are read back: each frame as
 * "INTERFACE rx|tx LENGTH #N", N being the last byte of its source, and the
 * reason if it was dropped.
 */
#ifndef LABSWITCH_TESTS_CAPTURE_LAB_H
#define LABSWITCH_TESTS_CAPTURE_LAB_H

#include "plugs/plug_mem.h"
#include "switchd/lab.h"
#include "switchd/log.h"
#include "tests/io_level.h"
#include "tests/unit/capture/rig.h"

struct capture_lab {
	struct rig rig; /* its loop and directory */
	struct priv priv;
	struct lab lab;
	struct watcher client; /* owner of live captures */
	unsigned wakes;
	char text[4096]; /* of the file that was read last */
};

static inline void capture_lab_wake(struct lab *lab)
{
	((struct capture_lab *)lab->ctx)->wakes++;
}

static inline int capture_lab_begin(void **state)
{
	struct capture_lab *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	log_open(LOG_LEVEL_ERR);
	rig_init(&f->rig);
	f->priv.ops = &priv_local;
	f->lab.loop = &f->rig.loop;
	f->lab.io = test_io_engine(&f->rig.loop);
	assert_non_null(f->lab.io);
	f->lab.priv = &f->priv;
	f->lab.ctx = f;
	f->lab.wake = capture_lab_wake;
	f->lab.captures.dir = f->rig.dir;
	(void)snprintf(f->lab.name, sizeof(f->lab.name), "test");
	lab_init(&f->lab);
	*state = f;
	return 0;
}

static inline int capture_lab_end(void **state)
{
	struct capture_lab *f = *state;

	captures_disown(&f->lab, &f->client);
	(void)lab_apply(&f->lab, topo_new());
	lab_done(&f->lab);
	(void)uv_run(&f->rig.loop, UV_RUN_DEFAULT);
	assert_null(f->lab.captures.list);
	io_engine_free(f->lab.io);
	rig_done(&f->rig);
	free(f);
	return 0;
}

static inline size_t capture_lab_apply(struct capture_lab *f, const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);
	bool wait;

	if (!topo ||
	    !filters_check(&f->lab.captures.filters, topo, &errors, &wait))
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	return lab_apply(&f->lab, topo);
}

static inline struct swport *capture_lab_port(struct capture_lab *f,
					      const char *name)
{
	struct err err;
	struct swport *port = lab_find_port(&f->lab, name, &err);

	if (!port)
		fail_msg("%s", err.msg);
	return port;
}

/* Rounds of the loop until the capture to this file is in this state. */
static inline struct lab_capture *capture_lab_await(struct capture_lab *f,
						    const char *file,
						    enum captures_state state)
{
	struct lab_capture *c = captures_find(&f->lab, file);

	for (int i = 0; i < 4000 && (!c || c->state != state); i++) {
		(void)uv_run(&f->rig.loop, UV_RUN_NOWAIT);
		(void)usleep(5000);
		c = captures_find(&f->lab, file);
	}
	assert_non_null(c);
	assert_int_equal(c->state, state);
	return c;
}

/* Frames of len bytes, to everybody, arrive at a port in one burst. */
static inline void capture_lab_burst(struct capture_lab *f, const char *name,
				     uint8_t src, uint32_t len, unsigned n)
{
	uint8_t bytes[FRAME_MAX] = {255, 255, 255, 255, 255, 255,
				    2,   0,   0,   0,   0,   src};
	struct frame frames[FRAME_BURST];

	for (unsigned i = 0; i < n; i++)
		frames[i] = (struct frame){.data = bytes, .len = len};
	plug_mem_inject(capture_lab_port(f, name)->plug, frames, n, rig_now());
}

static inline void capture_lab_add_row(struct capture_lab *f,
				       const uint8_t *block)
{
	uint32_t kept = rig_u32(block + 20);
	size_t options = 28 + (kept + 3) / 4 * 4;
	size_t used = strlen(f->text);
	const uint8_t *flags, *comment;
	char reason[64] = "";
	unsigned len;

	flags = rig_option(block, options, 2, &len);
	comment = rig_option(block, options, 1, &len);
	if (comment)
		(void)sscanf((const char *)comment, "dropped: %40[a-z_]",
			     reason);
	(void)snprintf(f->text + used, sizeof(f->text) - used,
		       "%u %s %u #%u%s%s\n", rig_u32(block + 8),
		       rig_u32(flags) == CAPTURE_RX ? "rx" : "tx",
		       rig_u32(block + 24), block[28 + 11], comment ? " " : "",
		       reason);
}

/* The capture to this file ends, and is read. */
static inline const char *capture_lab_read(struct capture_lab *f,
					   const char *file)
{
	struct lab_capture *c = captures_find(&f->lab, file);
	const uint8_t *block;
	size_t at = 0;

	assert_non_null(c);
	captures_stop(c);
	(void)capture_lab_await(f, file, CAPTURES_STOPPED);
	assert_string_equal(c->reason.msg, "");
	rig_read(&f->rig, file);
	f->text[0] = '\0';
	while ((block = rig_block(&f->rig, RIG_EPB, &at)))
		capture_lab_add_row(f, block);
	return f->text;
}

#endif
