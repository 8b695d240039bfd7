/* SPDX-License-Identifier: MIT */
/*
 * The type of an option that says which protocols between neighbours pass a
 * switch: {lldp: pass, lacp: pass, 0d: drop}. Each has an address of its own,
 * 01:80:c2:00:00:00 to 0f; those without a name are written as the last byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topo/opt.h"
#include "topo/suggest.h"

#define COLON    ": " /* as OPT_KEYED has it */
#define PAUSE    0x01
#define RESERVED 16

/* IEEE 802.1Q-2018 table 8-1, 802.3-2018 annex 31B and 57A, 802.1X-2010 11.1,
 * 802.1AB-2016 7.1 */
static const char *const names[RESERVED] = {
	[0x00] = "stp",   [PAUSE] = "pause", [0x02] = "lacp",
	[0x03] = "eapol", [0x0e] = "lldp",
};

static bool read_address(const char *text, unsigned *address, struct err *err)
{
	struct suggest s = suggest_for(text);

	for (*address = 0; *address < RESERVED; ++*address) {
		if (!names[*address])
			continue;
		if (strcmp(names[*address], text) == 0)
			return true;
		suggest_try(&s, names[*address]);
	}
	*address = (unsigned)strtoul(text, NULL, 16);
	if (strlen(text) == 2 && text[0] == '0' &&
	    strspn(text, "0123456789abcdefABCDEF") == 2)
		return true;
	return err_set(err, "is no protocol: expected %s, or 00 to 0f%s",
		       suggest_words(&s), suggest_tail(&s));
}

static bool set(struct opt_reserved *reserved, unsigned address,
		const char *word, struct err *err)
{
	uint16_t bit = (uint16_t)(1u << address);

	if ((reserved->pass | reserved->drop) & bit)
		return err_set(err, "is said twice");
	if (strcmp(word, "drop") == 0)
		reserved->drop |= bit;
	else if (strcmp(word, "pass") != 0)
		return err_set(err, "is '%.40s', expected pass or drop", word);
	else if (address == PAUSE)
		return err_set(err, "is for the neighbour alone: it never "
				    "passes a switch");
	else
		reserved->pass |= bit;
	return true;
}

static bool reserved_parse(const struct opt *row, const struct opt_ctx *ctx,
			   const char *text, void *out, struct err *err)
{
	size_t len = strcspn(text, ":");
	const char *word = text + len;
	unsigned address;
	char name[24];

	(void)snprintf(name, sizeof(name), "%.*s", (int)len, text);
	if (strncmp(word, COLON, strlen(COLON)) == 0)
		word += strlen(COLON);
	return read_address(name, &address, err) &&
	       set(out, address, word, err);
}

static void reserved_format(const struct opt *row, const void *value, char *buf,
			    size_t size)
{
	const struct opt_reserved *reserved = value;

	(void)snprintf(buf, size, "%s", "");
	for (unsigned i = 0; i < RESERVED; i++) {
		char hex[3];

		if (!((reserved->pass | reserved->drop) >> i & 1))
			continue;
		(void)snprintf(hex, sizeof(hex), "%02x", i & 0xffu);
		opt_append(buf, size, "%s%s" COLON "%s", *buf ? ";" : "",
			   names[i] ? names[i] : hex,
			   reserved->pass >> i & 1 ? "pass" : "drop");
	}
}

const struct opt_type opt_reserved = {"pass or drop by protocol",
				      reserved_parse, reserved_format, false};
