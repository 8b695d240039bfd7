# SPDX-License-Identifier: MIT
# What shells offer: commands and their words from the tables, what there is in
# the running lab; and that nothing is said where there is nothing.
. "$(dirname "$0")/lib.sh"

cat >lab.yaml <<'EOF'
name: complete
switches:
  lan: {ports: {alice: host 10.0.0.1/24, bob: null, both: null}}
  far: {ports: {both: null}}
links: [lan -- far]
EOF
start lab.yaml

compopt() { # as nobody types here
	:
}

# offers WORDS LINE: what bash offers at the end of the line.
. "$SRC/switchd/completion/switchctl"
. "$SRC/switchd/completion/switchd"
offers() {
	COMP_LINE=$2 COMP_POINT=${#2}
	_switchctl
	[ "${COMPREPLY[*]}" = "$1" ] || fail "'$2': ${COMPREPLY[*]}"
}

offers 'flush add del lan far' 'switchctl fdb '
offers 'flush' 'switchctl fdb fl'
offers 'fdb forward' 'switchctl f'
offers 'lan far port vlan' 'switchctl fdb flush '
offers 'lan.alice lan.bob lan.both lan.lan--far far.both far.lan--far' \
	'switchctl --json trace '
offers 'lan.bob lan.both' 'switchctl trace lan.bo'
offers 'bob' 'switchctl trace b'
offers 'lan--far' 'switchctl link down '
offers 'forth back' 'switchctl link down lan--far '
offers '--direction' 'switchctl capture lan.bob --di'
offers 'both rx tx' 'switchctl capture lan.bob --direction '
offers 'lan.alice lan.bob lan.both lan.lan--far' \
	'switchctl fdb add 02:00:00:00:00:01 lan.'
offers 'switch hub wire' 'switchctl mode lan '
offers 'svg' 'switchctl graph lab.yaml --format s'
offers '--dry-run' 'switchctl apply lab.yaml '
offers 'lab.yaml' 'switchctl apply la'
offers 'lab.yaml' 'switchctl exec alice cat la'
offers '--lab --json --help --version' 'switchctl -'
offers 'complete' 'switchctl -l '
offers 'alice' 'switchctl -l complete trace ali'
offers 'alice' 'switchctl shell '
offers '' 'switchctl nosuch '
offers '' 'switchctl -l /nonexistent trace '
offers '' 'switchctl trace lan.alice 02'
_switchd switchd --lo
[ "${COMPREPLY[*]}" = --log-level ] || fail "switchd: ${COMPREPLY[*]}"

# Every command of the usage is offered, its words too.
switchctl --help | sed -n '/^commands:/,$s/^  \([a-z].*\)/\1/p' >usage.txt
while read -r first second rest; do
	switchctl --complete "" | grep -qxe "$first" || fail "no $first"
	case $second in
	[a-z]*)
		switchctl --complete "$first" "" | grep -qxe "$second" ||
			fail "no $first $second"
		;;
	*) second= ;;
	esac
	for word in $(grep -oE -- '\[--?[a-z-]+' <<<"$rest" | tr -d '['); do
		switchctl --complete "$first" $second x - | grep -qxe "$word" ||
			fail "no $word in $first $second"
	done
done <usage.txt

stop
offers '' 'switchctl trace '
offers '' 'switchctl -l '

for file in "$SRC"/switchd/completion/_*; do
	! command -v zsh >/dev/null || expect zsh -n "$file"
done
