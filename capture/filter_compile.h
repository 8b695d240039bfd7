/* SPDX-License-Identifier: MIT */
/*
 * filter_compile: a filter in tcpdump's words (pcap-filter(7)) as a program.
 *
 * libpcap looks names up and takes as long as it takes. switchctl may wait for
 * that, the daemon may not: it has the work done by a child process that has
 * an empty network namespace, 2 s of CPU time and 3 s in all. So it knows the
 * names of /etc/services and /etc/hosts, but reaches no name server. Where the
 * system allows no namespace the child can open nothing at all and understands
 * numbers only.
 *
 * Errors of the text are libpcap's messages.
 */
#ifndef LABSWITCH_CAPTURE_FILTER_COMPILE_H
#define LABSWITCH_CAPTURE_FILTER_COMPILE_H

#include <stdbool.h>

#include "capture/filter.h"
#include "switchd/core/err.h"

#define FILTER_TEXT_MAX  1024
#define FILTER_COMPILE_S 3

/* In this process. */
bool filter_compile(const char *text, struct filter *f, struct err *err);

/* In a child, waiting for it. */
bool filter_compile_apart(const char *text, struct filter *f, struct err *err);

/* The same in two steps, for a loop that has more to do. */
struct filter_job {
	int fd; /* readable when filter_job_finish() will not wait */
	int pid;
};

/* False: nothing was started. */
bool filter_job_start(struct filter_job *job, const char *text,
		      struct err *err);

/* Ends the child, which has at most FILTER_COMPILE_S seconds from here. */
bool filter_job_finish(struct filter_job *job, struct filter *f,
		       struct err *err);

#endif
