/* SPDX-License-Identifier: MIT */
#include "plugs/host_nets.h"

#include <stdio.h>
#include <string.h>

#define VIA   "via"
#define DHCP  "dhcp"
#define COLON ": " /* as OPT_KEYED has it */

#define VLAN_TEXT_SIZE ((HOST_NETS_MAX + 3) * NET_TEXT_SIZE)

/* --- Addresses ---------------------------------------------------------- */

/* One word of a list that commas divide: from text, which then is after it. */
static bool next_word(const char **text, char *word, size_t size)
{
	const char *from = *text + strspn(*text, " ");
	size_t len = strcspn(from, ", ");

	*text = from + len;
	*text += strspn(*text, " ");
	(void)snprintf(word, size, "%.*s", (int)len, from);
	return len < size;
}

typedef bool parse_net_fn(const char *text, struct net *net, struct err *err);

/* Addresses up to the end or, if one is allowed, to `via`. */
static bool parse_list(const char **text, parse_net_fn *parse, struct net *list,
		       int room, struct err *err)
{
	for (int i = 0;; i++) {
		char word[64];
		struct err why;

		if (i == room)
			return err_set(err, "has more than %d %s", room,
				       parse == net_parse ? "addresses"
							  : "gateways");
		if (!next_word(text, word, sizeof(word)) ||
		    !parse(word, &list[i], &why))
			return err_set(err, "is '%.40s', expected %s", word,
				       parse == net_parse
					       ? "an address such as "
						 "10.0.0.1/24"
					       : "the address of a gateway");
		if (**text != ',')
			return true;
		++*text;
	}
}

static bool check_gateways(const struct host_nets *nets, struct err *err)
{
	char text[NET_TEXT_SIZE];

	for (int i = 0; i < 2 && nets->via[i].family; i++) {
		const struct net *via = &nets->via[i];

		if (!host_nets_has(nets, via) && !net_is_link_local(via))
			return err_set(err,
				       "has gateway %s, which is on none of "
				       "its networks",
				       net_format_addr(via, text));
	}
	return true;
}

/* The answer of the server has gateways, too. */
static bool parse_dhcp(const char *text, struct host_nets *nets,
		       struct err *err)
{
	nets->dhcp = strcmp(text, DHCP) == 0;
	return nets->dhcp ||
	       err_set(err,
		       "is '%.40s', but with " DHCP " neither addresses nor "
		       "gateways are written",
		       text);
}

static bool parse_fixed(const char *text, struct host_nets *nets,
			struct err *err)
{
	if (!parse_list(&text, net_parse, nets->addr, HOST_NETS_MAX, err))
		return false;
	if (strncmp(text, VIA " ", strlen(VIA " ")) == 0) {
		text += strlen(VIA " ");
		if (!parse_list(&text, net_parse_addr, nets->via, 2, err))
			return false;
	}
	if (*text)
		return err_set(err,
			       "has '%.40s', expected a comma, or %s and a "
			       "gateway",
			       text, VIA);
	return check_gateways(nets, err);
}

static bool nets_parse(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, void *out, struct err *err)
{
	struct host_nets nets;

	memset(&nets, 0, sizeof(nets));
	if (!(strstr(text, DHCP) ? parse_dhcp : parse_fixed)(text, &nets, err))
		return false;
	memcpy(out, &nets, sizeof(nets));
	return true;
}

static void nets_format(const struct opt *row, const void *value, char *buf,
			size_t size)
{
	const struct host_nets *nets = value;
	char text[NET_TEXT_SIZE];

	(void)snprintf(buf, size, "%s", nets->dhcp ? DHCP : "");
	for (int i = 0; i < HOST_NETS_MAX && nets->addr[i].family; i++)
		opt_append(buf, size, "%s%s", i ? ", " : "",
			   net_format(&nets->addr[i], text));
	for (int i = 0; i < 2 && nets->via[i].family; i++)
		opt_append(buf, size, "%s%s", i ? ", " : " " VIA " ",
			   net_format_addr(&nets->via[i], text));
}

const struct opt_type host_nets_type = {"addresses", nets_parse, nets_format,
					false};

bool host_nets_has(const struct host_nets *nets, const struct net *addr)
{
	for (int i = 0; i < HOST_NETS_MAX; i++) {
		if (nets->addr[i].family && net_has(&nets->addr[i], addr))
			return true;
	}
	return false;
}

/* --- VLANs -------------------------------------------------------------- */

/* Reads "10: 10.0.10.1/24"; vlan is zeroed. */
static bool parse_vlan(const struct opt *row, const struct opt_ctx *ctx,
		       const char *text, struct host_vlan *vlan,
		       struct err *err)
{
	const char *value = strstr(text, COLON);
	char key[64];

	(void)snprintf(key, sizeof(key), "%.*s", (int)(value - text), text);
	if (!opt_vlan.parse(row, ctx, key, &vlan->vid, err) ||
	    !nets_parse(row, ctx, value + strlen(COLON), &vlan->nets, err))
		return false;
	return !vlan->nets.dhcp ||
	       err_set(err, "is " DHCP ", which a tagged subinterface cannot");
}

static bool vlans_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct host_vlan *vlans = out;
	struct host_vlan vlan;
	unsigned i;

	memset(&vlan, 0, sizeof(vlan));
	if (!parse_vlan(row, ctx, text, &vlan, err))
		return false;
	for (i = 0; i < HOST_VLANS_MAX && vlans[i].vid; i++) {
		if (vlans[i].vid == vlan.vid)
			return err_set(err, "is VLAN %u once more", vlan.vid);
	}
	if (i == HOST_VLANS_MAX)
		return err_set(err, "is one VLAN more than %d", HOST_VLANS_MAX);
	memcpy(&vlans[i], &vlan, sizeof(vlan));
	return true;
}

static void vlans_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	const struct host_vlan *vlans = value;

	buf[0] = '\0';
	for (int i = 0; i < HOST_VLANS_MAX && vlans[i].vid; i++) {
		char nets[VLAN_TEXT_SIZE];

		nets_format(row, &vlans[i].nets, nets, sizeof(nets));
		opt_append(buf, size, "%s%u" COLON "%s", i ? ";" : "",
			   vlans[i].vid, nets);
	}
}

const struct opt_type host_vlans_type = {"VLANs and addresses", vlans_parse,
					 vlans_format, false};
