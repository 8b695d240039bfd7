/* SPDX-License-Identifier: MIT */
#include "plugs/nat/msg.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define BODY(member) sizeof(((struct nat_msg *)0)->member)

static const size_t body_size[] = {
	[NAT_MSG_CONF] = BODY(conf),
	[NAT_MSG_LEASE] = BODY(lease),
	[NAT_MSG_FORWARD_ADD] = BODY(forward),
	[NAT_MSG_FORWARD_DEL] = BODY(forward),
	[NAT_MSG_START] = 0,
	[NAT_MSG_READY] = BODY(ready),
	[NAT_MSG_FORWARD] = BODY(forwarded),
	[NAT_MSG_NOTE] = BODY(note),
	[NAT_MSG_STATS] = BODY(stats),
};

static_assert(sizeof(body_size) / sizeof(body_size[0]) == NAT_MSG_COUNT,
	      "a size for each type");

static size_t size_of(enum nat_msg_type type)
{
	return offsetof(struct nat_msg, conf) + body_size[type];
}

bool nat_msg_send(int fd, const struct nat_msg *msg, struct err *err)
{
	size_t size = size_of(msg->type);

	if (send(fd, msg, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return err_sys(err, "cannot send to the other process");
	return true;
}

/* --- What may be believed ---------------------------------------------- */

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

/* One that people read: what means something to a terminal becomes '?'. */
static bool clean_text(char *text, size_t size)
{
	if (!is_text(text, size))
		return false;
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
	return true;
}

/* A bool that was written by somebody else may be any byte, which C forbids
 * to be read as a bool. */
static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, 1);
	return byte <= 1;
}

static bool check_forward(const struct nat_forward *f)
{
	return is_bool(&f->udp) && is_text(f->path, sizeof(f->path));
}

static bool check_conf(const struct nat_conf *c)
{
	for (int i = 0; i < NAT_HOSTS_MAX; i++) {
		if (!is_text(c->hosts[i].name, sizeof(c->hosts[i].name)))
			return false;
	}
	return is_text(c->domain, sizeof(c->domain)) &&
	       is_bool(&c->host_loopback) && is_bool(&c->restricted);
}

static bool check(struct nat_msg *m)
{
	switch (m->type) {
	case NAT_MSG_CONF:
		return check_conf(&m->conf);
	case NAT_MSG_LEASE:
		return is_text(m->lease.name, sizeof(m->lease.name)) &&
		       is_bool(&m->lease.bound);
	case NAT_MSG_FORWARD_ADD:
	case NAT_MSG_FORWARD_DEL:
		return check_forward(&m->forward);
	case NAT_MSG_READY:
		return clean_text(m->ready.version, sizeof(m->ready.version)) &&
		       is_bool(&m->ready.ping) && is_bool(&m->ready.ping6);
	case NAT_MSG_FORWARD:
		return check_forward(&m->forwarded.forward) &&
		       is_bool(&m->forwarded.ok) &&
		       clean_text(m->forwarded.reason,
				  sizeof(m->forwarded.reason));
	case NAT_MSG_NOTE:
		return clean_text(m->note, sizeof(m->note));
	default:
		return true;
	}
}

static void err_nonsense(struct err *err)
{
	(void)err_set(err, "the other process sends nonsense");
	if (err)
		err->errnum = EPROTO;
}

int nat_msg_receive(int fd, struct nat_msg *msg, struct err *err)
{
	ssize_t n;

	do
		n = recv(fd, msg, sizeof(*msg), MSG_DONTWAIT | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n < 0)
		(void)err_sys(err, "cannot receive from the other process");
	else if (n == 0)
		(void)err_set(err, "the other process has ended");
	else if ((size_t)n < sizeof(msg->type) || msg->type >= NAT_MSG_COUNT ||
		 (size_t)n != size_of(msg->type) || !check(msg))
		err_nonsense(err);
	else
		return 1;
	return -1;
}
