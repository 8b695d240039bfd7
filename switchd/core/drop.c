/* SPDX-License-Identifier: MIT */
#include "switchd/core/drop.h"

static const struct {
	const char *name;
	const char *text;
} drops[] = {
#define DROP_ROW(upper, lower, explanation) {#lower, explanation},
	DROP_LIST(DROP_ROW)
#undef DROP_ROW
};

_Static_assert(sizeof(drops) / sizeof(drops[0]) == DROP_COUNT,
	       "every reason has its row");

const char *drop_name(enum drop reason)
{
	return drops[reason].name;
}

const char *drop_text(enum drop reason)
{
	return drops[reason].text;
}
