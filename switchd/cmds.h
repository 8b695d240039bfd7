/* SPDX-License-Identifier: MIT */
/* cmds: every command, for the table in cmd.c. */
#ifndef LABSWITCH_SWITCHD_CMDS_H
#define LABSWITCH_SWITCHD_CMDS_H

#include "switchd/cmd.h"

extern const struct cmd cmd_show;
extern const struct cmd cmd_ports;
extern const struct cmd cmd_fdb;
extern const struct cmd cmd_fdb_flush;
extern const struct cmd cmd_fdb_add;
extern const struct cmd cmd_fdb_del;
extern const struct cmd cmd_leases;
extern const struct cmd cmd_forward_list;
extern const struct cmd cmd_forward_add;
extern const struct cmd cmd_forward_del;
extern const struct cmd cmd_link_list;
extern const struct cmd cmd_link_down;
extern const struct cmd cmd_link_up;
extern const struct cmd cmd_capture_start;
extern const struct cmd cmd_capture_list;
extern const struct cmd cmd_capture_stop;
extern const struct cmd cmd_trace;
extern const struct cmd cmd_validate;
extern const struct cmd cmd_graph;
extern const struct cmd cmd_apply;
extern const struct cmd cmd_watch;
extern const struct cmd cmd_capture;
extern const struct cmd cmd_wireshark;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_shell;
extern const struct cmd cmd_dump;
extern const struct cmd cmd_stop;

#endif
