/* SPDX-License-Identifier: MIT */
#include "switchd/captures.h"

#include "switchd/log.h"

void captures_add(struct lab *lab, const struct topo_capture *capture)
{
	log_err("capture '%s' is not begun: captures are not known here",
		capture->conf.file);
}

void captures_remove(struct lab *lab, const struct topo_capture *capture)
{
}

void captures_change(struct lab *lab, const struct topo_capture *to)
{
}
