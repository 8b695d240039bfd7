/* SPDX-License-Identifier: MIT */
#include "capture/filter.h"

#include <assert.h>
#include <pcap.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct bpf_insn) == FILTER_INSN_SIZE,
	      "programs are sent as they lie in memory");

/*
 * bpf_validate() of libpcap lets a jump overflow and so go back, which
 * `protochain` makes use of: it could go round forever.
 */
static bool ends(const struct bpf_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (insns[i].code == (BPF_JMP | BPF_JA) &&
		    insns[i].k >= count - i)
			return false;
	}
	return true;
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
	if (bpf_validate(f->insns, (int)count) && ends(f->insns, count))
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
