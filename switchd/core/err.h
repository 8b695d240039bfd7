/* SPDX-License-Identifier: MIT */
/*
 * err: why a call failed.
 *
 * The function that met the failure fills one struct err and returns false;
 * everybody above it only passes both on:
 *
 *	if (fd < 0)
 *		return err_sys(err, "cannot open %s", path);
 *
 * Nobody below switchd/ prints, logs or exits.
 */
#ifndef LABSWITCH_CORE_ERR_H
#define LABSWITCH_CORE_ERR_H

#include <stdbool.h>

/* A place in a file that the user wrote; line 0 means no place. */
struct mark {
	unsigned line; /* from 1 */
	unsigned col;  /* from 1, in bytes */
};

struct err {
	struct mark at;
	int errnum; /* errno of the cause, 0 if there is none */
	char msg[240];
};

/* Fills err (if not NULL) with a message. Returns false, always. */
bool err_set(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* As err_set, with the place in the user's file. Returns false, always. */
bool err_at(struct err *err, struct mark at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * As err_set, for a failed system call: keeps errno in errnum and appends
 * ": " and its text. Returns false, always. errno is left as it was.
 */
bool err_sys(struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
