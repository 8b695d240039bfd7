/* SPDX-License-Identifier: MIT */
#include "switchd/explain.h"

#include <string.h>

#include "switchd/answer.h"
#include "switchd/cmd.h"
#include "switchd/gist.h"
#include "switchd/lab.h"
#include "switchd/swport.h"

struct trace {
	const struct swport *port; /* where it comes in */
	struct frame frame;
	bool happens; /* or it only would */
	struct bridge_decision decision;
	json_t *steps;  /* sentences */
	json_t *egress; /* rows */
};

static bool is_provider(const struct trace *t)
{
	const struct topo_switch *sw = t->port->sw->topo;

	return topo_vlan_aware(sw) && topo_is_provider(sw);
}

/* One that the switch looks at, if it looks at any. */
static bool has_tag(const struct trace *t)
{
	const struct frame *f = &t->frame;
	uint16_t type = is_provider(t) ? FRAME_TYPE_QINQ : FRAME_TYPE_VLAN;

	return f->len >= FRAME_HEADER + FRAME_TAG && frame_type(f) == type;
}

/* --- Sentences ---------------------------------------------------------- */

static const char *mac_text(const uint8_t *mac, char buf[MAC_TEXT_SIZE])
{
	struct mac copy;

	memcpy(copy.b, mac, sizeof(copy.b));
	return mac_format(&copy, buf);
}

__attribute__((format(printf, 2, 3))) static void say(struct trace *t,
						      const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)json_array_append_new(t->steps, json_vsprintf(fmt, ap));
	va_end(ap);
}

static const char *address_sort(const uint8_t mac[6])
{
	if (mac_is_broadcast(mac))
		return "broadcast: every station";
	return mac_is_group(mac) ? "a multicast group" : "one station";
}

static void say_tag(struct trace *t)
{
	uint16_t tci = frame_tci(&t->frame);

	say(t, "Its %s tag has VID %u and priority %u.",
	    is_provider(t) ? "S-VLAN" : "VLAN", tci & 0xfff, tci >> 13);
}

static void say_header(struct trace *t)
{
	const struct frame *f = &t->frame;
	char name[SWPORT_NAME_SIZE], dst[MAC_TEXT_SIZE], src[MAC_TEXT_SIZE];
	char gist[GIST_SIZE];

	say(t, "A frame of %u bytes comes in on port %s.", f->len,
	    swport_full_name(t->port, name));
	if (f->len < FRAME_HEADER)
		return;
	say(t, "It goes to %s (%s) and comes from %s.",
	    mac_text(frame_dst(f), dst), address_sort(frame_dst(f)),
	    mac_text(frame_src(f), src));
	say(t,
	    "Its type is 0x%04x (%s); the payload has %u bytes, the port's "
	    "mtu is %u.",
	    frame_type(f), gist_type_name(frame_type(f)), frame_payload(f),
	    swport_mtu(t->port->topo));
	if (has_tag(t))
		say_tag(t);
	if (gist_of(f, gist))
		say(t, "What is in it: %s.", gist);
}

static void say_words(struct trace *t)
{
	json_t *words = answer_vlan_words(t->port);

	if (json_is_string(words))
		say(t, "The switch is VLAN-aware%s; this port is \"%.200s\".",
		    is_provider(t) ? " by S-tags, and C-tags are payload" : "",
		    json_string_value(words));
	else
		say(t, "The switch is not VLAN-aware: a tag is payload and "
		       "passes untouched.");
	json_decref(words);
}

