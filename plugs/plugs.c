/* SPDX-License-Identifier: MIT */
#include "plugs/plug.h"

#include <stdio.h>

#define PLUG(name) extern const struct plug_class plug_##name##_class;
#include "plugs/plugs.def"
#undef PLUG

const struct plug_class *const plug_classes[] = {
#define PLUG(name) &plug_##name##_class,
#include "plugs/plugs.def"
#undef PLUG
	NULL,
};

const struct opt_kind *const plug_kinds[] = {
#define PLUG(name) &plug_##name##_class.kind,
#include "plugs/plugs.def"
#undef PLUG
	NULL,
};

const struct plug_class *plug_class_of(const struct opt_kind *kind)
{
	const struct plug_class *const *class = plug_classes;

	while (*class && &(*class)->kind != kind)
		class ++;
	return *class;
}

const char *plug_qemu_id(const struct plug *plug, char buf[PLUG_QEMU_ID_SIZE])
{
	(void)snprintf(buf, PLUG_QEMU_ID_SIZE, "%s.%s", plug->env->name,
		       plug->name);
	return buf;
}

const char *plug_qemu_nic(const struct plug *plug, char buf[PLUG_QEMU_NIC_SIZE])
{
	char id[PLUG_QEMU_ID_SIZE];

	(void)snprintf(buf, PLUG_QEMU_NIC_SIZE,
		       "-device virtio-net-pci,netdev=%s,mac=52:54:00:"
		       "%02x:%02x:%02x",
		       plug_qemu_id(plug, id), plug->env->place,
		       plug->number >> 8 & 0xff, plug->number & 0xff);
	return buf;
}
