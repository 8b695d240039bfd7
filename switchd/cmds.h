/* SPDX-License-Identifier: MIT */
/* cmds: every command, for the table in cmd.c. */
#ifndef LABSWITCH_SWITCHD_CMDS_H
#define LABSWITCH_SWITCHD_CMDS_H

#include "switchd/cmd.h"

#define CMD(name) extern const struct cmd cmd_##name;
#include "switchd/cmds.def"
#undef CMD

#endif
