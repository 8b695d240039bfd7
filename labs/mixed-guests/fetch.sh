#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches what the guests are made of into FOLDER: Debian's kernel, the modules
# of virtio's network card, BusyBox; 30 MB to download. They are unpacked and not
# installed, since a kernel that is installed is one to boot this machine with.
# usage: fetch.sh FOLDER, after apt-get update
set -eu
folder=$(realpath -m "$1")
rm -rf "$folder.new"
mkdir -p "$folder.new/unpacked"
cd "$folder.new"
user= # root has one who fetches for it, and may not write here
[ "$(id -u)" -ne 0 ] || user='-o APT::Sandbox::User=root'
kernel=$(apt-cache depends linux-image-cloud-amd64 |
	sed -n 's/.*Depends: //p' | head -1)
apt-get download -qq $user "$kernel" busybox-static:amd64
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
rm -rf "$folder"
mv "$folder.new" "$folder"
