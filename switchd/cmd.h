/* SPDX-License-Identifier: MIT */
/*
 * cmd: the commands of switchctl, which are also the methods of the control
 * socket.
 *
 * One command is one const struct cmd in a file cmd_NAME.c (with its close
 * kin: cmd_fdb.c has four) and one line in the table of cmd.c. Its list of
 * parameters is the one place that says what it takes: switchctl reads words
 * by it, switchd checks requests against it, the usage is printed from it.
 *
 *	words --cmd_words()--> params --socket--> cmd_check(), serve()
 *	screen <--print()-- result <--socket--
 *
 * serve() runs in switchd and never prints; print() runs in switchctl and
 * knows nothing but the result. A command that is more than one question and
 * its answer has a run() of its own, in switchctl.
 */
#ifndef LABSWITCH_SWITCHD_CMD_H
#define LABSWITCH_SWITCHD_CMD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "switchd/core/err.h"
#include "switchd/screen.h"

struct client;
struct lab;
struct watcher;

enum cmd_param_type {
	PARAM_TEXT, /* one word; a string */
	PARAM_LIST, /* all words that are left; an array of strings */
	PARAM_REST, /* likewise, as one string with blanks in between */
	PARAM_FLAG, /* the word alone; true */
	PARAM_HERE, /* all words that are left; they stay in switchctl */
	PARAM_DATA  /* no word; anything, which serve() checks */
};

struct cmd_param {
	const char *name; /* in a request; NULL: the end of the list */
	const char *meta; /* in the usage; says what a shell offers for it
			   * (complete.h) */
	const char *word; /* comes before the value; NULL: known by place */
	enum cmd_param_type type;
	bool required;
	const char *const *words; /* all that it can be; NULL-ended, or NULL */
};

/* What a request has beside its params, and a failure beside its message. */
struct call {
	int fd;                  /* that came with it, or -1; not given away */
	bool fd_used;            /* it was of use; else the next may have it */
	struct watcher *watcher; /* the connection's (events.h) */
	bool waits;              /* set: no answer yet, serve me again when
				  * lab->wake() was called, or in a second */
	int code;                /* of the error; RPC_FAILED unless it is set */
	json_t *data;            /* of the error, or NULL */
};

/* switchctl, as a run() sees it. */
struct cmd_env {
	const char *lab; /* -l, or NULL */
	bool json;
	struct screen screen;
	char *const *words; /* those of PARAM_HERE, NULL-ended */
	/* Connects to the lab. NULL and err on failure. */
	struct client *(*open)(const char *lab, struct err *err);
};

struct cmd {
	const char *name; /* one word or two */
	const char *help; /* one line, no full stop; NULL: for programs, it is
			   * a method and no command */
	const struct cmd_param *params;
	/*
	 * Its result has "rows" and comes in pages: a request may have "from",
	 * and what "next" of the result says (null: that was all) is the
	 * "from" of the next one.
	 */
	bool paged;
	bool ends; /* switchd ends: wait until its socket is closed */
	/* params have passed cmd_check(). Returns an object, or NULL and err.
	 */
	json_t *(*serve)(struct lab *lab, const json_t *params,
			 struct err *err);
	/* In place of serve(), for what needs more than params; NULL of both:
	 * no method of the socket. */
	json_t *(*serve_call)(struct lab *lab, const json_t *params,
			      struct call *call, struct err *err);
	/* The result, pages put together, for eyes. */
	void (*print)(const struct screen *screen, json_t *result);
	/* Completes the params of a request, in switchctl, by what switchd does
	 * not do itself; NULL: there is nothing. */
	bool (*prepare)(json_t *params, struct err *err);
	/* In place of one request and print(). params, with all that was
	 * typed, are borrowed. Returns the exit status. */
	int (*run)(const struct cmd_env *env, json_t *params);
};

#define CMD_EXIT_USAGE 2 /* not understood, or a file with mistakes */

/* In the order of the usage; NULL-ended. */
extern const struct cmd *const cmd_table[];

/* NULL if there is no command of this name. */
const struct cmd *cmd_find(const char *name);

/* The command that the first words name, *used of them; NULL: none. */
const struct cmd *cmd_match(int argc, char *const *argv, int *used);

/* Writes "fdb flush [SWITCH] [port NAME] [vlan VID]". */
void cmd_usage(const struct cmd *cmd, FILE *out);

/* The params of a request, from the words after the name; NULL and err. */
json_t *cmd_words(const struct cmd *cmd, int argc, char *const *argv,
		  struct err *err);

/* Whether params are what the command takes. */
bool cmd_check(const struct cmd *cmd, json_t *params, struct err *err);

/* --- For serve(), print() and run() ----------------------------------- */

/* Says why on standard error; returns status. */
int cmd_complain(int status, const struct err *err);

/* Sends off what was printed. Returns false and err if not all of it could be
 * written. */
bool cmd_flush(struct err *err);

/* Prints a result as JSON, on one line unless it is for a terminal. Returns
 * false and err if it cannot be written. */
bool cmd_print_json(const json_t *result, struct err *err);

/* The text that an object has under a key, or NULL. */
const char *cmd_text(const json_t *object, const char *key);

/* The number that an object has under a key, or 0. */
long long cmd_number(const json_t *object, const char *key);

/* A string for an answer; what is not UTF-8 in it becomes '?'. */
json_t *cmd_string(const char *text);

#endif
