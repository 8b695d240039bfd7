#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../lib.sh"
needs qemu-system-x86_64 linux.uml vde_plug crun cpio
export GUESTS=$tmp/guests
names="vm1 vm2 uml ct alice" # 10.0.0.1, .2 ...

leave() {
	./guest stop
}

within() { # NAME COMMAND...
	if [ "$1" = alice ]; then on "$@"; else ./guest do "$@"; fi
}

# kernel NAME: tells the kernels that run from each other.
kernel() {
	within "$1" cat /proc/sys/kernel/random/boot_id
}

# answers NAME ADDRESS: how many of three pings are answered. Where an emulated
# machine was too slow for all three, others are tried.
answers() {
	local got _
	for _ in 1 2 3; do
		got=$(within "$1" ping -q -c 3 -i 0.2 -W 5 "$2" |
			grep -o '[0-9] [a-z ]*received' | cut -c 1)
		[ "${got:-0}" -lt 3 ] || break
	done
	echo "${got:-0}"
}

# row NAME: how many each of the others answers it.
row() {
	local other i=0
	printf '%8s' "$1"
	for other in $names; do
		i=$((i + 1))
		if [ "$other" = "$1" ]; then
			printf '%7s' -
		else
			printf '%7d' "$(answers "$1" "10.0.0.$i")"
		fi
	done
	echo
}

reaches_all() { # NAME
	[ "$(grep -ow 3 "$tmp/row.$1" | wc -l)" -eq 4 ]
}

# behind PORT N: whether the switch knows the MAC of guest N there.
behind() {
	switchctl fdb | grep "^02:00:00:00:00:0$2 " | grep " $1 "
}

start
expect "vm1, vm2, uml and ct boot" ./guest start vm1 vm2 uml ct
expect "four kernels run: those of vm1, vm2, uml and of this machine" \
	test "$(for name in $names; do
		kernel "$name"
	done | sort -u | wc -l)" -eq 4
expect "the container has that of this machine, as alice has" \
	test "$(kernel ct)" = "$(kernel alice)"

rows=
for name in $names; do
	row "$name" >"$tmp/row.$name" &
	rows="$rows $!"
done
wait $rows
say "how many of three pings are answered, to:"
printf '%8s%7s%7s%7s%7s%7s\n' '' $names
for name in $names; do
	cat "$tmp/row.$name"
done
echo
for name in $names; do
	expect "$name reaches all the others" reaches_all "$name"
done

expect "vm1 is a client on its own port" behind lan.vm1 1
expect "so is uml" behind lan.uml 3
expect "vm2 is behind the card of its machine" behind lan.box 2
expect "whose bridge knows that vm2 has the TAP" \
	test -n "$(on box bridge fdb show br br0 |
		grep "^02:00:00:00:00:02 dev tap0 ")"
expect "ct is on the port of its network namespace" behind lan.ct 4

expect "the guests end" ./guest stop
expect "and then vm1 does not answer" \
	fails on alice ping -q -c 1 -W 1 10.0.0.1
