/* SPDX-License-Identifier: MIT */
#include "plugs/nat_table.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Looking up --------------------------------------------------------- */

static bool is_there(const struct nat_slot *slot)
{
	return slot->state != NAT_SLOT_FREE && slot->state != NAT_SLOT_LEAVING;
}

static struct nat_slot *find(struct nat_table *table,
			     const struct nat_forward *forward)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		if (is_there(slot) && nat_forward_same(&slot->forward, forward))
			return slot;
	}
	return NULL;
}

static struct nat_slot *find_clash(struct nat_table *table,
				   const struct nat_forward *forward)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		if (is_there(slot) &&
		    nat_forward_clash(&slot->forward, forward))
			return slot;
	}
	return NULL;
}

bool nat_table_get(const struct nat_table *table, unsigned i,
		   struct plug_nat_forward *out)
{
	const struct nat_slot *slot = table->slots;
	const struct nat_slot *end = slot + NAT_SLOTS;

	while (slot < end && !(is_there(slot) && i-- == 0))
		slot++;
	if (slot == end)
		return false;
	*out = (struct plug_nat_forward){.of_file = slot->of_file};
	(void)nat_forward_format(&slot->forward, out->text);
	if (slot->state == NAT_SLOT_OPEN)
		out->state = NAT_FORWARD_OPEN;
	if (slot->state == NAT_SLOT_FAILED) {
		out->state = NAT_FORWARD_FAILED;
		memcpy(out->reason, slot->reason, sizeof(out->reason));
	}
	return true;
}

/* --- Changing ----------------------------------------------------------- */

static bool insert(struct nat_table *table, const struct nat_forward *forward,
		   bool of_file)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		if (table->slots[i].state != NAT_SLOT_FREE)
			continue;
		table->slots[i] = (struct nat_slot){.forward = *forward,
						    .state = NAT_SLOT_NEW,
						    .of_file = of_file};
		return true;
	}
	return false;
}

/* The process need not be told of what it does not know. */
static void remove_slot(struct nat_slot *slot)
{
	slot->state =
		slot->state == NAT_SLOT_NEW ? NAT_SLOT_FREE : NAT_SLOT_LEAVING;
}

bool nat_table_add(struct nat_table *table, const struct nat_forward *forward,
		   struct err *err)
{
	const struct nat_slot *clash = find_clash(table, forward);
	struct plug_nat_forward last;
	char text[NAT_FORWARD_SIZE];

	if (clash)
		return err_set(err,
			       "there is '%.130s' already: delete that first, "
			       "both %s",
			       nat_forward_format(&clash->forward, text),
			       nat_forward_clash(&clash->forward, forward));
	return (!nat_table_get(table, NAT_FORWARDS_MAX - 1, &last) &&
		insert(table, forward, false)) ||
	       err_set(err, "there are %d forwards already", NAT_FORWARDS_MAX);
}

bool nat_table_del(struct nat_table *table, const struct nat_forward *forward,
		   struct err *err)
{
	struct nat_slot *slot = find(table, forward);
	char text[NAT_FORWARD_SIZE];

	if (!slot)
		return err_set(err, "there is no '%s'",
			       nat_forward_format(forward, text));
	remove_slot(slot);
	return true;
}

/* Those of the file that opts do not have any more. */
static void remove_old(struct nat_table *table, const struct nat_forward *now,
		       unsigned count)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];
		bool stays = !slot->of_file || !is_there(slot);

		for (unsigned k = 0; k < count && !stays; k++)
			stays = nat_forward_same(&slot->forward, &now[k]);
		if (!stays)
			remove_slot(slot);
	}
}

static bool add_of_file(struct nat_table *table,
			const struct nat_forward *forward)
{
	struct nat_slot *slot = find(table, forward);

	if (slot) {
		slot->of_file = true;
		return true;
	}
	/* What was added at run time gives way. */
	while ((slot = find_clash(table, forward)))
		remove_slot(slot);
	return insert(table, forward, true);
}

