/* SPDX-License-Identifier: MIT */
#include "switchd/helper.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switchd/helper_msg.h"

#define KEPT_MAX 65536

/* Paths to remove at the end, oldest first. */
struct kept {
	char **paths;
	size_t count;
	size_t room;
};

static void kept_add(struct kept *kept, const char *path)
{
	if (kept->count == kept->room) {
		size_t room = kept->room ? 2 * kept->room : 64;
		char **paths = NULL;

		if (room <= KEPT_MAX)
			paths = realloc(kept->paths, room * sizeof(*paths));
		if (!paths)
			return;
		kept->paths = paths;
		kept->room = room;
	}
	kept->paths[kept->count] = strdup(path);
	if (kept->paths[kept->count])
		kept->count++;
}

static void kept_drop(struct kept *kept, const char *path)
{
	for (size_t i = kept->count; i-- > 0;) {
		if (strcmp(kept->paths[i], path) != 0)
			continue;
		free(kept->paths[i]);
		kept->count--;
		memmove(&kept->paths[i], &kept->paths[i + 1],
			(kept->count - i) * sizeof(*kept->paths));
		return;
	}
}

static void kept_remove(struct kept *kept)
{
	while (kept->count > 0) {
		char *path = kept->paths[--kept->count];

		if (unlink(path) < 0)
			(void)rmdir(path);
		free(path);
	}
	free(kept->paths);
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, 1);
	return byte <= 1;
}

static bool is_valid(const struct helper_request *req, ssize_t len, int fd)
{
	const struct tap_request *tap = &req->tap;

	return len == sizeof(*req) && req->op < HELPER_OP_COUNT &&
	       (fd >= 0) == (req->op == HELPER_CONNECT) &&
	       is_text(req->path, sizeof(req->path)) &&
	       is_text(req->group, sizeof(req->group)) &&
	       is_text(tap->ifname, sizeof(tap->ifname)) &&
	       is_text(tap->netns, sizeof(tap->netns)) &&
	       is_text(tap->owner, sizeof(tap->owner)) &&
	       is_text(tap->group, sizeof(tap->group)) && is_bool(&tap->up);
}

/* Does what is asked. Returns the descriptor to answer with, or -1. */
static int perform(const struct helper_request *req, int fd,
		   struct helper_reply *reply)
{
	const struct priv_ops *ops = &priv_local;
	int tap;

	switch ((enum helper_op)req->op) {
	case HELPER_TAP_OPEN:
		tap = ops->tap_open(NULL, &req->tap, &reply->made, &reply->err);
		reply->ok = tap >= 0;
		return tap;
	case HELPER_CONNECT:
		reply->ok = ops->connect(NULL, fd, req->path, req->uid,
					 &reply->err);
		return -1;
	case HELPER_CHGRP:
		reply->ok =
			ops->chgrp(NULL, req->path, req->group, &reply->err);
		return -1;
	case HELPER_KEEP:
	case HELPER_FORGET:
	case HELPER_OP_COUNT:
		break;
	}
	return -1;
}

static void answer(int sock, const struct helper_request *req, bool valid,
		   int fd)
{
	struct helper_reply reply;
	int opened = -1;

	memset(&reply, 0, sizeof(reply)); /* padding is sent, too */
	if (valid)
		opened = perform(req, fd, &reply);
	else
		err_set(&reply.err, "the helper refused a malformed request");
	(void)helper_msg_send(sock, &reply, sizeof(reply), opened);
	if (opened >= 0)
		close(opened);
}

void helper_serve(int sock)
{
	struct helper_request req;
	struct kept kept = {0};
	ssize_t len;
	int fd;

	while ((len = helper_msg_recv(sock, &req, sizeof(req), &fd)) > 0) {
		bool valid = is_valid(&req, len, fd);

		if (valid && req.op == HELPER_KEEP)
			kept_add(&kept, req.path);
		else if (valid && req.op == HELPER_FORGET)
			kept_drop(&kept, req.path);
		else
			answer(sock, &req, valid, fd);
		if (fd >= 0)
			close(fd);
	}
	kept_remove(&kept);
}
