# SPDX-License-Identifier: MIT
# Sourced, after lib.sh, by the tests of the Debian package: makes it, $deb, and
# roots in which it may be installed.
for tool in cpack dpkg dpkg-shlibdeps; do
	command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done

# make_package DIR
make_package() {
	expect env SOURCE_DATE_EPOCH=1700000000 cpack \
		--config "$BIN/CPackConfig.cmake" -B "$1" >cpack.log 2>&1
	deb=$(echo "$1"/labswitch_*.deb)
	expect test -s "$deb"
}

# write_lab FILE: a lab of everything; it joins the network namespace `outer`.
write_lab() {
	cat >"$1" <<-'YAML'
		hosts: {r: {forward: yes}}
		switches:
		  lan:
		    ports:
		      a: {host: dhcp, capture: a.pcapng}
		      r: host 10.0.2.99/24
		      t: {tap: eth0, netns: outer}
		      out: nat
		      vm: vde
	YAML
}

# own_root: this machine in $root, with what is written kept apart in $upper;
# without the trees of source and build, and without the package. It is not in
# $tmp, which is removed with all that is in it.
own_root() {
	local dir device
	root=/mnt/root
	upper=/mnt/upper
	if [ "$(awk 'NR == 1 { print $3 }' /proc/self/uid_map)" -lt 65536 ]; then
		echo "takes root"
		exit 77
	fi
	mount -t tmpfs tmpfs /mnt
	mkdir $root $upper /mnt/work
	mount -t overlay -o lowerdir=/,upperdir=$upper,workdir=/mnt/work \
		overlay $root 2>&1 || { echo "no overlayfs"; exit 77; }
	for dir in dev run tmp "$SRC" "$BIN"; do
		[ ! -d "$root/$dir" ] || mount -t tmpfs -o mode=755 tmpfs "$root/$dir"
	done
	chmod 1777 $root/tmp
	mkdir $root/dev/{net,pts,shm}
	mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts
	ln -s pts/ptmx $root/dev/ptmx
	ln -s /proc/self/fd $root/dev/fd
	for device in null zero full random urandom tty; do
		touch $root/dev/$device
		mount --bind /dev/$device $root/dev/$device
	done
	mknod -m 0666 $root/dev/net/tun c 10 200 || exit 77
	cp "$deb" $root/dev/labswitch.deb
}

# mount_kernel ROOT: /proc and /sys; of the kernel's variables only those of the
# network namespace may be changed.
mount_kernel() {
	mount -t proc proc "$1/proc"
	mount --bind "$1/proc/sys" "$1/proc/sys"
	mount --bind "$1/proc/sys/net" "$1/proc/sys/net"
	mount -o remount,bind,ro "$1/proc/sys"
	mount -t sysfs -o ro sysfs "$1/sys"
}

# The environment of a login.
clean="env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8"

# nothing_left: of what was written there is nothing but dpkg's account of it.
nothing_left() {
	find "$upper" ! -type d ! -path "$upper/var/lib/dpkg/*" \
		! -path "$upper/var/log/*" ! -path "$upper/var/cache/*" >left
	find "$upper" -type d -printf '/%P\n' | while read -r dir; do
		[ -d "$dir" ] || echo "$dir"
	done >>left
	[ ! -s left ] || fail "left: $(cat left)"
}
