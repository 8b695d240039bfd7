#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vm2: QEMU has a TAP, and a bridge of the machine that it runs on joins that to
# the machine's card, which is in the switch. That machine is the host `box`.
. "$(dirname "$0")/image.sh"
[ -n "${IN_BOX:-}" ] || IN_BOX=yes exec switchctl exec box "$here/vm2.sh"

if [ ! -e /sys/class/net/br0 ]; then
	ip link add br0 type bridge
	ip tuntap add tap0 mode tap
	ip link set tap0 master br0 up
	ip link set eth0 master br0
	ip link set br0 up
fi
qemu vm2 10.0.0.2/24 \
	-netdev tap,id=lan,ifname=tap0,script=no,downscript=no \
	-device virtio-net-pci,netdev=lan,mac=02:00:00:00:00:02,romfile=
