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
		fprintf(stderr, "switchd: %s\n", err->msg);
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

static bool read_file(const char *file, bool may_wait, char *text, size_t *len,
		      struct err *err)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int flags = O_RDONLY | O_CLOEXEC | (may_wait ? 0 : O_NONBLOCK);
	int fd = is_stdin ? STDIN_FILENO : open(file, flags);
	bool ok;

	if (fd < 0)
		return err_sys(err, "cannot open '%s'", file);
	ok = may_wait || is_regular(fd);
	if (!ok)
		err_set(err,
			"'%s' is no regular file: nothing else is read again",
			file);
	else if (!read_all(fd, text, len))
		ok = err_sys(err, "cannot read '%s'", file);
	if (!is_stdin)
		close(fd);
	return ok;
}

static struct topo *load(const char *file, bool may_wait,
			 load_report_fn *report)
{
	const char *shown = strcmp(file, "-") == 0 ? "stdin" : file;
	char *text = malloc(TOPO_FILE_MAX + 1);
	struct topo_errors errors = {.count = 0};
	struct topo *topo = NULL;
	struct err err = {.errnum = 0};
	size_t len = 0;

	if (!text) {
		err_set(&err, "out of memory");
		report(shown, NULL, 0, &err);
	} else if (!read_file(file, may_wait, text, &len, &err)) {
		report(shown, NULL, 0, &err);
	} else {
		topo = topo_parse(text, len, plug_kinds, &errors);
		for (size_t i = 0; i < errors.count; i++)
			report(shown, text, len, &errors.err[i]);
		err_set(&err, "%s: %zu more errors", shown, errors.more);
		if (errors.more)
			report(shown, NULL, 0, &err);
	}
	free(text);
	return topo;
}

struct topo *load_topo(const char *file, load_report_fn *report)
{
	return load(file, true, report);
}

struct topo *load_topo_again(const char *file, load_report_fn *report)
{
	return load(file, false, report);
}
