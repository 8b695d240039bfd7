/* SPDX-License-Identifier: MIT */
/*
 * labswitch-nat: the user-mode NAT behind a port, in a process of its own.
 * switchd starts it; plugs/nat/msg.h says what they say to each other.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plugs/nat/child/child.h"
#include "plugs/nat/child/sandbox.h"
#include "plugs/nat/msg.h"

static int is_seqpacket(int fd)
{
	socklen_t len = sizeof(int);
	int type = 0;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_SEQPACKET;
}

int main(void)
{
	unsigned files;

	if (!is_seqpacket(NAT_FD_FRAMES) || !is_seqpacket(NAT_FD_CONTROL)) {
		fprintf(stderr, "%s: it is switchd that starts this\n",
			NAT_PROGRAM);
		return 2;
	}
	files = sandbox_prepare();
	/* Not by exit(): nothing is to be put away, and little is allowed. */
	_exit(child_run(NAT_FD_FRAMES, NAT_FD_CONTROL, files));
}
