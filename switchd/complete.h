/* SPDX-License-Identifier: MIT */
/*
 * complete: what can come next on the command line of switchctl.
 *
 * `switchctl --complete WORD...` is for shells (switchd/completion/): the last
 * WORD, perhaps empty, is the one at the cursor, the others are before it. It
 * prints what that word can become, a line each, from the tables of options and
 * commands, and from the running lab: its ports, switches, links and hosts. A
 * line ":files" stands for names of files, ":commands" for programs. What goes
 * wrong prints nothing: nobody has asked for anything yet.
 *
 * What a parameter takes is told by its meta (cmd.h), or by its own words.
 */
#ifndef LABSWITCH_SWITCHD_COMPLETE_H
#define LABSWITCH_SWITCHD_COMPLETE_H

#include <getopt.h>

#include "switchd/cmd.h"

/* longs are the options before the command, of which 'l' is the lab. */
void complete(const struct cmd_env *env, const struct option *longs, int argc,
	      char *const *argv);

#endif
