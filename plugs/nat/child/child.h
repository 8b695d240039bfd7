/* SPDX-License-Identifier: MIT */
/*
 * child: the life of the NAT's process: it is told what to be, says that it is
 * ready, and then turns: waits, takes a burst of frames, gives libslirp its
 * round, and sends what has come of it.
 *
 * One thread, one epoll, no libuv: nothing here may wait, and there is nothing
 * else to wait for. It ends when the switch closes its end.
 */
#ifndef LABSWITCH_PLUGS_NAT_CHILD_CHILD_H
#define LABSWITCH_PLUGS_NAT_CHILD_CHILD_H

/* files: how many descriptors may be open. Returns the exit code. */
int child_run(int frames, int control, unsigned files);

#endif
