/* SPDX-License-Identifier: MIT */
/*
 * rpc: JSON-RPC 2.0 of the control socket, bytes in, bytes out: one request a
 * line, one reply a line, in order (https://www.jsonrpc.org/specification).
 *
 * What the specification leaves open or we narrow: params are by name; every
 * request must have an id and so gets a reply; batches are refused; text is
 * UTF-8 without NUL and no key may come twice.
 *
 *	code	means
 *	-32700	not JSON, or nested deeper than RPC_DEPTH_MAX
 *	-32600	JSON, but not a request
 *	-32601	no such method
 *	-32602	a parameter is missing, unknown or of the wrong type
 *	-32000	too_large: longer than RPC_LINE_MAX
 *	-32001	too_many: more clients than CTL_CLIENTS_MAX; id is null, as no
 *		request is answered, and the connection is closed
 *	1	the method could not do it; message says why
 *	2	a topology with mistakes; data has "errors", each with line,
 *		col and message, and "more": how many are not listed
 *
 * A request for a file (apply, capture start) comes with its descriptor, by
 * SCM_RIGHTS of unix(7). A connection that has called watch is a stream of
 * notifications, requests without id, from then on; what it sends is not read
 * as requests.
 */
#ifndef LABSWITCH_SWITCHD_RPC_H
#define LABSWITCH_SWITCHD_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RPC_LINE_MAX  65536      /* bytes of a request with its newline */
#define RPC_DEPTH_MAX 32         /* arrays and objects in each other */
#define RPC_REPLY_MAX (1u << 20) /* bytes of a reply with its newline */

#define RPC_BAD_JSON    (-32700)
#define RPC_BAD_REQUEST (-32600)
#define RPC_NO_METHOD   (-32601)
#define RPC_BAD_PARAMS  (-32602)
#define RPC_TOO_LARGE   (-32000)
#define RPC_TOO_MANY    (-32001)
#define RPC_FAILED      1
#define RPC_BAD_FILE    2

struct call;
struct lab;

/* --- Lines ----------------------------------------------------------- */

/* What has arrived of a stream; starts zeroed. */
struct rpc_in {
	size_t start;   /* of the first line not yet taken */
	size_t scanned; /* no newline between start and here */
	size_t end;
	char data[RPC_LINE_MAX];
};

/* Where the next bytes go, and how many there is room for: never 0 unless
 * rpc_in_ready(). Lines taken before are gone then. */
char *rpc_in_space(struct rpc_in *in, size_t *room);
void rpc_in_added(struct rpc_in *in, size_t len);

/* Whether rpc_in_take() has something to say. */
bool rpc_in_ready(struct rpc_in *in);

/*
 * Takes the first line, without its newline. Returns NULL if the line is
 * longer than RPC_LINE_MAX: the stream is of no more use then. The line is
 * borrowed until the next rpc_in_space(). Only when rpc_in_ready().
 */
const char *rpc_in_take(struct rpc_in *in, size_t *len);

/* Takes back that the line was taken, which is the next one then. */
void rpc_in_put_back(struct rpc_in *in, const char *line);

/* Whether part of a line has come, but not its end. */
bool rpc_in_partial(struct rpc_in *in);

/* --- Requests -------------------------------------------------------- */

/* Serves one request; call has the descriptor and the watcher of the client.
 * Returns the reply, ended by a newline, to be freed by the caller; NULL if
 * call->waits, or if there is no memory. */
char *rpc_serve(struct lab *lab, const char *line, size_t len,
		struct call *call);

/* An error reply, likewise. id may be NULL: null then. */
char *rpc_error(const json_t *id, int code, const char *message);

#endif
