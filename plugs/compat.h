/* SPDX-License-Identifier: MIT */
/*
 * compat: what newer kernels have and the headers of Debian 12 lack. Whether
 * the kernel that runs has it is found out by use.
 */
#ifndef LABSWITCH_PLUGS_COMPAT_H
#define LABSWITCH_PLUGS_COMPAT_H

#include <linux/if_tun.h>

/* Linux 6.2: datagrams of UDP as a super-frame (linux/if_tun.h). */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

#endif
