/* SPDX-License-Identifier: MIT */
/*
 * Networks whose tree is known: from IEEE 802.1D-1998 and -2004, and from the
 * Bridge Functions Consortium's test suites (IOL). Each is run as STP and as
 * RSTP, which come to the same tree.
 *
 * A line is a bridge, by the end of its address, with what its ports are
 * plugged into:
 *	ID[^priority] PORT...	a LAN a-z, 0 (up, but nobody there), X (down),
 *				or _ (as it was); then [:cost][^priority]
 *	=			a time long enough passes
 *	? ID [root] PORT...	what the bridge is to have come to: D disabled,
 *				B alternate or backup, Li and Le designated and
 *				not yet forwarding, F forwarding, F:cost the
 *				root port
 * Priorities are hexadecimal; the cost of a port is 10 unless it is written.
 */
#include "tests/cmocka.h"

#include <stdio.h>

#include "tests/unit/core/stp_lab.h"

static const struct {
	const char *id;
	const char *script;
} rows[] = {
	{"802.1D-1998", "42 a b\n"
			"97 c:5 a d:5\n"
			"45 b e\n"
			"57 b:5 e:5\n"
			"83 a:5 e:5\n"
			"=\n"
			"? 42 root F F\n"
			"? 97 F F:10 F\n"
			"? 45 F:10 B\n"
			"? 57 F:5 F\n"
			"? 83 F:5 B\n"},
	{"802.1D-2004 17.4", "111 a b e c\n"
			     "222 a b d f\n"
			     "333 c d l j h g\n"
			     "444 e f n m k i\n"
			     "555 g i 0 0\n"
			     "666 h k 0 0\n"
			     "777 j m 0 0\n"
			     "888 l n 0 0\n"
			     "=\n"
			     "? 111 root F F F F\n"
			     "? 222 F:10 B F F\n"
			     "? 333 F:10 B F F F F\n"
			     "? 444 F:10 B F F F F\n"
			     "? 555 F:20 B F F\n"
			     "? 666 F:20 B F F\n"
			     "? 777 F:20 B F F\n"
			     "? 888 F:20 B F F\n"
			     "888 l n o o\n"
			     "=\n"
			     "? 888 F:20 B F B\n"},
	{"802.1D-2004 17.6", "111 a b l\n"
			     "222 b c d\n"
			     "333 d e f\n"
			     "444 f g h\n"
			     "555 j h i\n"
			     "666 l j k\n"
			     "=\n"
			     "? 111 root F F F\n"
			     "? 222 F:10 F F\n"
			     "? 333 F:20 F F\n"
			     "? 444 F:30 F B\n"
			     "? 555 F:20 F F\n"
			     "? 666 F:10 F F\n"},
	{"802.1D-2004 17.7", "aa b\n"
			     "111 a b d f h g e c\n"
			     "222 g h j l n m k i\n"
			     "=\n"
			     "? aa root F\n"
			     "? 111 F F:10 F F F F F F\n"
			     "? 222 B F:20 F F F F F F\n"
			     "111 _ _ _ _ _ g^70 _ _\n"
			     "=\n"
			     "? 111 F F:10 F F F F F F\n"
			     "? 222 F:20 B F F F F F F\n"},
	{"io.1.1", "111 a b c\n"
		   "222 a b c\n"
		   "=\n"
		   "? 111 root F F F\n"
		   "? 222 F:10 B B\n"
		   "222 0 _ _\n"
		   "=\n"
		   "? 222 F F:10 B\n"
		   "222 X _ _\n"
		   "=\n"
		   "? 222 D F:10 B\n"
		   "222 _ 0 _\n"
		   "=\n"
		   "? 222 D F F:10\n"
		   "222 _ X _\n"
		   "=\n"
		   "? 222 D D F:10\n"},
	{"io.1.2", "111 a a\n"
		   "222 a a\n"
		   "=\n"
		   "? 111 root F B\n"
		   "? 222 F:10 B\n"
		   "222 a^90 _\n"
		   "=\n"
		   "? 111 root F B\n"
		   "? 222 B F:10\n"},
	{"io.1.4", "111 a b c\n"
		   "222 b d e\n"
		   "333 a d f\n"
		   "444 c e f\n"
		   "=\n"
		   "? 111 root F F F\n"
		   "? 222 F:10 F F\n"
		   "? 333 F:10 B F\n"
		   "? 444 F:10 B B\n"},
	{"io.1.5", "111 a b d c\n"
		   "222 a b f e\n"
		   "333 c d g h\n"
		   "444 e f g h\n"
		   "=\n"
		   "? 111 root F F F F\n"
		   "? 222 F:10 B F F\n"
		   "? 333 B F:10 F F\n"
		   "? 444 B F:20 B B\n"
		   "222^7000\n"
		   "=\n"
		   "? 111 F:10 B F F\n"
		   "? 222 root F F F F\n"
		   "? 333 B F:20 B B\n"
		   "? 444 B F:10 F F\n"
		   "333^6000\n"
		   "=\n"
		   "? 111 F F B F:10\n"
		   "? 222 F:20 B B B\n"
		   "? 333 root F F F F\n"
		   "? 444 F F F:10 B\n"
		   "444^5000\n"
		   "=\n"
		   "? 111 B B B F:20\n"
		   "? 222 F F B F:10\n"
		   "? 333 F F F:10 B\n"
		   "? 444 root F F F F\n"
		   "111^4000\n"
		   "222^4000\n"
		   "333^4000\n"
		   "444^4000\n"
		   "=\n"
		   "? 111 root F F F F\n"
		   "? 222 F:10 B F F\n"
		   "? 333 B F:10 F F\n"
		   "? 444 B F:20 B B\n"},
	{"op.1.1, op.1.2", "123\n"
			   "? 123 root\n"},
	{"op.1.4", "123 a b c d e f\n"
		   "? 123 root Li Li Li Li Li Li\n"
		   "=\n"
		   "? 123 root F F F F F F\n"},
	{"op.3.1", "111 a\n"
		   "222 a\n"
		   "? 111 root Li\n"
		   "? 222 root Li\n"
		   "=\n"
		   "? 111 root F\n"
		   "? 222 F:10\n"},
	{"op.3.3", "333^6000 a\n"
		   "222^7000 b\n"
		   "111 a b\n"
		   "=\n"
		   "? 333 root F\n"
		   "? 222 F:20\n"
		   "? 111 F:10 F\n"},
	{"RSTP triangle", "111 a:200000 b:200000\n"
			  "222 a:200000 c:200000\n"
			  "333 b:200000 c:200000\n"
			  "=\n"
			  "? 111 root F F\n"
			  "? 222 F:200000 F\n"
			  "? 333 F:200000 B\n"
			  "333 X _\n"
			  "=\n"
			  "? 222 F:200000 F\n"
			  "? 333 D F:400000\n"},
};

