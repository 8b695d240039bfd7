/* SPDX-License-Identifier: MIT */
/*
 * The types of options that are VLANs: a VID (IEEE 802.1Q-2018 clause 9.6), or
 * a name that the file gives to one.
 */
#include "topo/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/core/vidset.h"
#include "topo/suggest.h"

static bool is_number(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

static bool find_name(const struct opt_ctx *ctx, const char *text,
		      uint16_t *vid, struct err *err)
{
	struct suggest s = suggest_for(text);

	for (size_t i = 0; i < ctx->vlan_count; i++) {
		if (strcmp(ctx->vlans[i].name, text) == 0) {
			*vid = ctx->vlans[i].vid;
			return true;
		}
		suggest_try(&s, ctx->vlans[i].name);
	}
	return err_set(err,
		       "is '%.40s', neither 1-4094 nor a name in 'vlans'%s",
		       text, suggest_tail(&s));
}

static bool vlan_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	unsigned long vid;

	if (!is_number(text))
		return find_name(ctx, text, out, err);
	vid = strlen(text) <= 4 ? strtoul(text, NULL, 10) : 0;
	if (!vid_valid((unsigned)vid))
		return err_set(err, "is %.40s, outside %d-%d", text, VID_MIN,
			       VID_MAX);
	if (text[0] == '0')
		return err_set(err, "is '%.40s': no leading zeros, please",
			       text);
	*(uint16_t *)out = (uint16_t)vid;
	return true;
}

static void vlan_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%u", *(const uint16_t *)value);
}

const struct opt_type opt_vlan = {"VLAN", vlan_parse, vlan_format, false};

/* One of "10", "staff", "20-29", "all". */
static bool add_item(const struct opt *row, const struct opt_ctx *ctx,
		     const char *item, struct vidset *set, struct err *err)
{
	bool range = item[0] >= '0' && item[0] <= '9' && strchr(item, '-');
	uint16_t vid = 0;

	if (range || strcmp(item, "all") == 0) {
		if (!vidset_parse(set, item))
			return err_set(err,
				       "has '%.40s', not a range within %d-%d",
				       item, VID_MIN, VID_MAX);
		return true;
	}
	if (!vlan_parse(row, ctx, item, &vid, err))
		return false;
	vidset_add(set, vid);
	return true;
}

static bool vlans_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct vidset set = *(struct vidset *)out;

	for (;;) {
		char item[48];
		size_t len = strcspn(text, ",");

		(void)snprintf(item, sizeof(item), "%.*s", (int)len, text);
		if (!add_item(row, ctx, item, &set, err))
			return false;
		if (!text[len])
			break;
		text += len + 1;
		text += strspn(text, " ");
	}
	*(struct vidset *)out = set;
	return true;
}

static void vlans_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	(void)vidset_format(value, buf, size);
}

const struct opt_type opt_vlans = {"VLANs", vlans_parse, vlans_format, true};
