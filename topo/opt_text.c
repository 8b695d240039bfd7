/* SPDX-License-Identifier: MIT */
/*
 * The types of options that are words: booleans, choices, text, paths, files,
 * names of interfaces, MAC addresses.
 */
#include "topo/opt.h"

#include <stdio.h>
#include <string.h>

#include "switchd/core/mac.h"
#include "topo/suggest.h"
#include "topo/text.h"
#include "topo/topo.h"

/* "yes" or "no", or NULL if text is no boolean. */
static const char *plain_bool(const char *text)
{
	static const char *const words[][2] = {
		{"yes", "yes"}, {"on", "yes"}, {"true", "yes"},
		{"no", "no"},   {"off", "no"}, {"false", "no"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i][0], text) == 0)
			return words[i][1];
	}
	return NULL;
}

static bool bool_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	const char *word = plain_bool(text);

	if (!word)
		return err_set(err, "is '%.40s', expected yes or no", text);
	*(bool *)out = strcmp(word, "yes") == 0;
	return true;
}

static void bool_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%s", *(const bool *)value ? "yes" : "no");
}

const struct opt_type opt_bool = {"yes or no", bool_parse, bool_format, false};

/* The index of a word of the row, or -1. */
static int word_index(const struct opt *row, const char *text)
{
	for (int i = 0; row->words[i]; i++) {
		if (strcmp(row->words[i], text) == 0)
			return i;
	}
	return -1;
}

static bool no_such_word(const struct opt *row, const char *text,
			 struct err *err)
{
	struct suggest s = suggest_for(text);
	char list[160] = "";

	for (int i = 0; row->words[i]; i++) {
		const char *comma = row->words[i + 1] ? ", " : " or ";

		suggest_try(&s, row->words[i]);
		opt_append(list, sizeof(list), "%s%s", i ? comma : "",
			   row->words[i]);
	}
	return err_set(err, "is '%.40s', expected %s%s", text, list,
		       suggest_tail(&s));
}

/* on, true, off and false stand for a yes or no among the words. */
static bool word_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	int i = word_index(row, text);

	if (i < 0 && plain_bool(text))
		i = word_index(row, plain_bool(text));
	if (i < 0)
		return no_such_word(row, text, err);
	*(uint32_t *)out = (uint32_t)i;
	return true;
}

static void word_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%s", row->words[*(const uint32_t *)value]);
}

const struct opt_type opt_word = {"word", word_parse, word_format, false};

/* Fills all of out, so that equal texts are equal bytes. */
static bool store(const struct opt *row, const char *text, void *out,
		  struct err *err)
{
	size_t len = strlen(text);

	if (len >= row->size)
		return err_set(err, "is '%.20s...', longer than %zu characters",
			       text, row->size - 1);
	memset(out, 0, row->size);
	memcpy(out, text, len);
	return true;
}

static bool text_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	if (!*text)
		return err_set(err, "is empty");
	if (!text_printable(text))
		return err_set(err, "contains a control character");
	return store(row, text, out, err);
}

static void text_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%s", (const char *)value);
}

const struct opt_type opt_text = {"text", text_parse, text_format, false};

static bool opt_name_parse(const struct opt *row, const struct opt_ctx *ctx,
			   const char *text, void *out, struct err *err)
{
	if (!topo_name_valid(text))
		return err_set(err, "is '%.40s', which cannot be a name", text);
	return store(row, text, out, err);
}

const struct opt_type opt_name = {"name", opt_name_parse, text_format, false};

/*
 * Removes, in place, what does not change where an absolute path leads:
 * doubled and trailing slashes and "." parts; so that one place has one
 * spelling. Returns false if a part is "..".
 */
