# SPDX-License-Identifier: MIT
# A guide does what it says. Its blocks are
#
#	yaml, python, bash	files, each called as its first line, a comment, says
#	sh			commands, which work when run one after the other
#	console			what cannot be run here; the line before says
#				whether it was tried
#
# and each switchctl in its tables works in the lab of its first file, unless it
# leaves a word open by capitals or dots. What the page has in /tmp is in a folder
# of the test's own. A page in Spanish has the same commands.
# usage: run.sh PAGE, with SRC and BIN in the environment
set -eu
. "$SRC/tests/system/lib.sh"
sed "s|/tmp/|$tmp/|g" "$1" >page.md

# code PAGE: its blocks without remarks, and its switchctl.
code() {
	sed -n '/^```/,/^```$/p' "$1" | sed 's/ *# .*//'
	grep -oE '`switchctl [^`]*`' "$1"
}
spanish=${1%.md}.es.md
if [ -e "$spanish" ]; then
	expect diff <(code "$1") <(code "$spanish")
fi

awk '/^```/ {
		kind = kind == "" ? substr($0, 4) : ""
		named = 0
		if (kind == "console" && said !~ /[Tt]ried/)
			wrong = wrong NR ": was this tried? "
		if (kind !~ /^(yaml|python|bash|sh|console|)$/)
			wrong = wrong NR ": a block of what kind? "
		next
	}
	kind == "" { if (NF) said = $0; next }
	kind == "sh" { print >"steps.sh" }
	kind ~ /^(yaml|python|bash)$/ && !named {
		if ($0 !~ /^# [a-z0-9-]+\.[a-z]+$/)
			wrong = wrong NR ": a file without a name "
		named = file = $2
	}
	named { print >file }
	END { if (wrong) { print wrong; exit 1 } }' page.md ||
	fail "$1"
first=$(sed -n '/^```yaml$/{n;s/^# //p;q}' page.md)
for file in *.yaml; do
	expect switchd -n "$file"
done

ended() {
	! pgrep -x switchd >/dev/null
}
bash -euxc '. ./steps.sh' >steps.log 2>&1 </dev/null ||
	fail "$(cat steps.log)"
cat steps.log
await ended

sed -n '/^|/p' page.md | grep -oE '`switchctl [^`]*`' |
	sed 's/`//g; s/\\|/|/' | awk '!seen[$0]++' |
	grep -vE '[ /][A-Z]+\b|\.\.\.|switchctl stop' >rows || true
expect switchd -d "$first" 2>switchd.log
while read -r command; do
	status=0
	timeout 3 bash -c "$command" >row.log 2>&1 </dev/null || status=$?
	case $status in
	0 | 124) ;; # 124: it goes on until it is told to end
	*) fail "exit $status: $command: $(cat row.log)" ;;
	esac
done <rows
expect switchctl stop
await ended
