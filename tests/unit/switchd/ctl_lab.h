/* SPDX-License-Identifier: MIT */
/*
 * ctl_lab: a small lab for the tests of the control socket and its commands.
 *
 *	lan	not VLAN-aware: a, b, c
 *	vlans	VLAN-aware: pc (staff = 10), up (trunk 10,20, native 5), solo
 */
#ifndef LABSWITCH_TESTS_CTL_LAB_H
#define LABSWITCH_TESTS_CTL_LAB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/lab.h"
#include "switchd/log.h"
#include "tests/cmocka.h"

#define CTL_LAB_TEXT                                                           \
	"name: small\n"                                                        \
	"vlans: {staff: 10}\n"                                                 \
	"switches:\n"                                                          \
	"  lan: {ports: {a: null, b: null, c: null}}\n"                        \
	"  vlans:\n"                                                           \
	"    ports:\n"                                                         \
	"      pc: {\"null\", vlan: staff}\n"                                  \
	"      up: {\"null\", trunk: [staff, 20], native: 5}\n"                \
	"      solo: null\n"

struct ctl_lab {
	uv_loop_t loop;
	struct priv priv;
	struct lab lab;
	unsigned stops; /* how often the lab was asked to end */
};

static inline void ctl_lab_stop(struct lab *lab)
{
	struct ctl_lab *f = lab->ctx;

	f->stops++;
}

static inline int ctl_lab_begin(void **state)
{
	struct ctl_lab *f = calloc(1, sizeof(*f));
	struct topo_errors errors = {.count = 0};
	struct topo *topo = topo_parse(CTL_LAB_TEXT, strlen(CTL_LAB_TEXT),
				       plug_kinds, &errors);
	struct err err;

	assert_non_null(f);
	if (!topo)
		fail_msg("%u: %s", errors.err[0].at.line, errors.err[0].msg);
	log_open(LOG_LEVEL_ERR);
	assert_int_equal(uv_loop_init(&f->loop), 0);
	f->priv.ops = &priv_local;
	f->lab.loop = &f->loop;
	f->lab.io = io_engine_new(&f->loop, &err);
	assert_non_null(f->lab.io);
	f->lab.priv = &f->priv;
	f->lab.stop = ctl_lab_stop;
	f->lab.ctx = f;
	(void)snprintf(f->lab.name, sizeof(f->lab.name), "small");
	(void)snprintf(f->lab.run_dir, sizeof(f->lab.run_dir),
		       "/tmp/labswitch-ctl-XXXXXX");
	assert_non_null(mkdtemp(f->lab.run_dir));
	lab_init(&f->lab);
	assert_int_equal(lab_apply(&f->lab, topo), 0);
	*state = f;
	return 0;
}

static inline int ctl_lab_end(void **state)
{
	struct ctl_lab *f = *state;

	(void)lab_apply(&f->lab, topo_new());
	lab_done(&f->lab);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	io_engine_free(f->lab.io);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	assert_int_equal(rmdir(f->lab.run_dir), 0);
	free(f);
	return 0;
}

#endif
