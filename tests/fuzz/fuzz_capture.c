/* SPDX-License-Identifier: MIT */
/*
 * fuzz_capture: any frames, any options, any filter.
 *
 * The input is options, a filter's program, and frames: how each is made, what
 * work is left in it, and bytes. They go through a whole capture, thread and
 * all, into a file in memory, in which libpcap must find just the frames that
 * were wanted and nothing wrong.
 */
#include <errno.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uv.h>

#include "capture/capture.h"
#include "switchd/core/offload.h"

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			fprintf(stderr, "line %d: %s\n", __LINE__, #what);     \
			abort();                                               \
		}                                                              \
	} while (0)

/* What is sent fits into the ring, so nothing may be missing. */
#define BYTES_MAX (CAPTURE_RING_MIN / 2)

struct wanted {
	size_t at; /* in bytes */
	uint32_t len;
	uint64_t now;
};

struct fuzz {
	const uint8_t *data;
	size_t size;
	struct capture_options opt;
	struct filter filter;
	struct capture *capture;
	bool ended;
	unsigned count;
	size_t used;  /* of bytes */
	size_t bound; /* of what the ring may have to hold */
	struct wanted wanted[BYTES_MAX / FRAME_HEADER];
	uint8_t bytes[BYTES_MAX];
	uint8_t frame[FRAME_MAX];
	uint8_t scratch[FILTER_SCRATCH];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t take(struct fuzz *z)
{
	if (!z->size)
		return 0;
	z->size--;
	return *z->data++;
}

static uint16_t take16(struct fuzz *z)
{
	uint8_t high = take(z);

	return (uint16_t)(high << 8 | take(z));
}

/* --- Options ------------------------------------------------------------- */

static void on_ended(void *ctx, const struct err *reason)
{
	struct fuzz *z = ctx;

	CHECK(!reason);
	CHECK(capture_stats(z->capture).dropped == 0);
	CHECK(capture_stats(z->capture).frames == z->count);
	z->ended = true;
}

static void take_filter(struct fuzz *z)
{
	size_t len = take(z) % 32 * FILTER_INSN_SIZE;

	if (len > z->size)
		len = 0;
	if (len > 0 && filter_init(&z->filter, z->data, len, NULL))
		z->opt.filter = &z->filter;
	z->data += len;
	z->size -= len;
}

static void take_options(struct fuzz *z)
{
	uint8_t bits = take(z);

	z->opt = (struct capture_options){
		.lab = bits & 1 ? "lab" : NULL,
		.format = bits & 2 ? &format_pcap : &format_pcapng,
		.raw = bits & 4,
		.drops = (bits & 10) == 8,
		.direction = bits >> 4 & 3,
		.snaplen = take16(z),
		.ring = CAPTURE_RING_MIN,
		.ended = on_ended,
		.ctx = z,
	};
	take_filter(z);
}

/* --- Frames -------------------------------------------------------------- */

static void want(struct fuzz *z, const struct wire *w, uint64_t now)
{
	struct wanted *wanted = &z->wanted[z->count];

	if (!filter_match(&z->filter, w, z->scratch))
		return;
	*wanted = (struct wanted){.at = z->used, .len = w->len, .now = now};
	wire_copy(w, z->bytes + z->used);
	z->used += w->len;
	z->count++;
}

static void pass(struct fuzz *z, const struct wire *w, uint8_t how)
{
	enum capture_direction direction = how & 1 ? CAPTURE_RX : CAPTURE_TX;
	uint32_t frames = offload_frames(&w->off, w->len);
	uint64_t bound = (uint64_t)frames * FORMAT_BLOCK_MAX;
	uint8_t headers[INET_HEADERS_MAX];
	uint64_t now = 1000 + z->count;
	unsigned interface;
	struct wire cut;

	bound += offload_bytes(&w->off, w->len);
	if (bound > BYTES_MAX - z->bound)
		return;
	z->bound += bound;
	CHECK(capture_add(z->capture, how & 2 ? "sw1.a" : "sw1.b", &interface,
			  NULL));
	if (how & 4) {
		direction = CAPTURE_TX;
		capture_dropped(z->capture, interface, DROP_TX_DOWN, w, 1, now);
	} else {
		capture_frames(z->capture, interface, direction, w, 1, now);
	}
	if ((how & 4 && !z->opt.drops) ||
	    (z->opt.direction && !(z->opt.direction & direction)))
		return;
	if (z->opt.raw)
		want(z, w, now);
	for (uint32_t i = 0; i < frames && !z->opt.raw; i++) {
		offload_cut(w, i, headers, &cut);
		want(z, &cut, now);
	}
}

static void take_frame(struct fuzz *z)
{
	struct frame f = {.data = z->frame};
	uint8_t tag[FRAME_TAG];
	uint8_t how = take(z);
	struct wire w;
	size_t have;

	f.len = FRAME_HEADER + FRAME_TAG + take16(z) % 9000;
	if (how & 8)
		f.off = (struct offload){.flags = OFFLOAD_NEEDS_CSUM,
					 .gso_type = take(z),
					 .gso_size = take16(z),
					 .csum_start = take(z),
					 .csum_offset = take(z)};
	have = z->size < f.len ? z->size : f.len;
	if (how & 16 && have > 64) /* the rest is of the next ones */
		have = 64;
	memcpy(z->frame, z->data, have);
	z->data += have;
	z->size -= have;
	if (!offload_check(&f))
		f.off = (struct offload){.flags = 0};
	frame_write_tag(tag, how);
	wire_make(&w, &f, (enum tag_op)(how >> 6 & 1), tag);
	pass(z, &w, how);
}

/* --- What libpcap finds -------------------------------------------------- */

static void check_frame(const struct fuzz *z, const struct wanted *wanted,
			const struct pcap_pkthdr *head, const uint8_t *data)
{
	uint32_t kept = wanted->len;

	if (z->opt.snaplen && z->opt.snaplen < kept)
		kept = z->opt.snaplen;
	CHECK(head->len == wanted->len);
	CHECK(head->caplen == kept);
	CHECK(memcmp(data, z->bytes + wanted->at, kept) == 0);
}

static void check_file(const struct fuzz *z, int fd)
{
	char error[PCAP_ERRBUF_SIZE];
	FILE *file = fdopen(fd, "rb");
	pcap_t *pcap = file ? pcap_fopen_offline_with_tstamp_precision(
				      file, PCAP_TSTAMP_PRECISION_NANO, error)
			    : NULL;
	struct pcap_pkthdr *head;
	const uint8_t *data;
	uint64_t first = 0;

	if (!pcap) /* pcapng without an interface, which is so without frames */
		CHECK(file && z->count == 0 && fclose(file) == 0);
	for (unsigned i = 0; i < z->count; i++) {
		uint64_t now;

		CHECK(pcap_next_ex(pcap, &head, &data) == 1);
		check_frame(z, &z->wanted[i], head, data);
		now = (uint64_t)head->ts.tv_sec * 1000000000u +
		      (uint64_t)head->ts.tv_usec;
		if (i == 0)
			first = now - z->wanted[i].now;
		CHECK(now - z->wanted[i].now == first);
	}
	if (pcap) {
		CHECK(pcap_next_ex(pcap, &head, &data) == PCAP_ERROR_BREAK);
		pcap_close(pcap);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz *z = calloc(1, sizeof(*z));
	uv_loop_t loop;
	int copy;

	CHECK(z && uv_loop_init(&loop) == 0);
	z->data = data;
	z->size = size;
	take_options(z);
	z->opt.fd = memfd_create("capture", MFD_CLOEXEC);
	copy = dup(z->opt.fd);
	z->capture = capture_new(&loop, &z->opt, NULL);
	CHECK(z->capture && copy >= 0);
	while (z->size > 0)
		take_frame(z);
	capture_stop(z->capture);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	CHECK(z->ended && uv_loop_close(&loop) == 0);
	CHECK(lseek(copy, 0, SEEK_SET) == 0);
	check_file(z, copy);
	filter_done(&z->filter);
	free(z);
	return 0;
}
