/* SPDX-License-Identifier: MIT */
#include "plugs/vde_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugs/plug_vde.h"
#include "plugs/vde_fs.h"
#include "plugs/vde_quota.h"

#define BACKLOG   64
#define NAME_SIZE 24 /* of "001.7", with its NUL */

struct vde_listener {
	uv_poll_t poll;
	struct vde_dir *dir;
	struct plug *plug; /* NULL: ctl, which is for all */
	int fd;
	char path[VDE_PATH_SIZE];
};

/* A connection whose request is not yet complete. */
struct pending {
	uv_poll_t poll;
	TAILQ_ENTRY(pending) entry;
	struct vde_dir *dir;
	struct plug *plug;    /* as in the listener */
	uint64_t deadline_ms; /* of the loop's clock */
	struct vde_session session;
	size_t len;
	uint8_t data[VDE_REQUEST_MAX];
};

struct vde_dir {
	uv_timer_t deadline; /* of the oldest pending one */
	struct vde_fs fs;
	struct vde_quota quota;
	struct plug_env env;
	vde_route_fn *route;
	vde_note_fn *note;
	void *ctx;
	struct vde_listener *ctl;
	TAILQ_HEAD(, pending) pending; /* the oldest first */
	unsigned pending_count;
	int reserve; /* a descriptor to give up when there are no others */
};

static void on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

__attribute__((format(printf, 2, 3))) static void note(struct vde_dir *dir,
						       const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* Paths that clients choose may be quoted in it. */
	vde_text_clean(text, strlen(text));
	dir->note(dir->ctx, text);
}

/* --- Connections that have not yet joined ------------------------------ */

static void on_deadline(uv_timer_t *timer);

/* Takes it off the list; the session, still open, is the caller's. */
static struct vde_session pending_remove(struct pending *p)
{
	struct vde_session session = p->session;

	TAILQ_REMOVE(&p->dir->pending, p, entry);
	p->dir->pending_count--;
	uv_close((uv_handle_t *)&p->poll, on_freed);
	return session;
}

static void pending_refuse(struct pending *p, const char *why)
{
	struct vde_dir *dir = p->dir;
	struct vde_session session = pending_remove(p);

	note(dir, "refused: uid %u, pid %d: %s", (unsigned)session.uid,
	     (int)session.pid, why);
	vde_dir_end(dir, &session);
}

static void arm_deadline(struct vde_dir *dir)
{
	const struct pending *oldest = TAILQ_FIRST(&dir->pending);
	uint64_t now = uv_now(dir->env.loop);
	uint64_t wait;

	if (!oldest || uv_is_active((uv_handle_t *)&dir->deadline))
		return;
	wait = oldest->deadline_ms > now ? oldest->deadline_ms - now : 0;
	(void)uv_timer_start(&dir->deadline, on_deadline, wait, 0);
}

static void on_deadline(uv_timer_t *timer)
{
	struct vde_dir *dir = timer->data;
	struct pending *oldest;

	while ((oldest = TAILQ_FIRST(&dir->pending)) &&
	       oldest->deadline_ms <= uv_now(timer->loop))
		pending_refuse(oldest, "no complete request in time");
	arm_deadline(dir);
}

