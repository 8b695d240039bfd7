/* SPDX-License-Identifier: MIT */
/*
 * filter: a checked program that says of a frame whether it is wanted.
 *
 * Classic BPF as libpcap compiles it (filter_compile.h) and runs it. It is
 * checked where it enters: what filter_init() has taken ends for every frame
 * and reads nothing but the frame and its own memory.
 */
#ifndef LABSWITCH_CAPTURE_FILTER_H
#define LABSWITCH_CAPTURE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "switchd/core/err.h"
#include "switchd/core/frame.h"

#define FILTER_INSN_SIZE 8    /* bytes of one struct bpf_insn */
#define FILTER_INSNS_MAX 4096 /* BPF_MAXINSNS of the kernel */
#define FILTER_SCRATCH   (FRAME_MAX + FRAME_TAG)

struct bpf_insn;

/* All zero: everything is wanted. */
struct filter {
	struct bpf_insn *insns; /* count of them: what to send to a peer */
	size_t count;
};

/*
 * Copies a program of len bytes, in the byte order of this machine. Fails,
 * with *f all zero, if it is none that is safe to run or there is no memory.
 */
bool filter_init(struct filter *f, const void *program, size_t len,
		 struct err *err);

void filter_done(struct filter *f);

/*
 * The frame is taken as it lies if it is of one piece, else it is put together
 * in scratch, of FILTER_SCRATCH bytes.
 */
bool filter_match(const struct filter *f, const struct wire *w,
		  uint8_t *scratch);

#endif