static void say_vlan(struct trace *t)
{
	const struct vlan_class *vlan = &t->decision.vlan;

	if (t->port->topo->conf.vlan.tunnel)
		say(t,
		    "All that comes in here, whatever tags it has, belongs to "
		    "the provider's VLAN %u.",
		    vlan->vid);
	else if (!vlan->tagged)
		say(t,
		    "It has no %s tag, so it belongs to the port's own "
		    "VLAN, %u.",
		    is_provider(t) ? "S-VLAN" : "VLAN", vlan->vid);
	else if (vlan->priority)
		say(t,
		    "Its tag has VID 0, only a priority, so it belongs to "
		    "the port's own VLAN, %u.",
		    vlan->vid);
	else
		say(t, "Its tag says VLAN %u, which the port allows.",
		    vlan->vid);
}

static bool is_static(const struct fdb *fdb, uint16_t vid, const uint8_t *mac)
{
	struct fdb_entry entry;
	uint32_t slot = 0;

	while (fdb_next(fdb, &slot, &entry))
		if (entry.vid == vid && memcmp(entry.mac.b, mac, 6) == 0)
			return entry.is_static;
	return false;
}

static const char *port_name(const struct trace *t, int number,
			     char buf[SWPORT_NAME_SIZE])
{
	const struct swport *port =
		lab_port_numbered(t->port->sw, (uint16_t)number);

	return port ? swport_full_name(port, buf) : "a port that is gone";
}

static void say_learn(struct trace *t)
{
	const struct fdb *fdb = bridge_fdb(t->port->sw->bridge);
	const uint8_t *src = frame_src(&t->frame);
	uint16_t vid = t->decision.vlan.vid;
	int known = fdb_lookup(fdb, vid, src);
	char mac[MAC_TEXT_SIZE], old[SWPORT_NAME_SIZE];

	mac_text(src, mac);
	if (known < 0)
		say(t,
		    "Source: %s is new; the switch %s that this port leads to "
		    "it.",
		    mac, t->happens ? "learns" : "would learn");
	else if (is_static(fdb, vid, src))
		say(t,
		    "Source: %s has a static entry for port %s, which "
		    "traffic does not change.",
		    mac, port_name(t, known, old));
	else if (known == t->port->topo->conf.number)
		say(t, "Source: %s is known on this port; its age %s anew.",
		    mac, t->happens ? "begins" : "would begin");
	else
		say(t, "Source: %s was on port %s; its entry %s to this port.",
		    mac, port_name(t, known, old),
		    t->happens ? "moves" : "would move");
}

static const char *of_vlan(const struct trace *t)
{
	return t->decision.vlan.vid ? " of its VLAN" : "";
}

static void say_lookup(struct trace *t)
{
	const struct bridge_decision *d = &t->decision;
	char mac[MAC_TEXT_SIZE], name[SWPORT_NAME_SIZE];

	mac_text(frame_dst(&t->frame), mac);
	switch (d->flood) {
	case FLOOD_NONE:
		if (t->port->sw->topo->conf.mode == MODE_WIRE)
			say(t, "The switch is a wire: it looks at no address "
			       "and sends everything to its other port.");
		else
			say(t,
			    "Destination: %s is known on port %s, so it goes "
			    "there "
			    "alone.",
			    mac, port_name(t, d->egress, name));
		break;
	case FLOOD_UNKNOWN:
		say(t,
		    "Destination: no port is known for %s, so it is flooded "
		    "to all other ports%s.",
		    mac, of_vlan(t));
		break;
	case FLOOD_HUB:
		say(t, "The switch is a hub: it looks at no address and floods "
		       "to all other ports.");
		break;
	case FLOOD_BROADCAST:
	case FLOOD_MULTICAST:
	case FLOOD_COUNT:
		say(t,
		    "Destination: a group address (%s), so it is flooded to "
		    "all other ports%s.",
		    bridge_flood_name(d->flood), of_vlan(t));
		break;
	}
}

/* --- Where it leaves ---------------------------------------------------- */

static bool leaves_tagged(const struct trace *t, enum tag_op op)
{
	const struct vlan_class *vlan = &t->decision.vlan;

	return op == TAG_PUSH || op == TAG_REPLACE ||
	       (op == TAG_KEEP && (vlan->vid ? vlan->tagged : has_tag(t)));
}

