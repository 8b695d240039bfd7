/* SPDX-License-Identifier: MIT */
#include "switchd/filter_json.h"

#include <assert.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "capture/filter_compile.h"

static_assert(sizeof(struct sock_filter) == FILTER_INSN_SIZE,
	      "an instruction is what filter.h says");

/* --- Out ---------------------------------------------------------------- */

/* [code, jt, jf, k] for each instruction. */
static json_t *program(const struct filter *filter)
{
	json_t *list = json_array();

	for (size_t i = 0; i < filter->count; i++) {
		struct sock_filter insn;

		memcpy(&insn,
		       (const char *)filter->insns + i * FILTER_INSN_SIZE,
		       sizeof(insn));
		(void)json_array_append_new(
			list, json_pack("[i, i, i, I]", insn.code, insn.jt,
					insn.jf, (json_int_t)insn.k));
	}
	return list;
}

json_t *filter_json_compile(const char *text, struct err *err)
{
	struct filter filter;
	json_t *list;

	if (!filter_compile(text, &filter, err))
		return NULL;
	list = program(&filter);
	filter_done(&filter);
	return list;
}

/* --- In ----------------------------------------------------------------- */

static bool in_range(const json_t *array, size_t i, json_int_t max)
{
	const json_t *number = json_array_get(array, i);

	return json_is_integer(number) && json_integer_value(number) >= 0 &&
	       json_integer_value(number) <= max;
}

static bool take_insn(const json_t *array, struct sock_filter *insn)
{
	static const json_int_t max[] = {UINT16_MAX, UINT8_MAX, UINT8_MAX,
					 UINT32_MAX};
	json_int_t n[4];

	if (json_array_size(array) != 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		if (!in_range(array, i, max[i]))
			return false;
		n[i] = json_integer_value(json_array_get(array, i));
	}
	*insn = (struct sock_filter){(uint16_t)n[0], (uint8_t)n[1],
				     (uint8_t)n[2], (uint32_t)n[3]};
	return true;
}

static bool take_insns(const json_t *list, size_t count, struct filter *filter,
		       struct err *err)
{
	struct sock_filter *insns = calloc(count, sizeof(*insns));
	bool ok = insns != NULL;

	if (!ok)
		(void)err_set(err, "no memory");
	for (size_t i = 0; ok && i < count; i++) {
		ok = take_insn(json_array_get(list, i), &insns[i]) ||
		     err_set(err,
			     "'filter': instruction %zu is not [code, jt, jf, "
			     "k]",
			     i);
	}
	ok = ok && filter_init(filter, insns, count * sizeof(*insns), err);
	free(insns);
	return ok;
}

bool filter_json_read(const json_t *list, struct filter *filter,
		      struct err *err)
{
	size_t count = json_array_size(list);

	*filter = (struct filter){.count = 0};
	if (list && !json_is_array(list))
		return err_set(err, "'filter' must be an array");
	if (count > FILTER_INSNS_MAX)
		return err_set(err, "'filter' has more than %d instructions",
			       FILTER_INSNS_MAX);
	return count == 0 || take_insns(list, count, filter, err);
}
