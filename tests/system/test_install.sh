# SPDX-License-Identifier: MIT
# cmake --install puts every piece where it belongs, and it runs from there.
. "$(dirname "$0")/lib.sh"

expect env DESTDIR="$tmp/root" cmake --install "$BIN" --prefix /usr >install.log
for file in sbin/switchd bin/switchctl share/man/man8/switchd.8 \
	share/bash-completion/completions/switchctl \
	share/zsh/site-functions/_switchctl \
	share/man/man1/switchctl.1 share/man/man1/labswitch-extcap.1 share/man/man5/labswitch.yaml.5 \
	libexec/labswitch/host-dhcp.sh \
	share/labswitch/labs/quickstart/topology.yaml; do
	expect test -f "root/usr/$file"
done
expect root/usr/sbin/switchd -n "$SRC/labs/quickstart/topology.yaml"
expect test "$(root/usr/bin/switchctl --version | cut -d' ' -f2-)" = \
	"$(root/usr/sbin/switchd --version | cut -d' ' -f2-)"

# Programs for Wireshark lie in a directory of their own, which cmake chose.
extcap=$(find root -path '*/wireshark/extcap/labswitch-extcap')
expect test "$("$extcap" --version | cut -d' ' -f2-)" = \
	"$(root/usr/bin/switchctl --version | cut -d' ' -f2-)"

# It finds the script of `host dhcp` from where it was installed.
echo 'switches: {lan: {ports: {bob: host dhcp}}}' >dhcp.yaml
PATH=$PWD/root/usr/sbin:$PATH
start dhcp.yaml
refuse 1 grep -q down switchd.log
expect pgrep -f "root/usr/sbin/../libexec/labswitch/host-dhcp.sh" >pid.log
stop
