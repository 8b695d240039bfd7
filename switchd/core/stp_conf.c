/* SPDX-License-Identifier: MIT */
/* stp_conf: names, and which values are allowed (IEEE 802.1D-2004 17.13 and
 * 17.14). */
#include "switchd/core/bpdu.h"
#include "switchd/core/stp.h"

#define PRIORITY_MAX       61440
#define PRIORITY_STEP      4096
#define PORT_PRIORITY_MAX  240
#define PORT_PRIORITY_STEP 16
#define HOLD_COUNT_MAX     10

const char *stp_role_name(enum stp_role role)
{
	static const char *const names[] = {
#define STP_ROLE_NAME(upper, lower) #lower,
		STP_ROLE_LIST(STP_ROLE_NAME)
#undef STP_ROLE_NAME
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == STP_ROLE_COUNT,
		       "every role has its name");
	return names[role];
}

const char *stp_state_name(enum port_state state)
{
	static const char *const names[] = {"discarding", "learning",
					    "forwarding"};

	_Static_assert(sizeof(names) / sizeof(names[0]) == PORT_STATE_COUNT,
		       "every state has its name");
	return names[state];
}

const char *stp_event_name(enum stp_event event)
{
	static const char *const names[] = {
#define STP_EVENT_NAME(upper, lower) #lower,
		STP_EVENT_LIST(STP_EVENT_NAME)
#undef STP_EVENT_NAME
	};

	_Static_assert(sizeof(names) / sizeof(names[0]) == STP_EVENT_COUNT,
		       "every event has its name");
	return names[event];
}

static bool check_range(const char *what, uint32_t value, uint32_t min,
			uint32_t max, struct err *err)
{
	if (value >= min && value <= max)
		return true;
	return err_set(err, "%s is %u, outside %u-%u", what, value, min, max);
}

static bool check_step(const char *what, uint32_t value, uint32_t max,
		       uint32_t step, struct err *err)
{
	if (!check_range(what, value, 0, max, err))
		return false;
	if (value % step == 0)
		return true;
	return err_set(err, "%s is %u; it goes in steps of %u", what, value,
		       step);
}

/* 17.14: news of a loss must be across the network before it is acted on. */
static bool check_together(const struct stp_conf *c, struct err *err)
{
	if (2 * (c->delay - 1) < c->max_age)
		return err_set(err,
			       "max age is %u s; with a forward delay of %u s "
			       "it is at most %u s",
			       c->max_age, c->delay, 2 * (c->delay - 1));
	if (c->max_age < 2 * (c->hello + 1))
		return err_set(err,
			       "max age is %u s; with a hello time of %u s "
			       "it is at least %u s",
			       c->max_age, c->hello, 2 * (c->hello + 1));
	return true;
}

bool stp_conf_check(const struct stp_conf *c, struct err *err)
{
	if (mac_is_group(c->mac.b) || mac_is_zero(c->mac.b))
		return err_set(err, "the bridge's address must be one of a "
				    "single station");
	if (c->version != STP_VERSION_STP && c->version != STP_VERSION_RSTP)
		return err_set(err,
			       "version is %u, neither 0 (STP) nor 2 "
			       "(RSTP)",
			       c->version);
	return check_step("priority", c->priority, PRIORITY_MAX, PRIORITY_STEP,
			  err) &&
	       check_range("hello time", c->hello, STP_HELLO_MIN, STP_HELLO_MAX,
			   err) &&
	       check_range("max age", c->max_age, STP_MAX_AGE_MIN,
			   STP_MAX_AGE_MAX, err) &&
	       check_range("forward delay", c->delay, STP_FORWARD_DELAY_MIN,
			   STP_FORWARD_DELAY_MAX, err) &&
	       check_range("hold count", c->hold_count, 1, HOLD_COUNT_MAX,
			   err) &&
	       check_together(c, err);
}

bool stp_port_conf_check(const struct stp_port_conf *c, struct err *err)
{
	return check_range("cost", c->cost, 1, STP_COST_MAX, err) &&
	       check_step("port priority", c->priority, PORT_PRIORITY_MAX,
			  PORT_PRIORITY_STEP, err) &&
	       check_range("point-to-point", c->p2p, STP_P2P_AUTO, STP_P2P_NO,
			   err);
}
