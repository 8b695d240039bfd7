#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vm1: QEMU plugs its card into the switch itself, as a client of VDE.
. "$(dirname "$0")/image.sh"

qemu vm1 10.0.0.1/24 \
	-netdev "vde,id=lan,sock=$(socket vm1)" \
	-device virtio-net-pci,netdev=lan,mac=02:00:00:00:00:01,romfile=
