/* SPDX-License-Identifier: MIT */
#include "plugs/nat_forward.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define ARROW "->"

/* --- Reading ------------------------------------------------------------ */

static bool err_shape(const char *text, struct err *err)
{
	return err_set(err,
		       "has '%.60s', expected tcp|udp OUTSIDE -> GUEST:PORT, "
		       "such as tcp 2222 -> .15:22",
		       text);
}

/* Copies len bytes of text without the blanks around them. */
static bool trim(const char *text, size_t len, char *buf, size_t size)
{
	while (len > 0 && strchr(" \t", *text)) {
		text++;
		len--;
	}
	while (len > 0 && strchr(" \t", text[len - 1]))
		len--;
	(void)snprintf(buf, size, "%.*s", (int)len, text);
	return len > 0 && len < size;
}

static bool parse_outer(const char *text, struct nat_rule *rule,
			struct err *err)
{
	char copy[NAT_FORWARD_SIZE];

	if (text[0] == '/') {
		if (rule->udp)
			return err_set(err,
				       "has '%.80s' for udp: a unix socket "
				       "leads to tcp",
				       text);
		if (strchr(text, ','))
			return err_set(err, "has a comma in path '%.80s'",
				       text);
		return unix_path_parse(&rule->path, text, err);
	}
	if (inet_end_parse_port(text, &rule->outer.port)) {
		inet_end_set_loopback(&rule->outer, AF_INET);
		return true;
	}
	(void)snprintf(copy, sizeof(copy), "%s", text);
	return inet_end_parse(copy, &rule->outer, err);
}

/* ".15:22", "10.0.2.15:22", "[fd00::15]:22", ":22" */
static bool parse_inner(const char *text, struct nat_rule *rule,
			struct err *err)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
	char addr[NAT_FORWARD_SIZE];
	struct err why;

	if (!colon || !inet_end_parse_port(colon + 1, &rule->inner_port))
		return err_set(err,
			       "has guest '%.60s', expected ADDRESS:PORT, such "
			       "as .15:22",
			       text);
	if (colon == text)
		return true;
	(void)snprintf(addr, sizeof(addr), "%.*s",
		       (int)(len - (brackets ? 2 : 0)), text + brackets);
	if (!nat_addr_parse(addr, &rule->inner, &why))
		return err_set(err, "has guest %s", why.msg);
	if (brackets != (rule->inner.net.family == AF_INET6))
		return err_set(err,
			       "has guest '%.60s': brackets are for IPv6 "
			       "addresses, and all of them",
			       text);
	return true;
}

bool nat_rule_parse(const char *text, struct nat_rule *rule, struct err *err)
{
	const char *arrow = strstr(text, ARROW);
	char outer[NAT_FORWARD_SIZE], inner[NAT_FORWARD_SIZE];
	struct nat_rule found;

	memset(&found, 0, sizeof(found));
	found.udp = strncmp(text, "udp ", 4) == 0;
	if (!arrow || (!found.udp && strncmp(text, "tcp ", 4) != 0) ||
	    arrow < text + 4 ||
	    !trim(text + 4, (size_t)(arrow - text - 4), outer, sizeof(outer)) ||
	    !trim(arrow + 2, strlen(arrow + 2), inner, sizeof(inner)))
		return err_shape(text, err);
	if (!parse_outer(outer, &found, err) ||
	    !parse_inner(inner, &found, err))
		return false;
	memcpy(rule, &found, sizeof(found));
	return true;
}

/* --- Writing ------------------------------------------------------------ */

static void format_parts(bool udp, const char *outer, const char *inner,
			 uint16_t port, char buf[NAT_FORWARD_SIZE])
{
	bool brackets = strchr(inner, ':') != NULL;

	(void)snprintf(buf, NAT_FORWARD_SIZE, "%s %s " ARROW " %s%s%s:%u",
		       udp ? "udp" : "tcp", outer, brackets ? "[" : "", inner,
		       brackets ? "]" : "", (unsigned)port);
}

static void rule_format(const struct nat_rule *rule, char buf[NAT_FORWARD_SIZE])
{
	char outer[INET_END_SIZE], inner[NAT_ADDR_SIZE] = "";

	if (rule->inner.net.family)
		(void)nat_addr_format(&rule->inner, inner);
	format_parts(rule->udp,
		     rule->path.text[0] ? rule->path.text
					: inet_end_format(&rule->outer, outer),
		     inner, rule->inner_port, buf);
}

static struct inet_end outer_end(const struct nat_forward *f)
{
	struct inet_end end = {.family = f->outer.family,
			       .port = f->outer_port};

	memcpy(end.addr, f->outer.addr, sizeof(end.addr));
	return end;
}

