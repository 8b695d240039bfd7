/* SPDX-License-Identifier: MIT */
#include "plugs/nat/stats.h"

#define NAT_STAT_NAME(upper, lower, text) #lower,
#define NAT_STAT_TEXT(upper, lower, text) text,

static const char *const names[] = {NAT_STAT_LIST(NAT_STAT_NAME)};
static const char *const texts[] = {NAT_STAT_LIST(NAT_STAT_TEXT)};

const char *nat_stat_name(enum nat_stat stat)
{
	return names[stat];
}

const char *nat_stat_text(enum nat_stat stat)
{
	return texts[stat];
}
