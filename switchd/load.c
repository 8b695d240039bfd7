/* SPDX-License-Identifier: MIT */
#include "switchd/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugs/plug.h"
#include "switchd/log.h"

/* Whoever starts us with privileges that are not his own (set-user-ID, file
 * capabilities) must not read others' files through our messages. */
static bool may_show_text(void)
{
	return getauxval(AT_SECURE) == 0;
}

void load_print(const char *file, const char *text, size_t len,
		const struct err *err)
{
	if (err->at.line == 0)
		fprintf(stderr, "%s: %s\n", program_invocation_short_name,
			err->msg);
	else
		topo_print_error(stderr, file, may_show_text() ? text : NULL,
				 len, err);
}

void load_log(const char *file, const char *text, size_t len,
	      const struct err *err)
{
	if (err->at.line == 0)
		log_err("%s", err->msg);
	else
		log_err("%s:%u:%u: %s", file, err->at.line, err->at.col,
			err->msg);
}

/* One byte more than is allowed, so that the parser sees that it is too much.
 */
static bool read_all(int fd, char *text, size_t *len)
{
	*len = 0;
	while (*len <= TOPO_FILE_MAX) {
		ssize_t n = read(fd, text + *len, TOPO_FILE_MAX + 1 - *len);

		if (n == 0)
			return true;
		if (n > 0)
			*len += (size_t)n;
		else if (errno != EINTR)
			return false;
	}
	return true;
}

/* A pipe is as good as a file, but opening or reading it may wait for ever. */
static bool is_regular(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static char *read_text(int fd, const char *name, size_t *len, struct err *err)
{
	char *text = malloc(TOPO_FILE_MAX + 1);

	if (!text) {
		err_set(err, "out of memory");
	} else if (!read_all(fd, text, len)) {
		err_sys(err, "cannot read '%s'", name);
		free(text);
		text = NULL;
	}
	return text;
}

static char *read_file(const char *file, bool may_wait, size_t *len,
		       struct err *err)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int flags = O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK);
	int fd = is_stdin ? STDIN_FILENO : open(file, flags);
	char *text = NULL;

	if (fd < 0)
		err_sys(err, "cannot open '%s'", file);
	else if (!may_wait && !is_regular(fd))
		err_set(err,
			"'%s' is no regular file: nothing else is read again",
			file);
	else
		text = read_text(fd, file, len, err);
	if (fd >= 0 && !is_stdin)
		close(fd);
	return text;
}

static struct topo *load(const char *file, bool may_wait,
			 struct filters *filters, load_report_fn *report,
			 bool *wait)
{
	const char *shown = load_shown(file);
	struct topo_errors errors = {.count = 0};
	struct topo *topo = NULL;
	struct err err = {.errnum = 0};
	size_t len = 0;
	char *text = read_file(file, may_wait, &len, &err);

	*wait = false;
	if (!text) {
		report(shown, NULL, 0, &err);
		return NULL;
	}
	topo = load_parse(text, len, filters, &errors, wait);
	for (size_t i = 0; i < errors.count; i++)
		report(shown, text, len, &errors.err[i]);
	err_set(&err, "%s: %zu more errors", shown, errors.more);
	if (errors.more)
		report(shown, NULL, 0, &err);
	free(text);
	return topo;
}

struct topo *load_topo(const char *file, struct filters *filters,
		       load_report_fn *report)
{
	bool wait;

	return load(file, true, filters, report, &wait);
}

struct topo *load_topo_again(const char *file, struct filters *filters,
			     load_report_fn *report, bool *wait)
{
	return load(file, false, filters, report, wait);
}

struct topo *load_parse(const char *text, size_t len, struct filters *filters,
			struct topo_errors *errors, bool *wait)
{
	struct topo *topo = topo_parse(text, len, plug_kinds, errors);

	*wait = false;
	if (topo && !filters_check(filters, topo, errors, wait)) {
		topo_free(topo);
		topo = NULL;
	}
	return topo;
}

char *load_text(const char *file, size_t *len, struct err *err)
{
	return read_file(file, true, len, err);
}

/* Of what the kernel calls regular, some waits when it is read, as /proc/kmsg
 * does; all of that says that it is empty. */
char *load_fd(int fd, size_t *len, struct err *err)
{
	struct stat st;

	*len = 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err_set(err, "the descriptor is not of a regular file");
	else if (lseek(fd, 0, SEEK_SET) < 0)
		err_sys(err, "cannot read the topology");
	else if (st.st_size == 0)
		return strdup(""); /* *len is 0 */
	else
		return read_text(fd, "topology", len, err);
	return NULL;
}

const char *load_shown(const char *file)
{
	return strcmp(file, "-") == 0 ? "stdin" : file;
}
