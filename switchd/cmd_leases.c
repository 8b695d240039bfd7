/* SPDX-License-Identifier: MIT */
/* switchctl leases: which guest of a NAT has which address, and until when. */
#include "switchd/cmds.h"

#include <arpa/inet.h>

#include "switchd/lab.h"
#include "switchd/nats.h"

#define NS_PER_S 1000000000u

static json_t *make_row(const struct swport *port, size_t i)
{
	uint64_t now = uv_hrtime();
	const struct lease *lease = nats_ops(port)->lease(port->plug, i, now);
	char name[SWPORT_NAME_SIZE], mac[MAC_TEXT_SIZE], addr[INET_ADDRSTRLEN];

	if (!lease)
		return NULL;
	(void)inet_ntop(AF_INET, lease->addr, addr, sizeof(addr));
	return json_pack(
		"{s:s, s:s, s:s, s:o, s:o}", "port",
		swport_full_name(port, name), "address", addr, "mac",
		mac_format(&lease->mac, mac), "name",
		lease->name[0] ? cmd_string(lease->name) : json_null(),
		"expires_s",
		lease->expires == UINT64_MAX
			? json_null()
			: json_integer((json_int_t)((lease->expires - now) /
						    NS_PER_S)));
}

static json_t *serve(struct lab *lab, const json_t *args, struct err *err)
{
	return nats_page(lab, args, make_row, err);
}

static void print(const struct screen *screen, json_t *result)
{
	static const char *const columns[] = {"ADDRESS", "MAC",      "NAME",
					      "PORT",    ">EXPIRES", NULL};
	struct table *table = table_new(screen, columns);
	char left[SCREEN_UNITS_SIZE];
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		const json_t *expires = json_object_get(row, "expires_s");

		table_text(table, cmd_text(row, "address"));
		table_text(table, cmd_text(row, "mac"));
		table_text(table, cmd_text(row, "name"));
		table_text(table, cmd_text(row, "port"));
		table_text(table, json_is_null(expires)
					  ? "never"
					  : screen_duration(
						    json_integer_value(expires),
						    left));
	}
	table_end(table);
}

static const struct cmd_param params[] = {
	{.name = "port", .meta = "PORT"},
	{.name = NULL},
};

const struct cmd cmd_leases = {
	.name = "leases",
	.help = "which guest of a NAT has which address, and until when",
	.params = params,
	.paged = true,
	.serve = serve,
	.print = print,
};
