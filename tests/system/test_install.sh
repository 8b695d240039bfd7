# SPDX-License-Identifier: MIT
# cmake --install puts every piece where it belongs, and it runs from there.
. "$(dirname "$0")/lib.sh"

expect env DESTDIR="$tmp/root" cmake --install "$BIN" --prefix /usr >install.log
for file in sbin/switchd bin/switchctl share/man/man8/switchd.8 \
	share/man/man1/switchctl.1 share/man/man5/labswitch.yaml.5 \
	share/doc/labswitch/labs/quickstart/topology.yaml; do
	expect test -f "root/usr/$file"
done
expect root/usr/sbin/switchd -n "$SRC/labs/quickstart/topology.yaml"
expect test "$(root/usr/bin/switchctl --version | cut -d' ' -f2-)" = \
	"$(root/usr/sbin/switchd --version | cut -d' ' -f2-)"
