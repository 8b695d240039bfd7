/* SPDX-License-Identifier: MIT */
/*
 * errors: collecting the errors of one run in the order of the file.
 */
#ifndef LABSWITCH_TOPO_ERRORS_H
#define LABSWITCH_TOPO_ERRORS_H

#include "topo/topo.h"

/* Keeps the first TOPO_ERRORS_MAX by place. Returns false, always. */
bool errors_add(struct topo_errors *errors, const struct err *err);

bool errors_at(struct topo_errors *errors, struct mark at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
