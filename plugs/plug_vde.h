/* SPDX-License-Identifier: MIT */
/*
 * plug_vde: a port that VDE clients join, any number of them.
 */
#ifndef LABSWITCH_PLUGS_PLUG_VDE_H
#define LABSWITCH_PLUGS_PLUG_VDE_H

#include "plugs/plug.h"
#include "plugs/vde_dir.h"

extern const struct plug_class plug_vde_class;

/*
 * A client has asked for this port and passed the checks: binds our data
 * socket and replies. Takes the session over, also if this fails, which ends
 * it; the plug's event says how it went. The plug is UP.
 */
void plug_vde_join(struct plug *plug, const struct vde_session *session);

#endif