/* The tag it leaves with, or null; on a switch that is not VLAN-aware its own.
 */
static json_t *tag_value(const struct trace *t, enum tag_op op)
{
	uint16_t vid = t->decision.vlan.vid;

	if (!leaves_tagged(t, op))
		return json_null();
	if (!vid)
		vid = frame_tci(&t->frame) & 0xfff;
	return json_integer(vid);
}

static void add_egress(struct trace *t, const struct swport *out,
		       enum tag_op op)
{
	char name[SWPORT_NAME_SIZE], far_name[SWPORT_NAME_SIZE];
	bool fits = frame_payload(&t->frame) <= swport_mtu(out->topo);
	bool down = false;
	const struct swport *far = link_far(out, &down);
	const char *drop = fits ? NULL : drop_name(DROP_TX_TOO_BIG);

	if (fits && down)
		drop = drop_name(DROP_TX_LINK_DOWN);
	(void)json_array_append_new(
		t->egress,
		json_pack("{s:s, s:o, s:s?, s:s?}", "port",
			  swport_full_name(out, name), "tag", tag_value(t, op),
			  "drop", drop, "link_to",
			  far ? swport_full_name(far, far_name) : NULL));
}

/* The next port, from number *i of the list on, that it leaves on, or NULL. */
static const struct swport *next_egress(const struct trace *t, size_t *i,
					enum tag_op *op)
{
	const struct lab_switch *sw = t->port->sw;
	const struct bridge_decision *d = &t->decision;

	while (*i < sw->port_count) {
		const struct swport *out = sw->ports[(*i)++];
		uint16_t number = out->topo->conf.number;

		if (out != t->port && out->in_bridge &&
		    (d->flood != FLOOD_NONE || number == d->egress) &&
		    !bridge_isolates(sw->bridge, t->port->topo->conf.number,
				     number) &&
		    bridge_egress(sw->bridge, number, &d->vlan, op))
			return out;
	}
	return NULL;
}

static void find_egress(struct trace *t)
{
	const struct swport *out;
	enum tag_op op;
	size_t i = 0;

	while ((out = next_egress(t, &i, &op)))
		add_egress(t, out, op);
}

/* How many copies of it the mirror gets. */
static unsigned copies_for(const struct trace *t,
			   const struct topo_port *mirror)
{
	unsigned copies = t->frame.len >= FRAME_HEADER &&
			  topo_mirrors(mirror, t->port->topo, TOPO_RX);
	const struct swport *out;
	enum tag_op op;
	size_t i = 0;

	while (!t->decision.dropped && (out = next_egress(t, &i, &op)))
		copies += topo_mirrors(mirror, out->topo, TOPO_TX) &&
			  frame_payload(&t->frame) <= swport_mtu(out->topo);
	return copies;
}

static void say_mirrors(struct trace *t)
{
	const struct topo_switch *sw = t->port->sw->topo;

	for (size_t i = 0; i < sw->port_count; i++) {
		unsigned copies = copies_for(t, &sw->ports[i]);

		if (copies > 0)
			say(t, "Mirror %s.%s gets %u cop%s.", sw->name,
			    sw->ports[i].name, copies,
			    copies == 1 ? "y" : "ies");
	}
}

static void explain(struct trace *t)
{
	struct bridge_decision *d = &t->decision;
	bool is_switch = t->port->sw->topo->conf.mode == MODE_SWITCH;

	bridge_decide(t->port->sw->bridge, t->port->topo->conf.number,
		      &t->frame, d);
	say_header(t);
	if (t->frame.len >= FRAME_HEADER && is_switch)
		say_words(t);
	if (d->learn) {
		if (d->vlan.vid)
			say_vlan(t);
		say_learn(t);
	}
	if (d->dropped) {
		say(t, "It is dropped here (%s): %s.", drop_name(d->why),
		    drop_text(d->why));
	} else {
		say_lookup(t);
		find_egress(t);
	}
	say_mirrors(t);
}