bool nat_table_follow(struct nat_table *table, const struct nat_opts *opts,
		      const struct nat_conf *conf)
{
	struct nat_forward now[NAT_FORWARDS_MAX];
	unsigned count = 0;

	while (count < NAT_FORWARDS_MAX && opts->rules[count].inner_port) {
		(void)nat_rule_resolve(&opts->rules[count], conf, &now[count],
				       NULL);
		count++;
	}
	remove_old(table, now, count);
	for (unsigned i = 0; i < count; i++) {
		if (!add_of_file(table, &now[i]))
			return false;
	}
	return true;
}

/* --- The process -------------------------------------------------------- */

static bool tell(struct nat_child *child, enum nat_msg_type type,
		 const struct nat_slot *slot)
{
	const struct nat_msg msg = {.type = type, .forward = slot->forward};

	return nat_child_send(child, &msg);
}

static struct unix_path path_of(const struct nat_slot *slot)
{
	struct unix_path path;

	memcpy(path.text, slot->forward.path, sizeof(path.text));
	return path;
}

/* What the process could not have is somebody else's. */
static void remove_path(struct nat_slot *slot, const struct priv *priv)
{
	const struct unix_path path = path_of(slot);

	if (slot->kept && slot->state == NAT_SLOT_FAILED)
		priv->ops->forget(priv->ctx, path.text);
	else if (slot->kept)
		unix_path_unbind(&path, priv);
	slot->kept = false;
}

/* Replaces what a dead program has left, and has the path kept. */
static bool make_path(struct nat_slot *slot, const struct priv *priv)
{
	static const struct unix_access ours;
	const struct unix_path path = path_of(slot);
	struct err err;
	int fd;

	if (!path.text[0])
		return true;
	fd = unix_path_bind(&path, SOCK_STREAM, &ours, priv, &err);
	if (fd < 0) {
		(void)snprintf(slot->reason, sizeof(slot->reason), "%.159s",
			       err.msg);
		slot->state = NAT_SLOT_FAILED;
		slot->news = true;
		return false;
	}
	(void)unlink(path.text);
	(void)close(fd);
	slot->kept = true;
	return true;
}

static bool tell_leaving(struct nat_table *table, struct nat_child *child,
			 const struct priv *priv)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		if (slot->state != NAT_SLOT_LEAVING)
			continue;
		if (!tell(child, NAT_MSG_FORWARD_DEL, slot))
			return false;
		remove_path(slot, priv);
		slot->state = NAT_SLOT_FREE;
	}
	return true;
}

/* What leaves goes first: it may be in the way of what comes. */
bool nat_table_tell(struct nat_table *table, struct nat_child *child,
		    const struct priv *priv)
{
	if (!tell_leaving(table, child, priv))
		return false;
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		if (slot->state != NAT_SLOT_NEW || !make_path(slot, priv))
			continue;
		if (!tell(child, NAT_MSG_FORWARD_ADD, slot))
			return false;
		slot->state = NAT_SLOT_TOLD;
	}
	return true;
}

void nat_table_answered(struct nat_table *table,
			const struct nat_forwarded *answer,
			const struct priv *priv)
{
	struct nat_slot *slot = find(table, &answer->forward);

	if (!slot || slot->state != NAT_SLOT_TOLD)
		return;
	slot->state = answer->ok ? NAT_SLOT_OPEN : NAT_SLOT_FAILED;
	slot->news = true;
	if (!answer->ok)
		remove_path(slot, priv);
	memcpy(slot->reason, answer->reason, sizeof(slot->reason));
}

const struct nat_slot *nat_table_news(struct nat_table *table)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		if (!slot->news)
			continue;
		slot->news = false;
		if (slot->state == NAT_SLOT_OPEN ||
		    slot->state == NAT_SLOT_FAILED)
			return slot;
	}
	return NULL;
}

void nat_table_rewind(struct nat_table *table, const struct priv *priv)
{
	for (unsigned i = 0; i < NAT_SLOTS; i++) {
		struct nat_slot *slot = &table->slots[i];

		remove_path(slot, priv);
		if (slot->state == NAT_SLOT_LEAVING)
			slot->state = NAT_SLOT_FREE;
		else if (slot->state != NAT_SLOT_FREE)
			slot->state = NAT_SLOT_NEW;
	}
}
