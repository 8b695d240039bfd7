/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "plugs/nat/child/vnet.h"
#include "switchd/core/merge.h"
#include "switchd/core/offload.h"

/* Header and frame, an odd number of cache lines: see io_calls.c. */
#define SLOT 65600

_Static_assert(SLOT >= VNET_HEADER + FRAME_MAX, "room for any frame");

struct inbox {
	struct mmsghdr msgs[FRAME_BURST];
	struct iovec iov[FRAME_BURST];
	struct wire passed[FRAME_BURST];
	unsigned passed_count;
	bool bad[FRAME_BURST];
	struct merge merge;
	uint8_t merged[FRAME_MAX];
	uint8_t slots[FRAME_BURST][SLOT];
};

struct inbox *inbox_new(void)
{
	struct inbox *inbox = malloc(sizeof(*inbox));

	if (!inbox)
		return NULL;
	inbox->passed_count = 0;
	for (int i = 0; i < FRAME_BURST; i++) {
		inbox->iov[i] = (struct iovec){inbox->slots[i],
					       VNET_HEADER + FRAME_MAX};
		inbox->msgs[i].msg_hdr = (struct msghdr){
			.msg_iov = &inbox->iov[i], .msg_iovlen = 1};
	}
	return inbox;
}

void inbox_free(struct inbox *inbox)
{
	free(inbox);
}

/* Completes a frame that was received; false: it is none. */
static bool complete(uint8_t *slot, uint32_t len, int flags)
{
	struct frame f = {.data = slot + VNET_HEADER};

	if (len <= VNET_HEADER || flags & MSG_TRUNC)
		return false;
	f.len = len - VNET_HEADER;
	f.off = vnet_read(slot);
	if (!offload_check(&f) || !offload_is_taken(&f.off, OFFLOAD_TAKES_TCP))
		return false;
	if (f.off.flags)
		offload_complete(slot + VNET_HEADER, f.len, &f.off);
	return true;
}

int inbox_receive(struct inbox *inbox, int fd, uint64_t *bad)
{
	int n = recvmmsg(fd, inbox->msgs, FRAME_BURST, MSG_DONTWAIT, NULL);

	inbox->passed_count = 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (int i = 0; i < n; i++) {
		const struct mmsghdr *m = &inbox->msgs[i];

		if (m->msg_len == 0)
			return i ? i : -1;
		inbox->bad[i] = !complete(inbox->slots[i], m->msg_len,
					  m->msg_hdr.msg_flags);
		*bad += inbox->bad[i];
	}
	return n;
}

uint8_t *inbox_frame(struct inbox *inbox, int i, uint32_t *len)
{
	if (inbox->bad[i])
		return NULL;
	*len = inbox->msgs[i].msg_len - VNET_HEADER;
	return inbox->slots[i] + VNET_HEADER;
}

void inbox_pass(struct inbox *inbox, const uint8_t *data, uint32_t len)
{
	struct frame f = {.data = data, .len = len};

	wire_whole(&inbox->passed[inbox->passed_count++], &f);
}

void inbox_feed(struct inbox *inbox,
		void (*input)(void *ctx, const uint8_t *data, uint32_t len),
		void *ctx)
{
	if (!inbox->passed_count)
		return;
	merge_burst(&inbox->merge, inbox->passed, inbox->passed_count);
	inbox->passed_count = 0;
	for (unsigned i = 0; i < inbox->merge.count; i++) {
		const struct merged *m = &inbox->merge.out[i];

		if (m->frames == 1) {
			/* In one piece, as it was passed. */
			input(ctx, m->iov[0].iov_base, m->len);
			continue;
		}
		merge_copy(m, inbox->merged);
		offload_complete(inbox->merged, m->len, &m->off);
		input(ctx, inbox->merged, m->len);
	}
}
