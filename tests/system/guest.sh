# SPDX-License-Identifier: MIT
# Sourced, after lib.sh, by the tests that boot guests, which are Linux and
# BusyBox under QEMU's emulation and do what they are told on a serial line.

# What a guest is made of, as `./dev test` puts it there.
parts=$SRC/build/guest
if [ ! -e "$parts/vmlinuz" ]; then
	echo "no kernel for guests in $parts"
	exit 77
fi

# pack: makes initrd of the folder root. The script on standard input sets up
# the guest's cards; then it has 8 MB to fetch by HTTP, and the other end of
# ask().
pack() {
	mkdir -p root/{bin,dev,etc,lib,proc,sys,www}
	cp "$parts/busybox" root/bin
	cp "$parts"/*.ko root/lib
	{
		cat <<'EOT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
for pass in 1 2 3 4; do # in whatever order they need each other
	for module in /lib/*.ko; do
		insmod "$module" 2>/dev/null
	done
done
EOT
		cat
		cat <<'EOT'
ip addr
head -c 8388608 /dev/urandom >/www/file
httpd -h /www
stty -F /dev/ttyS1 raw -echo
exec </dev/ttyS1 >/dev/ttyS1
echo exit 0
while read -r line; do
	eval "$line" 2>&1
	echo "exit $?"
done
EOT
	} >root/init
	chmod +x root/init
	(cd root && find . | cpio --quiet -o -H newc) >initrd
}

# boot GUEST OPTIONS...: of QEMU; answer() says when it is ready.
boot() {
	mkfifo "$1.in" "$1.out"
	qemu-system-x86_64 -accel tcg -m 128 -nodefaults -display none -no-reboot \
		-kernel "$parts/vmlinuz" -initrd initrd \
		-append 'console=ttyS0 quiet panic=-1 mitigations=off' \
		-serial "file:$1.console" -serial "pipe:$1" "${@:2}" \
		>>"qemu-$1.console" 2>&1 &
}

# answer GUEST: what came, in the file `answer`, up to its exit status.
answer() {
	local line
	: >answer
	while read -r -t 100 line; do
		case $line in
		exit*) return "${line#exit }" ;;
		esac
		echo "$line" >>answer
	done <>"$1.out"
	fail "guest $1 says nothing more after '$(tail -1 answer)'"
}

# ask GUEST WORDS...: a command in the guest.
ask() {
	echo "${*:2}" 1<>"$1.in"
	answer "$1"
}
