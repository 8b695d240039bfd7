/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "plugs/nat_port.h"

static const char *const state_names[] = {"waiting", "open", "failed"};

static_assert(sizeof(state_names) / sizeof(state_names[0]) == NAT_FORWARD_COUNT,
	      "a name for each state");

const char *nat_forward_state_name(enum nat_forward_state state)
{
	return state_names[state];
}

static void nat_about(const struct plug *plug, struct plug_nat_about *out)
{
	const struct nat *self = nat_of_const(plug);
	struct nat_conf conf;

	(void)nat_opts_resolve(plug->conf, plug->mtu, &conf, NULL);
	*out = (struct plug_nat_about){
		.mac = nat_mac(&conf),
		.ready = self->ready,
		.pid = self->child ? nat_child_pid(self->child) : 0,
		.stats = self->stats,
	};
	for (int i = 0; i < NAT_STAT_COUNT; i++)
		out->stats.count[i] += self->former.count[i];
}

static const struct lease *nat_lease(const struct plug *plug, size_t i,
				     uint64_t now)
{
	const struct nat *self = nat_of_const(plug);

	return self->leases ? leases_at(self->leases, i, now) : NULL;
}

static uint64_t nat_lease_changes(const struct plug *plug)
{
	return nat_of_const(plug)->lease_changes;
}

static bool nat_lease_put(struct plug *plug, const struct lease *lease)
{
	struct nat *self = nat_of(plug);

	return nat_port_prepare(self) && leases_put(self->leases, lease);
}

static bool nat_get_forward(const struct plug *plug, unsigned i,
			    struct plug_nat_forward *out)
{
	return nat_table_get(&nat_of_const(plug)->table, i, out);
}

static bool read_forward(struct nat *self, const char *text,
			 struct nat_forward *forward, struct err *err)
{
	struct nat_rule rule;
	struct err why;

	if (!nat_port_prepare(self))
		return err_set(err, "no memory");
	if (!nat_rule_parse(text, &rule, &why))
		return err_set(err, "the forward %s", why.msg);
	return nat_rule_resolve(&rule, &self->conf, forward, &why) ||
	       err_set(err, "the NAT %s", why.msg);
}

static bool nat_forward_add(struct plug *plug, const char *text,
			    char whole[NAT_FORWARD_SIZE], struct err *err)
{
	struct nat *self = nat_of(plug);
	struct nat_forward forward;

	if (!read_forward(self, text, &forward, err) ||
	    !nat_table_add(&self->table, &forward, err))
		return false;
	(void)nat_forward_format(&forward, whole);
	nat_port_tell(self);
	return true;
}

static bool nat_forward_del(struct plug *plug, const char *text,
			    struct err *err)
{
	struct nat *self = nat_of(plug);
	struct nat_forward forward;

	if (!read_forward(self, text, &forward, err) ||
	    !nat_table_del(&self->table, &forward, err))
		return false;
	nat_port_tell(self);
	return true;
}

const struct plug_nat_ops nat_ops = {
	.about = nat_about,
	.lease = nat_lease,
	.lease_changes = nat_lease_changes,
	.lease_put = nat_lease_put,
	.forward = nat_get_forward,
	.forward_add = nat_forward_add,
	.forward_del = nat_forward_del,
};
