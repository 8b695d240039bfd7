/* SPDX-License-Identifier: MIT */
/*
 * notify: tells the service manager about our state (sd_notify(3)): one
 * datagram to the socket that NOTIFY_SOCKET names. Nothing happens if there is
 * none, or if it cannot be reached: the protocol is best effort.
 */
#ifndef LABSWITCH_SWITCHD_NOTIFY_H
#define LABSWITCH_SWITCHD_NOTIFY_H

/* state: "READY=1", "RELOADING=1\nMONOTONIC_USEC=...", "STOPPING=1". */
void notify_send(const char *state);

#endif
