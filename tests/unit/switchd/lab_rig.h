/* SPDX-License-Identifier: MIT */
/* lab_rig: a lab without a daemon, in a directory of its own. */
#ifndef LABSWITCH_TESTS_LAB_RIG_H
#define LABSWITCH_TESTS_LAB_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/lab.h"
#include "switchd/log.h"
#include "tests/io_level.h"
#include "tests/cmocka.h"

struct lab_rig {
	uv_loop_t loop;
	struct priv priv;
	struct lab lab;
	unsigned stops; /* how often the lab was asked to end */
};

static inline void lab_rig_stop(struct lab *lab)
{
	struct lab_rig *rig = lab->ctx;

	rig->stops++;
}

static inline int lab_rig_begin(void **state)
{
	struct lab_rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	log_open(LOG_LEVEL_ERR);
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	rig->priv.ops = &priv_local;
	rig->lab.loop = &rig->loop;
	rig->lab.io = test_io_engine(&rig->loop);
	assert_non_null(rig->lab.io);
	rig->lab.priv = &rig->priv;
	rig->lab.stop = lab_rig_stop;
	rig->lab.ctx = rig;
	(void)snprintf(rig->lab.name, sizeof(rig->lab.name), "test");
	(void)snprintf(rig->lab.run_dir, sizeof(rig->lab.run_dir),
		       "/tmp/labswitch-lab-XXXXXX");
	assert_non_null(mkdtemp(rig->lab.run_dir));
	lab_init(&rig->lab);
	*state = rig;
	return 0;
}

/* Each test ends with nothing left in its loop and its directory. */
static inline int lab_rig_end(void **state)
{
	struct lab_rig *rig = *state;

	assert_int_equal(lab_apply(&rig->lab, topo_new()), 0);
	lab_done(&rig->lab);
	uv_run(&rig->loop, UV_RUN_DEFAULT);
	io_engine_free(rig->lab.io);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	assert_int_equal(rmdir(rig->lab.run_dir), 0);
	free(rig);
	return 0;
}

/* Returns how many ports are not up. */
static inline size_t lab_rig_apply(struct lab_rig *rig, const char *text)
{
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(text, strlen(text), plug_kinds, &errors);

	if (!topo)
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	return lab_apply(&rig->lab, topo);
}

static inline struct swport *lab_rig_port(struct lab_rig *rig, const char *name)
{
	struct err err;
	struct swport *port = lab_find_port(&rig->lab, name, &err);

	if (!port)
		fail_msg("%s", err.msg);
	return port;
}

#endif
