/* SPDX-License-Identifier: MIT */
/*
 * lessons: the labs that come with labswitch (labs/), each a directory with a
 * topology.yaml in it: those of the directory that LABSWITCH_LABS names, of
 * ./labs, the installed ones, and those of the directory where one is. Of two
 * with one name the first counts. What is here may be of somebody else: then it
 * is not looked at.
 */
#ifndef LABSWITCH_SWITCHD_LESSONS_H
#define LABSWITCH_SWITCHD_LESSONS_H

#include <limits.h>
#include <stdbool.h>

#include "switchd/core/err.h"

/* Calls back for each, by name within a directory. */
typedef void lessons_fn(void *ctx, const char *name, const char *dir);
void lessons_list(lessons_fn *each, void *ctx);

/* The directory of the one with this name, or path if it has a '/' in it. */
bool lessons_find(const char *name, char dir[PATH_MAX], struct err *err);

/* Puts the directories of switchctl and of switchd before all others in PATH,
 * so that what is run from here finds those of one version. */
void lessons_set_path(void);

#endif
