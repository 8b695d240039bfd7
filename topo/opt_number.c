/* SPDX-License-Identifier: MIT */
/*
 * The types of options that count: decimal numbers, modes, durations, sizes,
 * rates, shares.
 *
 * Only what can be read in one way is taken: no plus, no leading zero (octal
 * to some readers), no exponent, no hexadecimal; durations and sizes have their
 * unit, and KB is 1000 bytes.
 */
#include "topo/opt.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Reads digits at the start of text; numbers beyond 64 bits become the
 * highest. Returns what follows, or NULL if there is no plain number.
 */
static const char *read_number(const char *text, uint64_t *n)
{
	uint64_t value = 0;

	if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1])))
		return NULL;
	for (; is_digit(*text); text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (value > (UINT64_MAX - digit) / 10)
			value = UINT64_MAX;
		else
			value = value * 10 + digit;
	}
	*n = value;
	return text;
}

static bool in_range(const struct opt *row, uint64_t n)
{
	return n >= (uint64_t)row->min && n <= (uint64_t)row->max;
}

static bool read_decimal(const struct opt *row, const char *text, uint64_t *n,
			 struct err *err)
{
	const char *end = read_number(text, n);

	if (text[0] == '0' && is_digit(text[1]))
		return err_set(err, "is '%.40s': no leading zeros, please",
			       text);
	if (!end || *end)
		return err_set(err, "is '%.40s', not a whole number", text);
	if (!in_range(row, *n))
		return err_set(err, "is %.40s, outside %lld-%lld", text,
			       row->min, row->max);
	return true;
}

static bool in_steps(const struct opt *row, uint64_t n)
{
	return !row->step || n % (uint64_t)row->step == 0;
}

static bool uint_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	uint64_t n;

	if (!read_decimal(row, text, &n, err))
		return false;
	if (!in_steps(row, n))
		return err_set(err, "is %.40s, but goes in steps of %lld", text,
			       row->step);
	*(uint32_t *)out = (uint32_t)n;
	return true;
}

static void uint_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%" PRIu32, *(const uint32_t *)value);
}

const struct opt_type opt_uint = {"number", uint_parse, uint_format, false};

static bool int_parse(const struct opt *row, const struct opt_ctx *ctx,
		      const char *text, void *out, struct err *err)
{
	bool negative = *text == '-';
	uint64_t size;
	const char *end = read_number(text + negative, &size);
	long long n;

	if (!end || *end)
		return err_set(err, "is '%.40s', not a whole number", text);
	n = size > INT32_MAX ? INT32_MAX : (long long)size;
	n = negative ? -n : n;
	if (n < row->min || n > row->max)
		return err_set(err, "is %.40s, outside %lld to %lld", text,
			       row->min, row->max);
	*(int32_t *)out = (int32_t)n;
	return true;
}

static void int_format(const struct opt *row, const void *value, char *buf,
		       size_t size)
{
	(void)snprintf(buf, size, "%" PRId32, *(const int32_t *)value);
}

const struct opt_type opt_int = {"signed number", int_parse, int_format, false};

static bool port_nr_parse(const struct opt *row, const struct opt_ctx *ctx,
			  const char *text, void *out, struct err *err)
{
	uint64_t n;

	if (!read_decimal(row, text, &n, err))
		return false;
	*(uint16_t *)out = (uint16_t)n;
	return true;
}

static void port_nr_format(const struct opt *row, const void *value, char *buf,
			   size_t size)
{
	(void)snprintf(buf, size, "%" PRIu16, *(const uint16_t *)value);
}

const struct opt_type opt_port_nr = {"port number", port_nr_parse,
				     port_nr_format, false};

static bool mode_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	uint32_t mode = 0;
	size_t len = strlen(text);

	if (len < 3 || len > 4 || strspn(text, "01234567") != len ||
	    (len == 4 && text[0] != '0'))
		return err_set(err, "is '%.40s', not a mode such as 0660",
			       text);
	for (; *text; text++)
		mode = mode << 3 | (uint32_t)(*text - '0');
	if (!in_range(row, mode))
		return err_set(err, "is %04o, outside %04llo-%04llo", mode,
			       row->min, row->max);
	*(uint32_t *)out = mode;
	return true;
}

static void mode_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	(void)snprintf(buf, size, "%04" PRIo32, *(const uint32_t *)value);
}

const struct opt_type opt_mode = {"mode", mode_parse, mode_format, false};

/* --- Numbers with a unit ------------------------------------------------ */

struct unit {
	const char *name;
	uint64_t base;
};

struct units {
	struct unit unit[8]; /* the largest first; ends with one of 1 */
	const char *example;
	const char *list;
};

static const struct units times = {
	.unit = {{"h", 3600000000000},
		 {"m", 60000000000},
		 {"min", 60000000000},
		 {"s", 1000000000},
		 {"ms", 1000000},
		 {"us", 1000},
		 {"ns", 1}},
	.example = "20ms",
	.list = "ns, us, ms, s, m, h",
};

static const struct units sizes = {
	.unit = {{"GB", 1000000000}, {"MB", 1000000}, {"KB", 1000}, {"B", 1}},
	.example = "50MB",
	.list = "B, KB, MB, GB",
};

static const struct units rates = {
	.unit = {{"gbit", 1000000000},
		 {"mbit", 1000000},
		 {"kbit", 1000},
		 {"bit", 1}},
	.example = "10mbit",
	.list = "bit, kbit, mbit, gbit",
};

