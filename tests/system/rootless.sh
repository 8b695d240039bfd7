# SPDX-License-Identifier: MIT
# Sourced, after lib.sh, by the tests of users who are not root: a TUN device
# that all may open, the programs where anybody may run them, an empty /tmp; in
# this mount namespace only. What is for the test alone is in /dev/shm.
mount -t tmpfs tmpfs /dev/shm
if mknod /dev/shm/tun c 10 200 2>/dev/null; then
	chmod 0666 /dev/shm/tun
	mount --bind /dev/shm/tun /dev/net/tun
elif [ ! -w /dev/net/tun ]; then
	echo "this user may not open /dev/net/tun"
	exit 77
fi
# Where the build tree is, nobody else may be let in; and it may be in /tmp.
install -d -m 755 /dev/shm/bin
install -m 755 "$BIN"/switchd/{switchd,switchctl,host-dhcp.sh} /dev/shm/bin
mount -t tmpfs -o mode=1777 tmpfs /tmp
PATH=/dev/shm/bin:$PATH
before=/dev/shm/before

# as_user WORDS... : as somebody who is nobody here.
as_user() {
	if [ "$(awk '{print $3}' /proc/self/uid_map)" -gt 65534 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}
