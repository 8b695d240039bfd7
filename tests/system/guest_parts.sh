# SPDX-License-Identifier: MIT
# Fetches what guest.sh boots into FOLDER: Debian's kernel, the modules of
# virtio's network card, BusyBox. Unpacked and not installed, since a kernel
# that is installed is one to boot this machine with.
# usage: guest_parts.sh FOLDER, after apt-get update
set -eu
rm -rf "$1"
mkdir -p "$1/unpacked"
cd "$1"
kernel=$(apt-cache depends linux-image-cloud-amd64 |
	sed -n 's/.*Depends: //p' | head -1)
apt-get download -qq -o APT::Sandbox::User=root "$kernel" busybox-static:amd64
for package in *.deb; do
	dpkg-deb -x "$package" unpacked
done
for module in virtio virtio_ring virtio_pci virtio_pci_modern_dev \
	virtio_pci_legacy_dev virtio_net net_failover failover; do
	find unpacked/lib -name $module.ko -exec cp {} . \;
done
cp unpacked/bin/busybox .
cp unpacked/boot/vmlinuz-* vmlinuz
rm -r unpacked ./*.deb
