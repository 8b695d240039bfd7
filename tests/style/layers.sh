# SPDX-License-Identifier: MIT
# Which folder may include what; docs/ARCHITECTURE.md says why. Project headers
# are written from the root, and a file that has a header includes it first.
. "$(dirname "$0")/lib.sh"

# Folder or the beginning of names, project headers, libraries; the longest that
# fits decides.
rows='
switchd/core	switchd/core/*				-
topo		switchd/core/*|topo/*			yaml.h
plugs		switchd/core/*|plugs/*|topo/opt.h|topo/net.h	uv.h
plugs/io_	switchd/core/*|plugs/*				uv.h|liburing.h
plugs/nat	switchd/core/*|plugs/nat/*|topo/net.h	-
plugs/nat/child	switchd/core/*|plugs/nat/*|topo/net.h	slirp/*|seccomp.h|ares.h
capture		switchd/core/*|capture/*		pcap.h|uv.h
switchd		switchd/*|topo/*|plugs/*|capture/*	uv.h|jansson.h
bench		switchd/core/*|bench/*			-
tests		*					*
'
libraries='yaml.h|uv.h|jansson.h|cmocka.h|pcap.h|pcap/*|liburing.h|slirp/*|seccomp.h|ares.h'
core_headers='assert.h|ctype.h|errno.h|inttypes.h|limits.h|stdalign.h
stdarg.h|stdbool.h|stddef.h|stdint.h|stdio.h|stdlib.h|string.h|sys/uio.h'

# one_of WORD PATTERN|PATTERN...
one_of() {
	local pattern
	while IFS= read -r pattern; do
		# The pattern is one on purpose.
		# shellcheck disable=SC2053
		[[ $1 != $pattern ]] || return 0
	done < <(tr '|' '\n' <<<"$2")
	return 1
}

# row_of FILE: sets ours and theirs to what it may include.
row_of() {
	local folder project library best=
	while read -r folder project library; do
		[[ $1 == "$folder"/* || $folder == *_ && $1 == "$folder"* ]] ||
			continue
		if [ ${#folder} -gt ${#best} ]; then
			best=$folder ours=$project theirs=$library
		fi
	done <<<"$rows"
	[ -n "$best" ]
}

# check PLACE FILE INCLUDE, which is "header" or <header>
check() {
	local header=${3:1:-1}
	if [[ $3 == '"'* ]]; then
		[ -f "$header" ] || complain "$1: '$header' is not from the root"
		one_of "$header" "$ours" ||
			complain "$1: ${2%/*} may not include '$header'"
	elif [[ $2 == switchd/core/* ]]; then
		one_of "$header" "$core_headers" ||
			complain "$1: the core may not include <$header>"
	elif one_of "$header" "$libraries"; then
		one_of "$header" "$theirs" ||
			complain "$1: ${2%/*} may not include <$header>"
	fi
}

while IFS= read -r file; do
	row_of "$file" || { complain "$file:1: no row for its folder"; continue; }
	first=yes
	while IFS=: read -r line text; do
		include=$(sed -E 's/^[^"<]*(["<][^">]*[">]).*/\1/' <<<"$text")
		if [ -n "$first" ] && [[ $file == *.c ]] && [ -f "${file%.c}.h" ]
		then
			[ "$include" = "\"${file%.c}.h\"" ] ||
				complain "$file:$line: not its own header first"
		fi
		first=
		check "$file:$line" "$file" "$include"
	done < <(grep -nE '^[[:space:]]*#[[:space:]]*include' "$file" || true)
done < <(files '*.c' '*.h')
exit $wrong