const char *nat_forward_format(const struct nat_forward *forward,
			       char buf[NAT_FORWARD_SIZE])
{
	struct inet_end end = outer_end(forward);
	char outer[INET_END_SIZE], inner[NET_TEXT_SIZE];

	format_parts(forward->udp,
		     forward->path[0] ? forward->path
				      : inet_end_format(&end, outer),
		     net_format_addr(&forward->inner, inner),
		     forward->inner_port, buf);
	return buf;
}

/* --- The type ----------------------------------------------------------- */

static bool rules_parse(const struct opt *row, const struct opt_ctx *ctx,
			const char *text, void *out, struct err *err)
{
	struct nat_rule *rules = out;
	unsigned i = 0;

	while (i < NAT_FORWARDS_MAX && rules[i].inner_port)
		i++;
	if (i == NAT_FORWARDS_MAX)
		return err_set(err, "has more than %d forwards",
			       NAT_FORWARDS_MAX);
	return nat_rule_parse(text, &rules[i], err);
}

static void rules_format(const struct opt *row, const void *value, char *buf,
			 size_t size)
{
	const struct nat_rule *rules = value;
	char text[NAT_FORWARD_SIZE];

	buf[0] = '\0';
	for (unsigned i = 0; i < NAT_FORWARDS_MAX && rules[i].inner_port; i++) {
		rule_format(&rules[i], text);
		opt_append(buf, size, "%s%s", i ? "," : "", text);
	}
}

const struct opt_type nat_rules_type = {
	.name = "forwards",
	.parse = rules_parse,
	.format = rules_format,
	.list = true,
};

/* --- Meaning ------------------------------------------------------------ */

static bool check_guest(const struct nat_forward *f,
			const struct nat_conf *conf, struct err *err)
{
	char text[NAT_FORWARD_SIZE], net[NET_TEXT_SIZE];
	bool six = f->inner.family == AF_INET6;

	(void)nat_forward_format(f, text);
	if (six && !conf->net6.family)
		return err_set(err, "has forward '%.150s', but 'ipv6: off'",
			       text);
	if (!nat_is_guest(conf, &f->inner))
		return err_set(err,
			       "has forward '%.150s' to what cannot be a guest "
			       "in %s",
			       text,
			       net_format(six ? &conf->net6 : &conf->net, net));
	return true;
}

bool nat_rule_resolve(const struct nat_rule *rule, const struct nat_conf *conf,
		      struct nat_forward *forward, struct err *err)
{
	const struct inet_end *outer = &rule->outer;

	*forward = (struct nat_forward){
		.udp = rule->udp,
		.outer_port = outer->port,
		.inner = rule->inner.net.family
				 ? nat_addr_in(&rule->inner, &conf->net)
				 : conf->pool_first,
		.inner_port = rule->inner_port,
	};
	if (!forward->inner.family)
		return err_set(
			err,
			"has a forward to ':%u' and 'dhcp: off', so that "
			"there is no first guest",
			(unsigned)rule->inner_port);
	memcpy(forward->path, rule->path.text, sizeof(forward->path));
	if (outer->family) {
		forward->outer.family = (uint8_t)outer->family;
		forward->outer.bits = net_width(forward->outer.family);
		memcpy(forward->outer.addr, outer->addr, sizeof(outer->addr));
	}
	return check_guest(forward, conf, err);
}

bool nat_forward_same(const struct nat_forward *a, const struct nat_forward *b)
{
	return a->udp == b->udp && strcmp(a->path, b->path) == 0 &&
	       nat_addr_same(&a->outer, &b->outer) &&
	       a->outer_port == b->outer_port &&
	       nat_addr_same(&a->inner, &b->inner) &&
	       a->inner_port == b->inner_port;
}

static bool is_wildcard(const struct net *addr)
{
	static const uint8_t any[sizeof(addr->addr)];

	return memcmp(addr->addr, any, sizeof(any)) == 0;
}

static bool begin_at_one(const struct nat_forward *a,
			 const struct nat_forward *b)
{
	if (a->path[0] || b->path[0])
		return strcmp(a->path, b->path) == 0;
	return a->outer_port == b->outer_port &&
	       a->outer.family == b->outer.family &&
	       (is_wildcard(&a->outer) || is_wildcard(&b->outer) ||
		nat_addr_same(&a->outer, &b->outer));
}

const char *nat_forward_clash(const struct nat_forward *a,
			      const struct nat_forward *b)
{
	if (a->udp != b->udp)
		return NULL;
	if (begin_at_one(a, b))
		return "begin at the same place";
	if (a->udp && a->inner_port == b->inner_port &&
	    nat_addr_same(&a->inner, &b->inner))
		return "lead to one UDP port";
	return NULL;
}
