/* SPDX-License-Identifier: MIT */
/* The VDE directories of a lab's switches, and who joins there (lab.h). */
#include <stdio.h>
#include <string.h>

#include "switchd/lab.h"

#define VDE_MODE 0600
#define VDE_KIND "vde"

static const struct opt_kind *vde_kind(void)
{
	for (size_t i = 0; plug_kinds[i]; i++) {
		if (strcmp(plug_kinds[i]->name, VDE_KIND) == 0)
			return plug_kinds[i];
	}
	return NULL;
}

/* From 1, because 0 is "any" to a VDE client. */
static unsigned lowest_free(const struct lab_switch *sw)
{
	unsigned number = 1;

	for (size_t i = 0; i < sw->port_count; i++)
		number += sw->ports[i]->topo->conf.number == number;
	return number;
}

static struct swport *add_dynamic(struct lab_switch *sw)
{
	unsigned number = lowest_free(sw);
	struct swport *port;

	if (number >= FDB_PORT_MAX)
		return NULL;
	port = swport_new_dynamic(sw, vde_kind(), (uint16_t)number,
				  &sw->topo->conf.vde);
	if (!port)
		return NULL;
	lab_insert_port(sw, port);
	if (swport_open(port))
		return port;
	swport_remove(port);
	return NULL;
}

static struct plug *on_vde_route(void *ctx, const struct vde_request *req)
{
	struct lab_switch *sw = ctx;
	struct swport *port = NULL;

	if (!req->any && req->number < FDB_PORT_MAX)
		port = lab_port_numbered(sw, (uint16_t)req->number);
	if (port && (strcmp(port->topo->kind->name, VDE_KIND) != 0 ||
		     port->state != SWPORT_UP))
		return NULL;
	if (!port && sw->topo->conf.vde.anonymous && !lab_is_leaving(sw))
		port = add_dynamic(sw);
	return port ? port->plug : NULL;
}

static void on_vde_note(void *ctx, const char *text)
{
	struct lab_switch *sw = ctx;

	log_limited(&sw->notes, LOG_LEVEL_WARN, "%s: %s", sw->topo->name, text);
}

bool lab_wants_vde(const struct topo_switch *sw)
{
	if (sw->conf.vde.dir[0] || sw->conf.vde.anonymous)
		return true;
	for (size_t i = 0; i < sw->port_count; i++) {
		if (strcmp(sw->ports[i].kind->name, VDE_KIND) == 0)
			return true;
	}
	return false;
}

static bool vde_dir_conf(const struct lab_switch *sw, struct vde_dir_conf *conf,
			 struct err *err)
{
	const struct vde_conf *vde = &sw->topo->conf.vde;
	int len;

	*conf = (struct vde_dir_conf){.mode = vde->mode ? vde->mode : VDE_MODE};
	(void)snprintf(conf->group, sizeof(conf->group), "%s", vde->group);
	if (vde->dir[0])
		len = snprintf(conf->path, sizeof(conf->path), "%s", vde->dir);
	else
		len = snprintf(conf->path, sizeof(conf->path), "%s/%s",
			       sw->lab->run_dir, sw->topo->name);
	if (len < 0 || (size_t)len >= sizeof(conf->path))
		return err_set(err, "'%s/%s' is longer than %d characters",
			       sw->lab->run_dir, sw->topo->name,
			       VDE_DIR_PATH_MAX);
	return true;
}

void lab_open_vde(struct lab_switch *sw)
{
	struct vde_dir_conf conf;
	struct err err = {.errnum = 0};

	if (sw->env.vde || sw->lab->closing > 0 || !lab_wants_vde(sw->topo))
		return;
	if (vde_dir_conf(sw, &conf, &err))
		sw->env.vde = vde_dir_new(&conf, &sw->env, on_vde_route,
					  on_vde_note, sw, &err);
	if (!sw->env.vde && strcmp(err.msg, sw->vde_reason.msg) != 0)
		log_warn("%s: no VDE directory (%s)", sw->topo->name, err.msg);
	sw->vde_reason = err;
}
