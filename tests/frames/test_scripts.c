/* SPDX-License-Identifier: MIT */
/*
 * Runs every *.frames of this folder. One line is one word and its arguments,
 * '#' begins a comment. What is done:
 *
 *	bridge [hub] [aware] [limit=N]		first of all
 *	port P [mtu=N] [pvid=V] [tagged=LIST]	adds, or changes, a port
 *	remove P
 *	in P FRAME [; FRAME]...			one burst
 *	age S					S seconds go by
 *	flush [port P | vid V]
 *	static V MAC P				delete V MAC
 *	set aware|unaware|hub|switch|wire
 *
 * What is expected of it, all of it: a frame or a drop that no line tells of
 * is an error at the next line of the first sort.
 *
 *	out P[,P]... FRAME			in the order of each port
 *	drop P REASON [N]
 *	fdb V MAC P [static]			nofdb V MAC
 *	count N					entries of the fdb
 *
 * A FRAME is SRC>DST and any of
 *
 *	q10 q10p3	a C-tag of VID 10 (with priority 3); s20: an S-tag
 *	type=0806	default 0800
 *	len=60		without tags; the payload counts 0, 1, 2 ...
 *	cut=15		only that many bytes, tags included
 *
 * or hex:BYTES. A MAC is written out, or a letter a-z (02:00:00:00:00:0a to
 * :23), "all", "mc" (33:33:00:00:00:01), "zero", or r00-rff
 * (01:80:c2:00:00:XX).
 */
#include "tests/cmocka.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/frames/rig.h"

#define SCRIPTS_MAX 64
#define BUFFER_SIZE (FRAME_MAX + 64)

struct script {
	const char *path;
	unsigned line;
	bool begun;
	struct rig rig;
	struct counters seen[RIG_PORTS]; /* drops that lines told of */
	uint8_t bytes[FRAME_BURST][BUFFER_SIZE];
};

__attribute__((noreturn)) static void bad(const struct script *s,
					  const char *what, const char *word)
{
	fail_msg("%s:%u: %s: %s", s->path, s->line, what, word ? word : "");
	abort();
}

/* --- Words ----------------------------------------------------------- */

static char *next_word(char **rest)
{
	return strtok_r(*rest, " \t\n", rest);
}

static unsigned long number(const struct script *s, const char *word, int base)
{
	char *end;
	unsigned long n = word ? strtoul(word, &end, base) : 0;

	if (!word || end == word || *end)
		bad(s, "not a number", word);
	return n;
}

static uint16_t next_port(const struct script *s, char **rest)
{
	char *word = next_word(rest);
	unsigned long n = number(s, word, 10);

	if (n >= RIG_PORTS)
		bad(s, "no such port", word);
	return (uint16_t)n;
}

static uint16_t next_vid(const struct script *s, char **rest)
{
	return (uint16_t)number(s, next_word(rest), 10);
}

/* The value in "key=value", or NULL. */
static const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1
								: NULL;
}

static struct mac parse_mac(const struct script *s, const char *word)
{
	struct mac mac = {{0}};

	if (!word)
		bad(s, "no address", NULL);
	if (strcmp(word, "zero") == 0 || mac_parse(word, &mac))
		return mac;
	if (strcmp(word, "all") == 0) {
		memset(mac.b, 0xff, sizeof(mac.b));
	} else if (strcmp(word, "mc") == 0) {
		mac = (struct mac){{0x33, 0x33, 0, 0, 0, 1}};
	} else if (strlen(word) == 3 && word[0] == 'r') {
		mac = (struct mac){{0x01, 0x80, 0xc2}};
		mac.b[5] = (uint8_t)number(s, word + 1, 16);
	} else if (strlen(word) == 1 && word[0] >= 'a' && word[0] <= 'z') {
		mac = (struct mac){{0x02}};
		mac.b[5] = (uint8_t)(word[0] - 'a' + 10);
	} else {
		bad(s, "not an address", word);
	}
	return mac;
}

