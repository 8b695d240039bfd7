/* SPDX-License-Identifier: MIT */
/*
 * output: where the bytes of a capture go: a file that we name, in several
 * generations, or a descriptor that was handed over.
 *
 * A named file is opened below a directory and nowhere else: no "..", no
 * absolute path, no symbolic link on the way (openat2(2), RESOLVE_BENEATH). It
 * is made anew with mode 0600. What is there already becomes FILE.1, FILE.1
 * becomes FILE.2 and so on, up to the number of files that are kept, of which
 * the last goes. All of them must be regular files of our uid that begin as
 * captures of ours (or are empty) and that no other process writes to;
 * otherwise nothing is touched, and the message says what is in the way.
 *
 * A descriptor handed over is a regular file, a pipe or a stream socket, whose
 * reader may sleep: nothing here waits for it. O_NONBLOCK is left as it is,
 * because that belongs to whoever shares the open file: a pipe that poll(2)
 * calls writable takes PIPE_BUF bytes without waiting (if we are its only
 * writer, or RWF_NOWAIT works on it), a socket has MSG_DONTWAIT.
 */
#ifndef LABSWITCH_CAPTURE_OUTPUT_H
#define LABSWITCH_CAPTURE_OUTPUT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "switchd/core/err.h"

#define OUTPUT_KEEP_MIN 2
#define OUTPUT_KEEP_MAX 99

enum output_kind { OUTPUT_FILE, OUTPUT_PIPE, OUTPUT_SOCKET };

struct output {
	enum output_kind kind;
	int fd;
	int dir_fd;    /* the directory of a named file, else -1 */
	unsigned keep; /* files in all, with those named .1 and up */
	char name[NAME_MAX + 1];
};

/*
 * Opens a named file, path being below dir_fd (borrowed for the call). keep is
 * from OUTPUT_KEEP_MIN to OUTPUT_KEEP_MAX. False: *o is not to be used.
 */
bool output_open(struct output *o, int dir_fd, const char *path, unsigned keep,
		 struct err *err);

/*
 * Takes fd over, which is closed in either case. Refuses a terminal, and what
 * is neither a regular file, a pipe nor a stream socket, open for writing.
 */
bool output_adopt(struct output *o, int fd, struct err *err);

/* May be called again. */
void output_done(struct output *o);

/* Goes on in a new file, of a named one only. */
bool output_next(struct output *o, struct err *err);

/*
 * Writes as much as goes without waiting for a reader. Returns how many bytes
 * that were, 0 if none: then poll(2) for POLLOUT. -1: it cannot be written to
 * any more. The calling thread has SIGPIPE and SIGXFSZ blocked.
 */
ssize_t output_write(struct output *o, const uint8_t *data, size_t len,
		     struct err *err);

/* Takes back the last len bytes written, where that is possible. */
void output_take_back(struct output *o, size_t len);

#endif