static json_t *result_of(const struct trace *t)
{
	const struct bridge_decision *d = &t->decision;
	char name[SWPORT_NAME_SIZE];

	return json_pack(
		"{s:s, s:i, s:b, s:s?, s:s?, s:o, s:b, s:O, s:O}", "port",
		swport_full_name(t->port, name), "bytes", (int)t->frame.len,
		"dropped", d->dropped, "drop",
		d->dropped ? drop_name(d->why) : NULL, "flood",
		d->dropped ? NULL : bridge_flood_name(d->flood), "vlan",
		d->vlan.vid ? json_integer(d->vlan.vid) : json_null(), "learn",
		d->learn, "steps", t->steps, "egress", t->egress);
}

json_t *explain_frame(const struct swport *port, const struct frame *f,
		      bool happens)
{
	struct trace t = {.port = port,
			  .frame = *f,
			  .happens = happens,
			  .steps = json_array(),
			  .egress = json_array()};
	json_t *result;

	explain(&t);
	result = result_of(&t);
	json_decref(t.steps);
	json_decref(t.egress);
	return result;
}

static json_t *mac_value(const uint8_t *bytes)
{
	char text[MAC_TEXT_SIZE];

	return json_string(mac_text(bytes, text));
}

void explain_name(json_t *object, const struct frame *f)
{
	bool whole = f->len >= FRAME_HEADER;
	char gist[GIST_SIZE];
	json_t *fields;

	(void)gist_of(f, gist);
	fields = json_pack(
		"{s:I, s:o, s:o, s:o, s:s}", "bytes", (json_int_t)f->len, "src",
		whole ? mac_value(frame_src(f)) : json_null(), "dst",
		whole ? mac_value(frame_dst(f)) : json_null(), "type",
		whole ? json_sprintf("0x%04x", frame_type(f)) : json_null(),
		"text", gist);

	(void)json_object_update(object, fields);
	json_decref(fields);
}

json_t *explain_flood(const struct swport *port,
		      const struct bridge_decision *d, size_t *count)
{
	const struct trace t = {.port = port, .decision = *d};
	char name[SWPORT_NAME_SIZE];
	json_t *names = json_array();
	const struct swport *out;
	enum tag_op op;
	size_t i = 0;

	for (*count = 0; (out = next_egress(&t, &i, &op)); ++*count)
		if (*count < EXPLAIN_NAMES_MAX)
			(void)json_array_append_new(
				names,
				json_string(swport_full_name(out, name)));
	return names;
}

/* --- For eyes ------------------------------------------------------------ */

static void print_egress(struct table *table, const json_t *row)
{
	const json_t *tag = json_object_get(row, "tag");
	const char *drop = cmd_text(row, "drop");
	const char *link_to = cmd_text(row, "link_to");

	table_text(table, cmd_text(row, "port"));
	table_text(table, json_is_null(tag) ? "untagged" : "tagged");
	table_count(table, json_integer_value(tag));
	table_text(table, drop ? drop : "sent");
	if (link_to && !drop)
		table_note(table, "comes in on %s", link_to);
}

void explain_print(const struct screen *screen, const json_t *explained)
{
	static const char *const columns[] = {"LEAVES ON", "TAG", ">VID",
					      "THEN", NULL};
	const json_t *steps = json_object_get(explained, "steps");
	const json_t *egress = json_object_get(explained, "egress");
	struct table *table;
	const json_t *item;
	size_t i;

	json_array_foreach(steps, i, item) fprintf(
		screen->out, "%zu. %s\n", i + 1, json_string_value(item));
	if (json_array_size(egress) == 0)
		return;
	putc('\n', screen->out);
	table = table_new(screen, columns);
	json_array_foreach(egress, i, item) print_egress(table, item);
	table_end(table);
}
