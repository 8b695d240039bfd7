/* SPDX-License-Identifier: MIT */
#include "switchd/core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void
fill(struct err *err, struct mark at, int errnum, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->at = at;
	err->errnum = errnum;
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	if (errnum) {
		size_t used = strlen(err->msg);

		(void)snprintf(err->msg + used, sizeof(err->msg) - used, ": %s",
			       strerror(errnum));
	}
}

bool err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, (struct mark){0, 0}, 0, fmt, ap);
	va_end(ap);
	return false;
}

bool err_at(struct err *err, struct mark at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(err, at, 0, fmt, ap);
	va_end(ap);
	return false;
}

bool err_sys(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	fill(err, (struct mark){0, 0}, saved, fmt, ap);
	va_end(ap);
	errno = saved;
	return false;
}