/* --- Frames ---------------------------------------------------------- */

static uint32_t parse_hex(const struct script *s, const char *hex,
			  uint8_t *bytes)
{
	uint32_t len = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		char pair[3] = {hex[0], hex[1], '\0'};

		bytes[len++] = (uint8_t)number(s, pair, 16);
	}
	if (*hex)
		bad(s, "half a byte", hex);
	return len;
}

static void parse_addresses(const struct script *s, char *word, uint8_t *bytes)
{
	char *dst = strchr(word, '>');
	struct mac mac;

	if (!dst)
		bad(s, "not SRC>DST", word);
	*dst++ = '\0';
	mac = parse_mac(s, dst);
	memcpy(bytes, mac.b, 6);
	mac = parse_mac(s, word);
	memcpy(bytes + 6, mac.b, 6);
}

static void parse_tag(const struct script *s, char *word, uint8_t *bytes)
{
	char *priority = strchr(word, 'p');
	unsigned long tci = 0;

	if (priority) {
		*priority++ = '\0';
		tci = number(s, priority, 10) << 13;
	}
	tci |= number(s, word + 1, 10);
	frame_write_tag(bytes, (uint16_t)tci);
	if (word[0] == 's') {
		bytes[0] = FRAME_TYPE_QINQ >> 8;
		bytes[1] = FRAME_TYPE_QINQ & 0xff;
	}
}

static struct frame parse_frame(const struct script *s, char *text,
				uint8_t *bytes)
{
	char *word = next_word(&text);
	uint32_t at = 12;
	uint32_t len = 60;
	uint32_t cut = UINT32_MAX;
	unsigned type = 0x0800;
	const char *value;

	if (word && strncmp(word, "hex:", 4) == 0)
		return (struct frame){.data = bytes,
				      .len = parse_hex(s, word + 4, bytes)};
	if (!word)
		bad(s, "no frame", NULL);
	parse_addresses(s, word, bytes);
	while ((word = next_word(&text))) {
		if ((value = value_of(word, "type"))) {
			type = (unsigned)number(s, value, 16);
		} else if ((value = value_of(word, "len"))) {
			len = (uint32_t)number(s, value, 10);
		} else if ((value = value_of(word, "cut"))) {
			cut = (uint32_t)number(s, value, 10);
		} else {
			parse_tag(s, word, bytes + at);
			at += FRAME_TAG;
		}
	}
	len += at - 12;
	if (len > BUFFER_SIZE)
		bad(s, "too long", "len=");
	bytes[at++] = (uint8_t)(type >> 8);
	bytes[at++] = (uint8_t)type;
	for (uint8_t i = 0; at < len; i++)
		bytes[at++] = i;
	return (struct frame){.data = bytes, .len = len < cut ? len : cut};
}

/* --- What is done ---------------------------------------------------- */

static void do_bridge(struct script *s, char *rest)
{
	bool hub = false;
	bool aware = false;
	uint32_t limit = FDB_LIMIT_DEFAULT;
	char *word;

	while ((word = next_word(&rest))) {
		const char *value = value_of(word, "limit");

		hub |= strcmp(word, "hub") == 0;
		aware |= strcmp(word, "aware") == 0;
		if (value)
			limit = (uint32_t)number(s, value, 10);
	}
	rig_init(&s->rig, hub, aware, limit);
	s->begun = true;
}

static void do_port(struct script *s, char *rest)
{
	uint16_t port = next_port(s, &rest);
	struct bridge_port_conf conf = {.mtu = FRAME_MTU_MAX};
	char *word;

	while ((word = next_word(&rest))) {
		const char *value;

		if ((value = value_of(word, "mtu")))
			conf.mtu = (uint32_t)number(s, value, 10);
		else if ((value = value_of(word, "pvid")))
			conf.vlan.pvid = (uint16_t)number(s, value, 10);
		else if (!(value = value_of(word, "tagged")) ||
			 !vidset_parse(&conf.vlan.tagged, value))
			bad(s, "not for a port", word);
	}
	if (bridge_port_exists(s->rig.bridge, port))
		bridge_port_set(s->rig.bridge, port, &conf);
	else
		rig_add(&s->rig, port, &conf);
}

