/* SPDX-License-Identifier: MIT */
#include "plugs/nat/child/outq.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugs/nat/child/vnet.h"

struct entry {
	uint32_t at; /* of the header in bytes[] */
	uint32_t len;
};

/*
 * Entries lie one after the other in bytes[], from entries[first] on; what has
 * been sent is given back when the queue is empty, or by moving the rest down.
 */
struct outq {
	int fd;
	unsigned first;
	unsigned count; /* entries, those that are sent included */
	uint32_t end;   /* bytes in use */
	struct entry entries[OUTQ_FRAMES];
	uint8_t bytes[OUTQ_BYTES];
};

struct outq *outq_new(int fd)
{
	struct outq *q = malloc(sizeof(*q));

	if (!q)
		return NULL;
	q->fd = fd;
	q->first = q->count = 0;
	q->end = 0;
	return q;
}

void outq_free(struct outq *q)
{
	free(q);
}

static void move_down(struct outq *q)
{
	uint32_t by = q->entries[q->first].at;

	if (q->first == 0)
		return;
	memmove(q->bytes, q->bytes + by, q->end - by);
	q->end -= by;
	q->count -= q->first;
	memmove(q->entries, q->entries + q->first,
		q->count * sizeof(q->entries[0]));
	for (unsigned i = 0; i < q->count; i++)
		q->entries[i].at -= by;
	q->first = 0;
}

static bool fits(const struct outq *q, uint32_t len)
{
	return q->count < OUTQ_FRAMES &&
	       len + VNET_HEADER <= OUTQ_BYTES - q->end;
}

uint8_t *outq_reserve(struct outq *q, uint32_t len)
{
	if (!fits(q, len))
		(void)outq_flush(q);
	if (!fits(q, len))
		move_down(q);
	if (!fits(q, len))
		return NULL;
	return q->bytes + q->end + VNET_HEADER;
}

void outq_commit(struct outq *q, uint32_t len, const struct offload *off)
{
	vnet_write(q->bytes + q->end, off);
	q->entries[q->count++] =
		(struct entry){.at = q->end, .len = len + VNET_HEADER};
	q->end += len + VNET_HEADER;
}

void outq_put(struct outq *q, const uint8_t *data, uint32_t len)
{
	static const struct offload none;
	uint8_t *room = outq_reserve(q, len);

	if (!room)
		return;
	memcpy(room, data, len);
	outq_commit(q, len, &none);
}

uint8_t *outq_last(struct outq *q, uint32_t *len, struct offload *off)
{
	const struct entry *e;

	if (q->first == q->count)
		return NULL;
	e = &q->entries[q->count - 1];
	*len = e->len - VNET_HEADER;
	*off = vnet_read(q->bytes + e->at);
	return q->bytes + e->at + VNET_HEADER;
}

bool outq_extend(struct outq *q, const uint8_t *data, uint32_t len)
{
	if (len > OUTQ_BYTES - q->end)
		return false;
	memcpy(q->bytes + q->end, data, len);
	q->entries[q->count - 1].len += len;
	q->end += len;
	return true;
}

bool outq_flush(struct outq *q)
{
	struct mmsghdr msgs[FRAME_BURST];
	struct iovec iov[FRAME_BURST];

	while (q->first < q->count) {
		unsigned n = q->count - q->first;
		int sent;

		if (n > FRAME_BURST)
			n = FRAME_BURST;
		for (unsigned i = 0; i < n; i++) {
			const struct entry *e = &q->entries[q->first + i];

			iov[i] = (struct iovec){q->bytes + e->at, e->len};
			msgs[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i],
							  .msg_iovlen = 1};
		}
		sent = sendmmsg(q->fd, msgs, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return false;
		/* One that cannot be sent at all must not hold up the rest. */
		q->first += sent < 0 ? 1 : (unsigned)sent;
	}
	q->first = q->count = 0;
	q->end = 0;
	return true;
}
