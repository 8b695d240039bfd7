# SPDX-License-Identifier: MIT
# The Debian package: installed into a fresh root it has every piece, which runs
# from there; removed, nothing of it is left. Its service allows what hosts,
# TAPs and the NAT take.
. "$(dirname "$0")/lib.sh"
for tool in cpack dpkg dpkg-shlibdeps setpriv; do
	command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done

expect cpack --config "$BIN/CPackConfig.cmake" -B "$tmp/made" >cpack.log 2>&1
deb=$(echo made/labswitch_*.deb)
expect test -s "$deb"
if command -v lintian >/dev/null; then
	expect lintian --allow-root --fail-on error "$deb"
fi

# dpkg_root WORDS...: dpkg for the fresh root.
dpkg_root() {
	dpkg --root="$tmp/root" --force-not-root --force-depends \
		--log="$tmp/dpkg.log" "$@" >>dpkg.out 2>&1 ||
		fail "dpkg $*: $(cat dpkg.out)"
}
mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info
touch root/var/lib/dpkg/status
dpkg_root --install "$deb"

for file in sbin/switchd bin/switchctl libexec/labswitch/labswitch-nat \
	share/man/man1/switchctl.1.gz share/doc/labswitch/copyright \
	share/bash-completion/completions/switchctl \
	share/zsh/vendor-completions/_switchctl \
	share/labswitch/labs/quickstart/check.sh; do
	expect test -f "root/usr/$file"
done
expect test -f "$(find root -path '*/wireshark/extcap/labswitch-extcap')"
unit=root/lib/systemd/system/switchd@.service
expect test -f "$unit"
if command -v systemd-analyze >/dev/null; then
	systemd-analyze verify "$unit" >verify.log 2>&1 || true
	refuse 1 grep -E 'Unknown|Invalid|Failed to parse' verify.log
fi

# A lab with no more rights than the service has, without those of systemd that
# only it can take away.
caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr A-Z a-z |
	sed 's/cap_/+/g; s/ /,/g')
PATH=$PWD/root/usr/sbin:$PWD/root/usr/bin:$PATH
host outer
mkdir -p etc state
cat >etc/packed.yaml <<'EOF'
hosts: {r: {forward: yes}}
switches:
  lan:
    ports:
      a: {host: dhcp, capture: a.pcapng}
      r: host 10.0.2.99/24
      t: {tap: eth0, netns: outer}
      out: nat
      vm: vde
EOF
expect setpriv --no-new-privs --bounding-set="-all,$caps" switchd --strict \
	-d -l packed --captures "$PWD/state" etc/packed.yaml 2>>switchd.log
leased() {
	switchctl leases | grep -q ' a '
}
await leased
expect switchctl exec a ping -q -c 2 -i 0.2 10.0.2.99 >ping.log
expect ip -n outer link show eth0 >link.log
expect test -s state/a.pcapng
refuse 1 grep -q down switchd.log
expect switchctl stop >stop.log

dpkg_root --purge labswitch
find root ! -path 'root/var*' ! -path root >left
expect test ! -s left
