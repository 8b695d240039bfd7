/* SPDX-License-Identifier: MIT */
#include "plugs/deaf.h"

#include <linux/filter.h>
#include <sys/socket.h>

bool deaf_set(int fd, bool deaf, struct err *err)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = {.len = 1, .filter = &nothing};

	if (setsockopt(fd, SOL_SOCKET,
		       deaf ? SO_ATTACH_FILTER : SO_DETACH_FILTER, &filter,
		       sizeof(filter)) < 0)
		return err_sys(err, "cannot set the filter of a socket");
	return true;
}