static void do_remove(struct script *s, char *rest)
{
	bridge_port_remove(s->rig.bridge, next_port(s, &rest));
}

static void do_in(struct script *s, char *rest)
{
	uint16_t port = next_port(s, &rest);
	struct frame frames[FRAME_BURST];
	unsigned n = 0;
	char *one;

	while ((one = strtok_r(rest, ";", &rest))) {
		frames[n] = parse_frame(s, one, s->bytes[n]);
		n++;
	}
	rig_input(&s->rig, port, frames, n);
}

static void do_age(struct script *s, char *rest)
{
	s->rig.now += number(s, next_word(&rest), 10) * RIG_SECOND;
	(void)fdb_age(bridge_fdb(s->rig.bridge), s->rig.now);
}

static void do_flush(struct script *s, char *rest)
{
	struct fdb *fdb = bridge_fdb(s->rig.bridge);
	char *word = next_word(&rest);

	if (!word)
		(void)fdb_flush(fdb);
	else if (strcmp(word, "port") == 0)
		(void)fdb_flush_port(fdb, next_port(s, &rest));
	else
		(void)fdb_flush_vid(fdb, next_vid(s, &rest));
}

static void do_static(struct script *s, char *rest)
{
	uint16_t vid = next_vid(s, &rest);
	struct mac mac = parse_mac(s, next_word(&rest));
	uint16_t port = next_port(s, &rest);

	assert_true(fdb_add_static(bridge_fdb(s->rig.bridge), vid, mac.b, port,
				   s->rig.now));
}

static void do_delete(struct script *s, char *rest)
{
	uint16_t vid = next_vid(s, &rest);
	struct mac mac = parse_mac(s, next_word(&rest));

	assert_true(fdb_delete(bridge_fdb(s->rig.bridge), vid, mac.b));
}

static void do_set(struct script *s, char *rest)
{
	char *word = next_word(&rest);

	if (!word)
		bad(s, "set what", NULL);
	if (strstr(word, "aware"))
		bridge_set_vlan_aware(s->rig.bridge, word[0] == 'a');
	else
		bridge_set_mode(s->rig.bridge, word[0] == 'h' ? BRIDGE_HUB
					       : word[0] == 'w'
						       ? BRIDGE_WIRE
						       : BRIDGE_SWITCH);
}

/* --- What is expected ------------------------------------------------ */

static void expect_frame(struct script *s, uint16_t port, const struct frame *f)
{
	struct hold_queue *q = &s->rig.ports[port].sent;
	const struct hold *got = hold_peek(q);

	if (!got)
		bad(s, "nothing came out", "");
	if (got->len != f->len || memcmp(got->data, f->data, f->len) != 0)
		bad(s, "another frame came out", "");
	hold_pop(q);
}

static void do_out(struct script *s, char *rest)
{
	char *ports = next_word(&rest);
	struct frame f = parse_frame(s, rest, s->bytes[0]);
	char *port;

	while ((port = strtok_r(ports, ",", &ports)))
		expect_frame(s, next_port(s, &port), &f);
}

static void do_drop(struct script *s, char *rest)
{
	uint16_t port = next_port(s, &rest);
	char *reason = next_word(&rest);
	char *word = next_word(&rest);

	for (int i = 0; i < DROP_COUNT && reason; i++) {
		if (strcmp(drop_name((enum drop)i), reason) != 0)
			continue;
		s->seen[port].drops[i] += word ? number(s, word, 10) : 1;
		return;
	}
	bad(s, "no such reason", reason);
}

