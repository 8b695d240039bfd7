# SPDX-License-Identifier: MIT
# Every header compiles alone, and twice. The core sees plain C11: without
# _GNU_SOURCE whatever is not of libc's standard part is not even declared.
. "$(dirname "$0")/lib.sh"

read -ra flags < <(pkg-config --cflags libuv liburing yaml-0.1 jansson cmocka libpcap)
flags+=(-std=c11 -Wall -Wextra -Wno-unused-parameter -Wundef -Werror
	-fsyntax-only -I. -DLABSWITCH_VERSION='"0"')

while IFS= read -r file; do
	gnu=(-D_GNU_SOURCE)
	[[ $file != switchd/core/* ]] || gnu=()
	printf '#include "%s"\n#include "%s"\n' "$file" "$file" |
		cc "${flags[@]}" "${gnu[@]}" -x c - ||
		complain "$file:1: does not compile alone"
done < <(files '*.h')
exit $wrong
