/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <assert.h>
#include <pcap.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct bpf_insn) == FILTER_INSN_SIZE,
	      "programs are sent as they lie in memory");

/* Instructions that bpf_filter() of libpcap knows. */
static const uint8_t known[] = {
	BPF_RET | BPF_K,
	BPF_RET | BPF_A,
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_H | BPF_ABS,
	BPF_LD | BPF_B | BPF_ABS,
	BPF_LD | BPF_W | BPF_IND,
	BPF_LD | BPF_H | BPF_IND,
	BPF_LD | BPF_B | BPF_IND,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_LDX | BPF_B | BPF_MSH,
	BPF_LDX | BPF_IMM,
	BPF_LDX | BPF_MEM,
	BPF_ST,
	BPF_STX,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
	BPF_ALU | BPF_ADD, /* BPF_K */
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_MOD | BPF_K,
	BPF_ALU | BPF_MOD | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
};

/*
 * What bpf_validate() of libpcap (1.10) lets go: instructions that bpf_filter()
 * meets with abort(), and jumps so far that they overflow and so go back.
 * `protochain` is made of such; a program of them could run forever.
 */
static bool is_sound(const struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code > UINT8_MAX ||
		    !memchr(known, insns[i].code, sizeof(known)))
			return false;
		if (insns[i].code == (BPF_JMP | BPF_JA) &&
		    insns[i].k >= count - i)
			return false;
	}
	return bpf_validate(insns, (int)count);
}

bool filter_init(struct filter *f, const void *program, size_t len,
		 struct err *err)
{
	size_t count = len / FILTER_INSN_SIZE;

	*f = (struct filter){.count = 0};
	if (count == 0 || count > FILTER_INSNS_MAX || len % FILTER_INSN_SIZE)
		return err_set(err,
			       "a filter has 1 to %d instructions of %d "
			       "bytes",
			       FILTER_INSNS_MAX, FILTER_INSN_SIZE);
	f->insns = malloc(len);
	if (!f->insns)
		return err_set(err, "out of memory");
	memcpy(f->insns, program, len);
	f->count = count;
	if (is_sound(f->insns, count))
		return true;
	filter_done(f);
	return err_set(err, "the filter's program is not safe to run "
			    "('protochain' makes such)");
}

void filter_done(struct filter *f)
{
	free(f->insns);
	*f = (struct filter){.count = 0};
}

bool filter_match(const struct filter *f, const struct wire *w,
		  uint8_t *scratch)
{
	const uint8_t *data = w->iov[0].iov_base;

	if (f->count == 0)
		return true;
	if (w->pieces > 1) {
		assert(w->len <= FILTER_SCRATCH);
		wire_copy(w, scratch);
		data = scratch;
	}
	return bpf_filter(f->insns, data, w->len, w->len) != 0;
}
