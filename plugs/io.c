/* SPDX-License-Identifier: MIT */
#include "plugs/io.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugs/io_engine.h"
#include "switchd/core/offload.h"

static const char *const level_names[] = {
	[IO_AUTO] = "auto", [IO_EPOLL] = "epoll", [IO_URING] = "uring"};

static_assert(sizeof(level_names) / sizeof(level_names[0]) == IO_LEVEL_COUNT,
	      "each has a name");

bool io_level_parse(const char *text, enum io_level *level)
{
	for (int i = 0; i < IO_LEVEL_COUNT; i++) {
		if (strcmp(text, level_names[i]) == 0) {
			*level = (enum io_level)i;
			return true;
		}
	}
	return false;
}

static bool engine_init(struct io_engine *engine, enum io_level level,
			struct err *err)
{
	engine->buffers = io_buffers_new();
	engine->cuts = io_cuts_new();
	engine->merge = io_merge_new();
	if (!engine->buffers || !engine->cuts || !engine->merge)
		return err_set(err, "no memory for buffers");
	if (level != IO_EPOLL)
		engine->ring = io_ring_new(&engine->lacks);
	if (level == IO_URING && !engine->ring)
		return err_set(err, "%s", engine->lacks.msg);
	return true;
}

struct io_engine *io_engine_new(uv_loop_t *loop, enum io_level level,
				struct err *err)
{
	struct io_engine *engine = calloc(1, sizeof(*engine));

	if (!engine) {
		(void)err_set(err, "no memory");
		return NULL;
	}
	engine->loop = loop;
	if (engine_init(engine, level, err))
		return engine;
	io_engine_free(engine);
	return NULL;
}

void io_engine_free(struct io_engine *engine)
{
	if (!engine)
		return;
	assert(engine->ios == 0);
	io_ring_free(engine->ring);
	io_buffers_free(engine->buffers);
	io_cuts_free(engine->cuts);
	io_merge_free(engine->merge);
	free(engine);
}

const char *io_engine_name(const struct io_engine *engine)
{
	return level_names[engine->ring ? IO_URING : IO_EPOLL];
}

const char *io_engine_lacks(const struct io_engine *engine)
{
	return engine->lacks.msg;
}

static struct io *io_new(struct io_engine *engine, int fd, enum io_kind kind,
			 const struct io_user *user)
{
	struct io *io = malloc(sizeof(*io));

	if (!io)
		return NULL;
	*io = (struct io){.engine = engine,
			  .fd = fd,
			  .user = *user,
			  .kind = kind,
			  .takes = io_takes(fd, kind)};
	io->merge = io->takes != OFFLOAD_TAKES_NOTHING;
	io_out_init(&io->out, user->hold_limit);
	if (kind != IO_STREAM)
		return io;
	io->in = malloc(sizeof(*io->in));
	if (!io->in) {
		free(io);
		return NULL;
	}
	io->in->begin = io->in->end = 0;
	return io;
}

struct io *io_add(struct io_engine *engine, int fd, enum io_kind kind,
		  const struct io_user *user, struct err *err)
{
	struct io *io = io_new(engine, fd, kind, user);

	if (!io)
		(void)err_set(err, "no memory");
	if (!io || !io_epoll_start(io, err)) {
		io_free(io);
		(void)close(fd);
		return NULL;
	}
	engine->ios++;
	return io;
}

void io_set_merge(struct io *io, bool on)
{
	io->merge = on && io->takes != OFFLOAD_TAKES_NOTHING;
}

void io_send(struct io *io, const struct wire *wires, unsigned n,
	     enum drop *fates)
{
	io_out_send(io, wires, n, fates);
	io_epoll_watch(io);
}

void io_remove(struct io *io)
{
	if (io)
		(void)close(io_release(io));
}

int io_release(struct io *io)
{
	int fd = io->fd;

	io->removed = true;
	io->engine->ios--;
	io_out_done(io);
	io_epoll_stop(io);
	return fd;
}

size_t io_held(const struct io *io)
{
	return io->out.held.frames - io->out.cut;
}

void io_free(struct io *io)
{
	if (io)
		free(io->in);
	free(io);
}