/* --- The script ------------------------------------------------------- */

static struct lab lab;
static enum stp_version version;

static struct lab_bridge *find(uint16_t id)
{
	for (unsigned i = 0; i < lab.bridges_count; i++)
		if (lab.bridges[i].conf.mac.b[4] == id >> 8 &&
		    lab.bridges[i].conf.mac.b[5] == (id & 0xff))
			return &lab.bridges[i];
	return lab_add(&lab, id, version);
}

static void plug_in(struct lab_bridge *b, uint16_t number, const char *word)
{
	struct lab_port *p = &b->ports[number];
	struct stp_port_conf conf = {STP_PORT_CONF_DEFAULTS};
	const char *cost = strchr(word, ':');
	const char *priority = strchr(word, '^');

	if (word[0] == '_')
		return;
	conf.cost = cost ? (uint32_t)strtoul(cost + 1, NULL, 10) : 10;
	if (priority)
		conf.priority = (uint8_t)strtoul(priority + 1, NULL, 16);
	if (!p->added)
		(void)lab_port_add(b, number, &conf);
	else
		stp_port_set(b->stp, number, &conf, lab.now);
	/* A LAN may have any number of bridges: not point-to-point. */
	if (word[0] >= 'a' && word[0] <= 'z') {
		if (!p->up || p->lan != word[0] - 'a')
			lab_join(p, word[0] - 'a', true, false);
	} else {
		lab_join(p, LAB_NO_LAN, word[0] == '0', false);
	}
}

static void change(char *line)
{
	char *save = NULL;
	char *word = strtok_r(line, " ", &save);
	char *priority = strchr(word, '^');
	struct lab_bridge *b = find((uint16_t)strtoul(word, NULL, 16));
	uint16_t number = 1;

	if (priority) {
		b->conf.priority = (uint16_t)strtoul(priority + 1, NULL, 16);
		assert_true(stp_conf_check(&b->conf, NULL));
		stp_set(b->stp, &b->conf, lab.now);
	}
	while ((word = strtok_r(NULL, " ", &save)))
		plug_in(b, number++, word);
}

/* As the script would have it. */
static void show_port(const struct lab_port *p, char *out, size_t size)
{
	struct stp_port_info info = lab_info(p);
	struct stp_info bridge;
	const char *word = "F";

	stp_read(p->bridge->stp, &bridge);
	assert_int_equal(info.state, p->state);
	if (info.role == STP_ROLE_DISABLED)
		word = "D";
	else if (info.role == STP_ROLE_ALTERNATE ||
		 info.role == STP_ROLE_BACKUP)
		word = "B";
	else if (info.state != PORT_FORWARDING)
		word = info.state == PORT_LEARNING ? "Le" : "Li";
	assert_int_equal(info.role == STP_ROLE_ROOT,
			 bridge.root_port == p->number);
	if (info.role == STP_ROLE_ROOT)
		(void)snprintf(out, size, " %s:%u", word, bridge.cost);
	else
		(void)snprintf(out, size, " %s", word);
}

static void check(const char *row, const char *expected)
{
	struct lab_bridge *b = find((uint16_t)strtoul(expected, NULL, 16));
	struct stp_info info;
	char shown[128];
	size_t len;

	stp_read(b->stp, &info);
	assert_int_equal(info.root_port == 0, info.root == info.id);
	assert_int_equal(info.root_port == 0, info.cost == 0);
	len = (size_t)snprintf(shown, sizeof(shown), "%x%s",
			       b->conf.mac.b[4] << 8 | b->conf.mac.b[5],
			       info.root_port ? "" : " root");
	for (int port = 1; port <= LAB_PORTS && b->ports[port].added; port++) {
		show_port(&b->ports[port], shown + len, sizeof(shown) - len);
		len += strlen(shown + len);
	}
	if (strcmp(shown, expected) != 0)
		fail_msg("%s, version %d: %s is %s", row, version, expected,
			 shown);
}

static void run_row(const char *id, const char *script)
{
	char text[1024];
	char *save = NULL;

	lab_init(&lab);
	(void)snprintf(text, sizeof(text), "%s", script);
	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (line[0] == '=')
			lab_run(&lab, 180 * LAB_SECOND);
		else if (line[0] == '?')
			check(id, line + 2);
		else
			change(line);
	}
	assert_null(lab_unsound(&lab));
	lab_done(&lab);
}

static void known_trees(void **state)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		version = STP_VERSION_STP;
		run_row(rows[i].id, rows[i].script);
		version = STP_VERSION_RSTP;
		run_row(rows[i].id, rows[i].script);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
