# SPDX-License-Identifier: MIT
# Every check can fail: each passes a small good tree and refuses it with one
# bad file added.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export LINT_ROOT=$tree
wrong=0

# put FILE TEXT
put() {
	mkdir -p "$tree/$(dirname "$1")"
	printf '%b' "$2" >"$tree/$1"
}

# run CHECK: its output goes to $tree/build/log.
run() {
	bash "$here/$1.sh" "$tree/build" >"$tree/build/log" 2>&1
}

# bad CHECK FILE TEXT: the check must refuse the tree and name the file.
bad() {
	local kept=
	[ ! -f "$tree/$2" ] || kept=$(cat "$tree/$2")
	put "$2" "$3"
	if run "$1" || ! grep -qF "$2" "$tree/build/log"; then
		echo "$1.sh does not refuse $2: $3"
		sed 's/^/  /' "$tree/build/log"
		wrong=1
	fi
	if [ -n "$kept" ]; then
		printf '%s\n' "$kept" >"$tree/$2"
	else
		rm "$tree/$2"
	fi
}

spdx='/* SPDX-License-Identifier: MIT */\n'
include='#include "switchd/core/one.h"\n'
page='.Dd January 1, 2025\n.Dt ONE 1\n.Os\n.Sh NAME\n.Nm one\n.Nd one thing\n'

git -C "$tree" init -q
cp "$here/../../.clang-format" "$here/../../.clang-tidy" "$tree"
put .gitignore '/build/\n'
put switchd/core/one.h "$spdx#ifndef ONE_H\n#define ONE_H\nint one(void);\n#endif\n"
put switchd/core/one.c "$spdx$include\nint one(void)\n{\n\treturn 1;\n}\n"
put docs/one.1 "$page"
put build/switchd/one '#!/bin/sh\necho usage: one\n'
put build/switchd/switchctl '#!/bin/sh\nprintf "commands:\\n  one\\n"\n'
put README.md '| `switchctl one` | does one thing |\n'
chmod +x "$tree"/build/switchd/*
put build/compile_commands.json "[
{\"directory\": \"$tree\", \"file\": \"switchd/core/one.c\",
 \"command\": \"cc -I. -c switchd/core/one.c\"},
{\"directory\": \"$tree\", \"file\": \"switchd/core/two.c\",
 \"command\": \"cc -I. -c switchd/core/two.c\"}]"

for check in spdx words paths layers sizes headers format man tidy; do
	run $check || {
		echo "$check.sh refuses a good tree:"
		sed 's/^/  /' "$tree/build/log"
		wrong=1
	}
done

lines() {
	printf "$1%.0s" $(seq "$2")
}

bad spdx switchd/core/two.c 'int two;\n'
bad spdx two.sh '#!/bin/sh\necho\n# SPDX-License-Identifier: MIT\n'
bad words switchd/core/two.c "$spdx/* TO""DO: more */\n"
bad words switchd/core/two.c "$spdx#if ""0\n#endif\n"
bad paths docs/two.md 'See `switchd/core/two.h`.\n'
bad layers switchd/core/two.c "$spdx#include <unistd.h>\n"
bad layers switchd/core/two.c "$spdx#include \"topo/two.h\"\n"
bad layers topo/two.c "$spdx#include <uv.h>\n"
bad layers topo/two.c "$spdx#include \"one.h\"\n"
bad layers capture/two.c "$spdx#include \"plugs/two.h\"\n"
bad layers plugs/two.c "$spdx#  include <yaml.h>\n"
bad layers switchd/core/one.c "$spdx#include <stdint.h>\n$include"
bad layers elsewhere/two.c "$spdx"
bad sizes switchd/core/two.c "int two(void)\n{\n$(lines '\\n' 61)}\n"
bad sizes switchd/core/two.c "$(lines '\\n' 501)"
bad headers switchd/core/two.h "${spdx}uint8_t two(void);\n"
bad headers switchd/core/two.h "$spdx#include <stdio.h>
static inline int two(FILE *f)\n{\n\treturn fileno(f);\n}\n"
bad headers topo/two.h "${spdx}struct two {\n};\n"
bad format switchd/core/two.c "${spdx}int two( void );\n"
bad man docs/two.1 "$page.Sh NOT\n.Xy\n"
bad man docs/one.1 "$page.Bl -tag\n.It Fl -none\nNothing.\n.El\n"
bad man README.md '| `switchctl none` | does nothing |\n'
bad tidy switchd/core/two.c "$spdx#include <stdlib.h>
int two(const char *s);\nint two(const char *s)\n{\n\treturn atoi(s);\n}\n"
exit $wrong