static bool find_entry(struct script *s, char **rest, struct fdb_entry *entry)
{
	uint16_t vid = next_vid(s, rest);
	struct mac mac = parse_mac(s, next_word(rest));
	uint32_t slot = 0;

	while (fdb_next(bridge_fdb(s->rig.bridge), &slot, entry))
		if (entry->vid == vid &&
		    memcmp(entry->mac.b, mac.b, sizeof(mac.b)) == 0)
			return true;
	return false;
}

static void do_fdb(struct script *s, char *rest)
{
	struct fdb_entry entry;

	if (!find_entry(s, &rest, &entry))
		bad(s, "not in the fdb", "");
	if (next_port(s, &rest) != entry.port)
		bad(s, "on another port", "");
	if (entry.is_static != (next_word(&rest) != NULL))
		bad(s, "of the other sort", "");
}

static void do_nofdb(struct script *s, char *rest)
{
	struct fdb_entry entry;

	if (find_entry(s, &rest, &entry))
		bad(s, "still in the fdb", "");
}

static void do_count(struct script *s, char *rest)
{
	assert_int_equal(fdb_count(bridge_fdb(s->rig.bridge)),
			 number(s, next_word(&rest), 10));
}

/* --- The script ------------------------------------------------------ */

/* Nothing may have happened that no line told of. */
static void settle(const struct script *s)
{
	const char *wrong = rig_unsound(&s->rig);

	for (int i = 0; i < RIG_PORTS && s->begun; i++) {
		const struct rig_port *port = &s->rig.ports[i];
		char text[64];

		(void)snprintf(text, sizeof(text), "port %d", i);
		if (hold_peek(&port->sent))
			bad(s, "before here, a frame more came out of", text);
		if (memcmp(port->counters.drops, s->seen[i].drops,
			   sizeof(s->seen[i].drops)) != 0)
			bad(s, "before here, other drops than told of", text);
	}
	if (s->begun && wrong)
		bad(s, "not conserved", wrong);
}

static void run_line(struct script *s, char *text)
{
	static const struct {
		const char *name;
		bool action;
		void (*run)(struct script *s, char *rest);
	} words[] = {
		{"bridge", true, do_bridge}, {"port", true, do_port},
		{"remove", true, do_remove}, {"in", true, do_in},
		{"age", true, do_age},       {"flush", true, do_flush},
		{"static", true, do_static}, {"delete", true, do_delete},
		{"set", true, do_set},       {"out", false, do_out},
		{"drop", false, do_drop},    {"fdb", false, do_fdb},
		{"nofdb", false, do_nofdb},  {"count", false, do_count},
	};
	char *word;

	text[strcspn(text, "#")] = '\0';
	word = next_word(&text);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && word; i++) {
		if (strcmp(words[i].name, word) != 0)
			continue;
		if (words[i].action)
			settle(s);
		words[i].run(s, text);
		return;
	}
	if (word)
		bad(s, "no such word", word);
}

static void run_script(void **state)
{
	struct script *s = calloc(1, sizeof(*s));
	char line[1024];
	FILE *file;

	assert_non_null(s);
	s->path = *state;
	file = fopen(s->path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		s->line++;
		run_line(s, line);
	}
	(void)fclose(file);
	assert_true(s->begun);
	settle(s);
	rig_done(&s->rig);
	free(s);
}

int main(void)
{
	struct CMUnitTest tests[SCRIPTS_MAX] = {{0}};
	glob_t found;
	int failed;

	if (glob(TEST_DIR "/*.frames", 0, NULL, &found) != 0 ||
	    found.gl_pathc > SCRIPTS_MAX) {
		fprintf(stderr, "no scripts, or too many, in %s\n", TEST_DIR);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		tests[i].name = strrchr(found.gl_pathv[i], '/') + 1;
		tests[i].test_func = run_script;
		tests[i].initial_state = found.gl_pathv[i];
	}
	failed = _cmocka_run_group_tests("scripts", tests, found.gl_pathc, NULL,
					 NULL);
	globfree(&found);
	return failed;
}
