/* SPDX-License-Identifier: MIT */
#include "switchd/log.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define LOG_LINE_MAX   1024 /* below PIPE_BUF: a line is written whole or not */
#define SUPPRESSED_MAX 32   /* " (N suppressed)" */

static const char *const level_names[] = {"err", "warn", "info", "debug"};
/* syslog(3) priorities. */
static const int level_priorities[] = {3, 4, 6, 7};
static const char *const level_words[] = {"error: ", "warning: ", "",
					  "debug: "};

static_assert(sizeof(level_names) / sizeof(level_names[0]) == LOG_LEVEL_COUNT,
	      "a name for each level");
static_assert(sizeof(level_priorities) / sizeof(int) == LOG_LEVEL_COUNT,
	      "a priority for each level");
static_assert(sizeof(level_words) / sizeof(level_words[0]) == LOG_LEVEL_COUNT,
	      "a word for each level");
static_assert(LOG_LINE_MAX < PIPE_BUF, "poll() speaks of PIPE_BUF bytes");

static struct {
	enum log_level level;
	bool journal;
	unsigned lost;
} state = {.level = LOG_LEVEL_INFO};

bool log_level_parse(const char *text, enum log_level *level)
{
	for (int i = 0; i < LOG_LEVEL_COUNT; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_open(enum log_level level)
{
	state.level = level;
	state.journal = log_is_journal();
}

/* systemd.exec(5): JOURNAL_STREAM is "DEVICE:INODE" of the stream. */
bool log_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char mine[64];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	(void)snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev,
		       (uintmax_t)st.st_ino);
	return strcmp(stream, mine) == 0;
}

static size_t put_time(char *buf, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(buf, size, "%F %T", &tm);
	return len + (size_t)snprintf(buf + len, size - len, ".%03ld ",
				      now.tv_nsec / 1000000);
}

/* Whether one line fits without waiting: of a pipe, poll() promises room for
 * PIPE_BUF bytes. O_NONBLOCK would also hit others who share the pipe. */
static bool writable(void)
{
	struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && !(fd.revents & (POLLERR | POLLNVAL));
}

static bool write_line(enum log_level level, const char *text)
{
	char line[LOG_LINE_MAX];
	size_t len, room = sizeof(line) - 1; /* for the newline */

	if (state.journal)
		len = (size_t)snprintf(line, room, "<%d>",
				       level_priorities[level]);
	else
		len = put_time(line, room);
	len += (size_t)snprintf(line + len, room - len, "%s%s",
				state.journal ? "" : level_words[level], text);
	if (len >= room)
		len = room - 1;
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	}
	line[len++] = '\n';
	return writable() && write(STDERR_FILENO, line, len) >= 0;
}

static void put_line(enum log_level level, const char *text)
{
	char lost[64];

	(void)snprintf(lost, sizeof(lost), "%u log lines were lost",
		       state.lost);
	if (state.lost && write_line(LOG_LEVEL_WARN, lost))
		state.lost = 0;
	if (!write_line(level, text))
		state.lost++;
}

__attribute__((format(printf, 2, 0))) static void
log_v(enum log_level level, const char *fmt, va_list ap)
{
	char text[LOG_LINE_MAX];

	if (level > state.level)
		return;
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	put_line(level, text);
}

#define LOG_FUNCTION(name, level)                                              \
	void name(const char *fmt, ...)                                        \
	{                                                                      \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		log_v(level, fmt, ap);                                         \
		va_end(ap);                                                    \
	}

LOG_FUNCTION(log_err, LOG_LEVEL_ERR)
LOG_FUNCTION(log_warn, LOG_LEVEL_WARN)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)

void log_limited(struct log_limit *limit, enum log_level level, const char *fmt,
		 ...)
{
	char text[LOG_LINE_MAX];
	uint64_t now = uv_hrtime() / 1000000; /* CLOCK_MONOTONIC */
	va_list ap;

	if (level > state.level)
		return;
	if (now < limit->next_ms) {
		limit->suppressed++;
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text) - SUPPRESSED_MAX, fmt, ap);
	va_end(ap);
	if (limit->suppressed)
		(void)snprintf(text + strlen(text), SUPPRESSED_MAX,
			       " (%u suppressed)", limit->suppressed);
	*limit = (struct log_limit){.next_ms = now + 1000};
	put_line(level, text);
}
