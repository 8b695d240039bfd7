/* SPDX-License-Identifier: MIT */
/*
 * log: one line per state change, to standard error.
 *
 * Under journald (JOURNAL_STREAM names our standard error) a line begins with
 * its priority, "<6>"; elsewhere with the local time. Nothing is ever waited
 * for: a line that a full pipe would not take at once is counted, and the
 * next one that passes says how many were lost.
 */
#ifndef LABSWITCH_SWITCHD_LOG_H
#define LABSWITCH_SWITCHD_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_COUNT
};

/* For what may happen often: one line a cause and second. Starts zeroed. */
struct log_limit {
	uint64_t next_ms;    /* before this no line is written */
	unsigned suppressed; /* since the last line */
};

/* "err", "warn", "info", "debug"; returns false if text is none of them. */
bool log_level_parse(const char *text, enum log_level *level);

/* Lines above this level are not written; info before the first call. */
void log_open(enum log_level level);

/* Whether standard error is a stream of the journal. */
bool log_is_journal(void);

void log_err(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* As above, but at most one line a second for each limit; the next line ends
 * with "(N suppressed)". */
void log_limited(struct log_limit *limit, enum log_level level, const char *fmt,
		 ...) __attribute__((format(printf, 3, 4)));

#endif
