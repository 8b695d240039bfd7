/* SPDX-License-Identifier: MIT */
/*
 * vnet: the header before each frame between the switch and the NAT: virtio
 * 1.1, 5.1.6, without num_buffers: 10 bytes, in the order of this machine.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_VNET_H
#define LABSWITCH_PLUGS_NAT_CHILD_VNET_H

#include <linux/virtio_net.h>
#include <string.h>

#include "switchd/core/frame.h"

#define VNET_HEADER ((uint32_t)sizeof(struct virtio_net_hdr))

static inline void vnet_write(uint8_t *header, const struct offload *off)
{
	struct virtio_net_hdr h = {
		.flags = off->flags,
		.gso_type = off->gso_type,
		.hdr_len = off->hdr_len,
		.gso_size = off->gso_size,
		.csum_start = off->csum_start,
		.csum_offset = off->csum_offset,
	};

	memcpy(header, &h, sizeof(h));
}

static inline struct offload vnet_read(const uint8_t *header)
{
	struct virtio_net_hdr h;

	memcpy(&h, header, sizeof(h));
	return (struct offload){
		.flags = h.flags,
		.gso_type = h.gso_type,
		.hdr_len = h.hdr_len,
		.gso_size = h.gso_size,
		.csum_start = h.csum_start,
		.csum_offset = h.csum_offset,
	};
}

#endif