/* The base units in a unit, 0 if there is none of that name. */
static uint64_t find_unit(const struct units *units, const char *name)
{
	for (const struct unit *unit = units->unit; unit->name; unit++) {
		if (strcmp(unit->name, name) == 0)
			return unit->base;
	}
	return 0;
}

/* In the largest unit that leaves a whole number. */
static void write_quantity(const struct units *units, uint64_t n, char *buf,
			   size_t size)
{
	const struct unit *unit = units->unit;

	while (n % unit->base)
		unit++;
	(void)snprintf(buf, size, "%" PRIu64 "%s", n / unit->base, unit->name);
}

static bool quantity_range(const struct opt *row, const struct units *units,
			   const char *text, struct err *err)
{
	char min[32] = "0";
	char max[32];

	if (row->min > 0)
		write_quantity(units, (uint64_t)row->min, min, sizeof(min));
	write_quantity(units, (uint64_t)row->max, max, sizeof(max));
	return err_set(err, "is %.40s, outside %s-%s", text, min, max);
}

static bool read_quantity(const struct opt *row, const struct units *units,
			  const char *text, uint64_t *out, struct err *err)
{
	uint64_t n, base;
	const char *unit = read_number(text, &n);

	if (!unit || *unit == '.')
		return err_set(err,
			       "is '%.40s', not a whole number with a unit "
			       "such as %s",
			       text, units->example);
	if (!*unit)
		return err_set(err, "is %.40s without a unit: %s", text,
			       units->list);
	base = find_unit(units, unit);
	if (!base)
		return err_set(err, "is '%.40s', but the units are %s", text,
			       units->list);
	if (n > UINT64_MAX / base || !in_range(row, n * base))
		return quantity_range(row, units, text, err);
	*out = n * base;
	return true;
}

static bool duration_parse(const struct opt *row, const struct opt_ctx *ctx,
			   const char *text, void *out, struct err *err)
{
	char step[32];
	uint64_t ns = 0;

	if (row->min == 0 && (!strcmp(text, "off") || !strcmp(text, "0"))) {
		*(uint64_t *)out = 0;
		return true;
	}
	if (!read_quantity(row, &times, text, &ns, err))
		return false;
	if (!in_steps(row, ns)) {
		write_quantity(&times, (uint64_t)row->step, step, sizeof(step));
		return err_set(err, "is %.40s, but goes in steps of %s", text,
			       step);
	}
	*(uint64_t *)out = ns;
	return true;
}

static void duration_format(const struct opt *row, const void *value, char *buf,
			    size_t size)
{
	uint64_t ns = *(const uint64_t *)value;

	if (ns == 0 && row->min == 0)
		(void)snprintf(buf, size, "off");
	else
		write_quantity(&times, ns, buf, size);
}

const struct opt_type opt_duration = {"duration", duration_parse,
				      duration_format, false};

static bool size_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	return read_quantity(row, &sizes, text, out, err);
}

static void size_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	write_quantity(&sizes, *(const uint64_t *)value, buf, size);
}

const struct opt_type opt_size = {"size", size_parse, size_format, false};

static bool rate_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	if (strcmp(text, "off") == 0) {
		*(uint64_t *)out = 0;
		return true;
	}
	return read_quantity(row, &rates, text, out, err);
}

static void rate_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	uint64_t bps = *(const uint64_t *)value;

	if (bps == 0)
		(void)snprintf(buf, size, "off");
	else
		write_quantity(&rates, bps, buf, size);
}

const struct opt_type opt_rate = {"rate", rate_parse, rate_format, false};

/* --- Shares ------------------------------------------------------------- */

#define PERCENT 10000u /* millionths */

/* Reads up to four digits behind the point, as ten thousandths. Returns what
 * follows, or NULL. */
static const char *read_fraction(const char *text, uint64_t *n)
{
	unsigned unit = PERCENT / 10;

	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text) && unit > 0; text++, unit /= 10)
		*n += (uint64_t)(*text - '0') * unit;
	return is_digit(*text) ? NULL : text;
}

static bool share_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	uint64_t n = 0;
	const char *end =
		read_number(strcmp(text, "off") == 0 ? "0%" : text, &n);

	if (n > 100)
		n = 101;
	n *= PERCENT;
	if (end && *end == '.')
		end = read_fraction(end + 1, &n);
	while (end && *end == ' ')
		end++;
	if (!end || strcmp(end, "%") != 0)
		return err_set(err,
			       "is '%.40s', not a share such as 1%% or 0.05%%",
			       text);
	if (!in_range(row, n))
		return err_set(err, "is %.40s, outside 0%%-100%%", text);
	*(uint32_t *)out = (uint32_t)n;
	return true;
}

static void share_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	uint32_t n = *(const uint32_t *)value;
	int len = snprintf(buf, size, "%" PRIu32 ".%04" PRIu32, n / PERCENT,
			   n % PERCENT);

	while (buf[len - 1] == '0')
		len--;
	if (buf[len - 1] == '.')
		len--;
	memcpy(buf + len, "%", sizeof("%"));
}

const struct opt_type opt_share = {"share", share_parse, share_format, false};

static const struct units per_second = {
	.unit = {{"/s", 1}},
	.example = "1000/s",
	.list = "/s",
};

static bool per_s_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	uint64_t n = 0;

	if (!read_quantity(row, &per_second, text, &n, err))
		return false;
	*(uint32_t *)out = (uint32_t)n;
	return true;
}

static void per_s_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	write_quantity(&per_second, *(const uint32_t *)value, buf, size);
}

const struct opt_type opt_per_s = {"frames a second", per_s_parse, per_s_format,
				   false};