static bool connect_abstract(const struct vde_session *s, struct err *err)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const int bytes = PRIV_SNDBUF;

	if (s->uid != 0 && s->uid != geteuid())
		return err_set(err, "abstract addresses have no owner: only "
				    "root and our own user may use them");
	(void)setsockopt(s->data, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	memcpy(sun.sun_path, s->req.path, VDE_PATH_SIZE);
	if (connect(s->data, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return err_sys(err, "cannot connect to its data socket");
	return true;
}

/* Makes our data socket and connects it to the client's. */
static bool connect_data(struct vde_dir *dir, struct vde_session *s,
			 struct err *err)
{
	const struct priv *priv = dir->env.priv;

	s->data = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->data < 0)
		return err_sys(err, "cannot make a data socket");
	if (s->req.abstract)
		return connect_abstract(s, err);
	return priv->ops->connect(priv->ctx, s->data, s->req.path, s->uid, err);
}

static void pending_join(struct pending *p)
{
	struct vde_dir *dir = p->dir;
	const struct vde_request *req = &p->session.req;
	struct plug *plug = p->plug;
	struct vde_session session;
	struct err err;

	if (!connect_data(dir, &p->session, &err)) {
		pending_refuse(p, err.msg);
		return;
	}
	if (!plug)
		plug = dir->route(dir->ctx, req);
	if (!plug) {
		pending_refuse(p, req->any ? "it names no port, and "
					     "'anonymous' is no"
					   : "there is no port of its number");
		return;
	}
	session = pending_remove(p);
	plug_vde_join(plug, &session);
}

static void on_request(uv_poll_t *poll, int status, int events)
{
	struct pending *p = poll->data;
	struct vde_request *req = &p->session.req;
	const char *why;
	ssize_t n = recv(p->session.ctl, p->data + p->len,
			 sizeof(p->data) - p->len, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		pending_refuse(p, "it left without a complete request");
		return;
	}
	p->len += (size_t)n;
	switch (vde_request_parse(p->data, p->len, req, &why)) {
	case VDE_MORE:
		break;
	case VDE_OK:
		pending_join(p);
		break;
	case VDE_BAD:
		pending_refuse(p, why);
		break;
	}
}

static bool pending_new(struct vde_listener *l,
			const struct vde_session *session)
{
	struct vde_dir *dir = l->dir;
	struct pending *p = calloc(1, sizeof(*p));

	if (!p || uv_poll_init(dir->env.loop, &p->poll, session->ctl) < 0) {
		free(p);
		return false;
	}
	p->poll.data = p;
	p->dir = dir;
	p->plug = l->plug;
	p->deadline_ms = uv_now(dir->env.loop) + VDE_DIR_DEADLINE_MS;
	p->session = *session;
	/*
	 * Who has said nothing for longest goes first: somebody who fills the
	 * places with silence shuts out nobody who has something to say.
	 */
	if (dir->pending_count == VDE_DIR_PENDING_MAX)
		pending_refuse(TAILQ_FIRST(&dir->pending),
			       "too many connections without a request");
	TAILQ_INSERT_TAIL(&dir->pending, p, entry);
	dir->pending_count++;
	(void)uv_poll_start(&p->poll, UV_READABLE | UV_DISCONNECT, on_request);
	arm_deadline(dir);
	return true;
}

/* --- Listening --------------------------------------------------------- */

/*
 * Out of descriptors the listener would stay readable and keep the loop
 * busy: the reserve makes room to accept and close.
 */
static void turn_away(struct vde_listener *l)
{
	int fd;

	(void)close(l->dir->reserve);
	fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	l->dir->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	note(l->dir, "refused: no free descriptors");
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct vde_listener *l = poll->data;
	struct vde_session session = {.data = -1};
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t size = sizeof(peer);

	session.ctl = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (session.ctl < 0) {
		if (errno == EMFILE || errno == ENFILE)
			turn_away(l);
		return;
	}
	if (getsockopt(session.ctl, SOL_SOCKET, SO_PEERCRED, &peer, &size) <
		    0 ||
	    !vde_quota_enter(&l->dir->quota, peer.uid)) {
		note(l->dir, "refused: too many connections of uid %u",
		     (unsigned)peer.uid);
		(void)close(session.ctl);
		return;
	}
	session.uid = peer.uid;
	session.pid = peer.pid;
	if (!pending_new(l, &session))
		vde_dir_end(l->dir, &session);
}

static bool listener_open(struct vde_listener *l, const char *name,
			  struct err *err)
{
	int rc;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return err_sys(err, "cannot make a socket");
	if (!vde_fs_bind(&l->dir->fs, l->fd, name, l->path, err))
		return false;
	if (listen(l->fd, BACKLOG) < 0)
		return err_sys(err, "cannot listen on %s", l->path);
	rc = uv_poll_init(l->dir->env.loop, &l->poll, l->fd);
	if (rc < 0)
		return err_set(err, "cannot watch %s: %s", l->path,
			       uv_strerror(rc));
	l->poll.data = l;
	(void)uv_poll_start(&l->poll, UV_READABLE, on_connection);
	return true;
}

static struct vde_listener *listener_new(struct vde_dir *dir, struct plug *plug,
					 const char *name, struct err *err)
{
	struct vde_listener *l = calloc(1, sizeof(*l));

	if (!l) {
		(void)err_set(err, "no memory");
		return NULL;
	}
	l->dir = dir;
	l->plug = plug;
	if (listener_open(l, name, err))
		return l;
	vde_fs_unbind(&dir->fs, l->path);
	if (l->fd >= 0)
		(void)close(l->fd);
	free(l);
	return NULL;
}

/* --- Public ------------------------------------------------------------ */

static bool dir_open(struct vde_dir *dir, const struct vde_dir_conf *conf,
		     struct err *err)
{
	if (!vde_fs_take(&dir->fs, conf, dir->env.priv, err))
		return false;
	dir->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (dir->reserve >= 0)
		dir->ctl = listener_new(dir, NULL, "ctl", err);
	else
		(void)err_sys(err, "cannot keep a descriptor in reserve");
	if (dir->ctl)
		return true;
	if (dir->reserve >= 0)
		(void)close(dir->reserve);
	vde_fs_leave(&dir->fs);
	return false;
}

struct vde_dir *vde_dir_new(const struct vde_dir_conf *conf,
			    const struct plug_env *env, vde_route_fn *route,
			    vde_note_fn *note_fn, void *ctx, struct err *err)
{
	struct vde_dir *dir = calloc(1, sizeof(*dir));

	if (!dir) {
		(void)err_set(err, "no memory");
		return NULL;
	}
	dir->env = *env;
	dir->route = route;
	dir->note = note_fn;
	dir->ctx = ctx;
	TAILQ_INIT(&dir->pending);
	if (!dir_open(dir, conf, err)) {
		free(dir);
		return NULL;
	}
	(void)uv_timer_init(env->loop, &dir->deadline);
	dir->deadline.data = dir;
	return dir;
}

void vde_dir_close(struct vde_dir *dir)
{
	if (!dir)
		return;
	vde_dir_unlisten(dir->ctl);
	vde_fs_leave(&dir->fs);
	if (dir->reserve >= 0)
		(void)close(dir->reserve);
	uv_close((uv_handle_t *)&dir->deadline, on_freed);
}

const char *vde_dir_path(const struct vde_dir *dir)
{
	return dir->fs.path;
}

struct vde_listener *vde_dir_listen(struct vde_dir *dir, struct plug *plug,
				    struct err *err)
{
	return listener_new(dir, plug, plug->name, err);
}

void vde_dir_unlisten(struct vde_listener *l)
{
	struct pending *p;
	struct pending *next;

	if (!l)
		return;
	for (p = TAILQ_FIRST(&l->dir->pending); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (p->plug == l->plug)
			pending_refuse(p, "the port is closed");
	}
	uv_close((uv_handle_t *)&l->poll, on_freed);
	vde_fs_unbind(&l->dir->fs, l->path);
	(void)close(l->fd);
}

bool vde_dir_bind(struct vde_dir *dir, struct vde_session *s, uint16_t number,
		  struct err *err)
{
	char name[NAME_SIZE];

	(void)snprintf(name, sizeof(name), "%03u.%d", (unsigned)number,
		       s->data);
	return vde_fs_bind(&dir->fs, s->data, name, s->path, err);
}

void vde_dir_end(struct vde_dir *dir, struct vde_session *s)
{
	/* Only if it has joined is it known that the path is the client's. */
	if (s->path[0] != '\0')
		vde_fs_remove_of(&dir->fs, s->req.path, s->uid);
	vde_fs_unbind(&dir->fs, s->path);
	if (s->data >= 0)
		(void)close(s->data);
	(void)close(s->ctl);
	vde_quota_leave(&dir->quota, s->uid);
}
