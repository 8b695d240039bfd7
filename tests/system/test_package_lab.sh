# SPDX-License-Identifier: MIT
# The Debian package, really installed: the quickstart lab is run with nothing
# but what came with it, by root and by nobody; when it is removed nothing has
# stayed behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/package.sh"

# inside COMMAND...: in that root; chroot(8) would forbid user namespaces.
inside() {
	unshare --mount bash -euc 'cd "$0"
		pivot_root . mnt
		umount -nl mnt
		exec "$@"' "$root" $clean "$@"
}

make_package made
own_root
mount_kernel "$root"
inside dpkg --purge labswitch >dpkg.out 2>&1 || true
expect inside dpkg --no-triggers --force-depends --install /dev/labswitch.deb >dpkg.out 2>&1

inside switchctl --json lab list | grep '"dir"' >dirs
expect grep -q '"/usr/share/labswitch/labs/quickstart"' dirs
refuse 1 grep -v '"/usr/share/labswitch/labs/' dirs
for user in 0 65534; do
	status=0
	inside setpriv --reuid $user --regid $user --clear-groups \
		switchctl lab check quickstart >check.log 2>&1 || status=$?
	cat check.log
	[ "$status" -eq 0 ] || fail "the check of quickstart by user $user"
	expect grep -q '^passed: ' check.log
done

# Pages and completions are found where they are looked for.
if inside which man >which.log; then
	expect inside man -w switchctl labswitch-extcap labswitch.yaml switchd \
		>pages.log
fi
if inside which zsh >which.log; then
	expect inside zsh -fc 'autoload -U compinit && compinit -u -D &&
		[ "$_comps[switchctl]" = _switchctl ]'
fi

mkdir "$root/var/lib/labswitch" # as a service does
expect inside dpkg --no-triggers --purge labswitch >dpkg.out 2>&1
refuse 1 pgrep -x switchd
nothing_left
expect test -z "$(find "$root/tmp" "$root/run" -mindepth 1)"
