# SPDX-License-Identifier: MIT
# The Debian package: one tree makes one package; lintian has nothing against it;
# installed into an empty root it has every piece, which runs from there with the
# capabilities of its service; removed, nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/package.sh"

make_package made
make_package "$tmp/again"
expect cmp made/*.deb again/*.deb
if command -v lintian >/dev/null; then
	expect lintian --allow-root --fail-on error,warning "$deb"
fi

# dpkg_root WORDS...: dpkg for the fresh root, in which there is no shell for the
# package's scripts: they are told of it.
dpkg_root() {
	dpkg --root="$tmp/root" --force-not-root --force-depends \
		--force-script-chrootless --log="$tmp/dpkg.log" "$@" \
		>>dpkg.out 2>&1 || fail "dpkg $*: $(cat dpkg.out)"
}
mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info
touch root/var/lib/dpkg/status
dpkg_root --install "$deb"

for file in sbin/switchd bin/switchctl libexec/labswitch/labswitch-nat \
	libexec/labswitch/host-dhcp.sh \
	share/man/man1/{switchctl,labswitch-extcap}.1.gz \
	share/man/man5/labswitch.yaml.5.gz share/man/man8/switchd.8.gz \
	share/doc/labswitch/{copyright,changelog.gz,README.md} \
	share/bash-completion/completions/{switchctl,switchd} \
	share/zsh/vendor-completions/_{switchctl,switchd} \
	share/labswitch/labs/lib.sh; do
	expect test -f "root/usr/$file"
done
for lab in "$SRC"/labs/*/; do
	installed=root/usr/share/labswitch/labs/$(basename "$lab")
	expect diff -r "$lab" "$installed"
	expect test -x "$installed/check.sh"
done
expect test -x "$(find root -path '*/wireshark/extcap/labswitch-extcap')"
unit=root/lib/systemd/system/switchd@.service
expect test -f "$unit"

# A lab with no more rights than the service has, without those of systemd that
# only it can take away.
caps=$(sed -n 's/^CapabilityBoundingSet=//p' "$unit" | tr A-Z a-z |
	sed 's/cap_/+/g; s/ /,/g')
PATH=$PWD/root/usr/sbin:$PWD/root/usr/bin:$PATH
host outer
mkdir -p etc state
write_lab etc/packed.yaml
expect setpriv --no-new-privs --bounding-set="-all,$caps" switchd --strict \
	-d -l packed --captures "$PWD/state" etc/packed.yaml 2>>switchd.log
leased() {
	switchctl leases | grep -q ' a '
}
await leased
await switchctl exec a ping -q -c 1 -W 1 10.0.2.99
expect ip -n outer link show eth0 >link.log
expect test -s state/a.pcapng
refuse 1 grep -q down switchd.log
expect switchctl stop >stop.log

dpkg_root --purge labswitch
find root ! -path 'root/var*' ! -path root >left
expect test ! -s left
