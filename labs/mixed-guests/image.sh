# SPDX-License-Identifier: MIT
# Sourced by what boots a guest. All guests have the same files: BusyBox, and
# `init`, which it runs. They are in the folder $root, for a container, and in the
# archive $initrd, for a kernel; $parts has the one that QEMU boots.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
parts=${XDG_CACHE_HOME:-$HOME/.cache}/labswitch/guest
state=${GUESTS:-${XDG_CACHE_HOME:-$HOME/.cache}/labswitch/mixed-guests}
root=$state/root
initrd=$state/initrd
export LABSWITCH=${LABSWITCH:-mixed-guests}

# In a terminal a guest has a shell there.
terminal=
[ ! -t 0 ] || terminal=terminal=yes

# image: makes the files, if they are not there or `init` has changed.
image() {
	[ ! "$initrd" -nt "$here/init" ] || return 0
	if [ ! -e "$parts/vmlinuz" ]; then
		echo "fetching what guests are made of to $parts" >&2
		"$here/fetch.sh" "$parts"
	fi
	rm -rf "$root" "$root.new"
	mkdir -p "$root.new"/{bin,dev,lib,proc,sys}
	cp "$parts/busybox" "$root.new/bin"
	ln -s busybox "$root.new/bin/sh"
	cp "$parts"/*.ko "$root.new/lib"
	cp "$here/init" "$root.new"
	mv "$root.new" "$root"
	(cd "$root" && find . | cpio --quiet -o -H newc) >"$initrd.new"
	mv "$initrd.new" "$initrd"
}

# socket PORT: where clients of VDE join it.
socket() {
	switchctl show | sed -n "s/.*sock=\(.*\[$1\]\).*/\1/p"
}

# qemu NAME ADDRESS OPTIONS...: boots Debian's kernel in an emulated PC.
qemu() {
	image
	exec qemu-system-x86_64 -accel tcg -m 128 -nodefaults -display none \
		-no-reboot -serial mon:stdio -kernel "$parts/vmlinuz" \
		-initrd "$initrd" -append "console=ttyS0 quiet panic=-1 \
mitigations=off name=$1 address=$2 $terminal" "${@:3}"
}
