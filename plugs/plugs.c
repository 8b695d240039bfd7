/* SPDX-License-Identifier: MIT */
#include "plugs/plug.h"

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
