/* SPDX-License-Identifier: MIT */
#include "switchd/helper_msg.h"

#include <errno.h>
#include <sys/socket.h>

#include "switchd/fdpass.h"

bool helper_msg_send(int sock, const void *msg, size_t len, int fd)
{
	ssize_t n;

	do
		n = fdpass_send(sock, msg, len, fd, 0);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

ssize_t helper_msg_recv(int sock, void *msg, size_t size, int *fd)
{
	ssize_t n;

	do
		n = fdpass_receive(sock, msg, size, fd, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	return n;
}
