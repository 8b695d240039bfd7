# SPDX-License-Identifier: MIT
# The manual pages are good mdoc, and describe the very options that the
# programs print; README.md has the commands of switchctl. (The keys of a
# topology: tests/topo/test_man.c; the commands in the page: tests/ctl/.)
# usage: man.sh BUILD
build=$(realpath "$1")
. "$(dirname "$0")/lib.sh"

# The long options of a page (\-\-name or Fl -name) or of a --help text.
options() {
	sed 's/\\-/-/g; s/Fl -/--/g' | grep -oE -- '(^|[^-a-z])--[a-z][-a-z]*' |
		grep -oE -- '--.*' | sort -u
}

while IFS= read -r page; do
	mandoc -T lint -W warning "$page" || wrong=1
	name=${page##*/}
	program=$build/switchd/${name%.*}
	[ -x "$program" ] || continue
	diff <("$program" --help | options) <(options <"$page") >/dev/null ||
		complain "$page:1: not the options of --help:" "$(diff \
			<("$program" --help | options) <(options <"$page") |
			grep '^[<>]' | tr '\n' ' ')"
done < <(files 'docs/*.[1-8]')

[ ! -x "$build/switchd/switchctl" ] || while IFS= read -r usage; do
	grep -qF "| \`switchctl $usage\` |" README.md ||
		complain "README.md:1: no row for 'switchctl $usage'"
done < <("$build/switchd/switchctl" --help |
	sed -n '/^commands/,$s/^  \([a-z]\)/\1/p')
exit $wrong