static bool shorten_path(char *path)
{
	char *to = path;
	const char *from = path;

	while (*from) {
		size_t len = strcspn(from + 1, "/") + 1; /* "/part" */

		if (len == 3 && memcmp(from, "/..", 3) == 0)
			return false;
		if (len > 1 && !(len == 2 && from[1] == '.')) {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
	return true;
}

static bool path_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	char path[1024];

	if (text[0] != '/')
		return err_set(err, "is '%.40s', not an absolute path", text);
	if (!text_printable(text))
		return err_set(err, "contains a control character");
	if (snprintf(path, sizeof(path), "%s", text) >= (int)sizeof(path))
		return store(row, text, out, err);
	if (!shorten_path(path))
		return err_set(err, "is '%.40s': '..' is not allowed in a path",
			       text);
	return store(row, path, out, err);
}

const struct opt_type opt_path = {"path", path_parse, text_format, false};

static bool file_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	char path[1024];

	if (text[0] == '/')
		return err_set(err,
			       "is '%.40s', expected a file below the "
			       "directory of captures: no '/' at its start",
			       text);
	if (!text_printable(text))
		return err_set(err, "contains a control character");
	if (snprintf(path, sizeof(path), "/%s", text) >= (int)sizeof(path))
		return store(row, text, out, err);
	if (!shorten_path(path))
		return err_set(err, "is '%.40s': '..' is not allowed in a path",
			       text);
	if (!path[1])
		return err_set(err, "is '%.40s', not the name of a file", text);
	return store(row, path + 1, out, err);
}

const struct opt_type opt_file = {"file name", file_parse, text_format, false};

/*
 * What the kernel takes (dev_valid_name() in net/core/dev.c) and no shell or
 * sysctl stumbles over; in particular no '%', which asks TUNSETIFF to number.
 */
/* Such a list ends with a name that is empty. */
static bool names_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	char(*names)[TOPO_NAME_SIZE] = out;
	size_t max = row->size / TOPO_NAME_SIZE;
	size_t i = 0;

	while (i < max && *names[i])
		i++;
	if (i == max)
		return err_set(err, "has more than %zu names", max);
	if (strlen(text) >= TOPO_NAME_SIZE || !*text || strchr(text, ','))
		return err_set(err, "is '%.40s', which cannot be a name", text);
	memcpy(names[i], text, strlen(text) + 1);
	return true;
}

static void names_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	const char(*names)[TOPO_NAME_SIZE] = value;

	buf[0] = '\0';
	for (size_t i = 0; i < row->size / TOPO_NAME_SIZE && *names[i]; i++)
		opt_append(buf, size, "%s%s", i ? "," : "", names[i]);
}

const struct opt_type opt_names = {"names", names_parse, names_format, true};

static bool ifname_parse(const struct opt *row, const struct opt_ctx *ctx,
			 const char *text, void *out, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.";

	if (!*text)
		return err_set(err, "is empty");
	if (text[strspn(text, allowed)] || text[0] == '-' || text[0] == '.')
		return err_set(err,
			       "is '%.40s', but names of interfaces have "
			       "letters, digits, '_', '-' and '.' only",
			       text);
	return store(row, text, out, err);
}

const struct opt_type opt_ifname = {"interface name", ifname_parse, text_format,
				    false};

static bool opt_mac_parse(const struct opt *row, const struct opt_ctx *ctx,
			  const char *text, void *out, struct err *err)
{
	struct mac mac;

	if (!mac_parse(text, &mac))
		return err_set(err,
			       "is '%.40s', not a MAC address such as "
			       "52:54:00:12:34:56",
			       text);
	if (mac_is_group(mac.b) || mac_is_zero(mac.b))
		return err_set(err, "is %s, not an address of one station",
			       text);
	*(struct mac *)out = mac;
	return true;
}

static void opt_mac_format(const struct opt *row, const void *value, char *buf,
			   size_t size)
{
	char text[MAC_TEXT_SIZE];

	(void)snprintf(buf, size, "%s", mac_format(value, text));
}

const struct opt_type opt_mac = {"MAC address", opt_mac_parse, opt_mac_format,
				 false};
