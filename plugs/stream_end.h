/* SPDX-License-Identifier: MIT */
/*
 * stream_end: where a stream begins, as the user writes it:
 *
 *	/run/x.sock		we listen on a unix socket
 *	tcp 127.0.0.1:9004	we listen; the loopback address if only a port
 *	-> /run/x.sock		we dial
 *	-> tcp 127.0.0.1:9004	we dial
 */
#ifndef LABSWITCH_PLUGS_STREAM_END_H
#define LABSWITCH_PLUGS_STREAM_END_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "plugs/inet_end.h"
#include "plugs/priv.h"
#include "plugs/unix_path.h"
#include "switchd/core/err.h"
#include "topo/opt.h"

/* As a value of an option: all bytes count, and there are no others. */
struct stream_end {
	struct inet_end inet;
	struct unix_path path;
	bool tcp; /* inet is meant, not path */
	bool dial;
};

/* A struct stream_end; format writes one of the four forms above. */
extern const struct opt_type stream_end_type;

#define STREAM_END_SIZE (UNIX_PATH_SIZE + 16)

/* "/run/x.sock" or "127.0.0.1:9004", for messages. Returns buf. */
const char *stream_end_name(const struct stream_end *end,
			    char buf[STREAM_END_SIZE]);

/*
 * Makes a non-blocking socket that listens. access is for unix sockets.
 * Returns it, or -1 and err.
 */
int stream_end_listen(const struct stream_end *end,
		      const struct unix_access *access, const struct priv *priv,
		      struct err *err);

/* Removes what stream_end_listen() left in the file system. */
void stream_end_unlisten(const struct stream_end *end, const struct priv *priv);

/*
 * Makes a non-blocking socket and begins to connect it. *pending: not yet
 * connected; when it becomes writable, ask stream_end_dialled(). Returns it,
 * or -1 and err.
 */
int stream_end_dial(const struct stream_end *end, const struct priv *priv,
		    bool *pending, struct err *err);

/* Whether a pending socket is connected now; if not, err. */
bool stream_end_dialled(const struct stream_end *end, int fd, struct err *err);

/* The other end of a connection. */
struct stream_peer {
	char text[INET_END_SIZE]; /* "127.0.0.1:45678", "pid 4711" */
	uid_t uid;                /* of a unix socket's peer */
	pid_t pid;                /* 0: it came by TCP */
};

/*
 * Takes the first connection that waits at a listening socket, makes it
 * non-blocking and, with TCP, prompt (TCP_NODELAY) and watched (a host that
 * vanishes is noticed within a minute). Returns it, or -1 and errno.
 */
int stream_end_accept(const struct stream_end *end, int listener);

/* Who is at the other end of fd, a connection at end. */
void stream_end_peer(const struct stream_end *end, int fd,
		     struct stream_peer *peer);

#endif
