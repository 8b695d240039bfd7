/* SPDX-License-Identifier: MIT */
#include "switchd/caps.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Ends at the first capability that this kernel does not know. Without
 * CAP_SETPCAP it fails: then there is nothing an exec could gain. */
static void drop_bounding(void)
{
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0)
			return;
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
}

bool caps_drop(struct err *err)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
	uint32_t nice = CAP_TO_MASK(CAP_SYS_NICE);

	drop_bounding();
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capget, &header, sets) < 0)
		return err_sys(err, "cannot read the capabilities");
	sets[0].permitted &= nice;
	sets[0].effective = sets[0].permitted;
	sets[0].inheritable = 0;
	sets[1] = (struct __user_cap_data_struct){0};
	if (syscall(SYS_capset, &header, sets) < 0)
		return err_sys(err, "cannot drop capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(err, "cannot set no_new_privs");
	return true;
}
