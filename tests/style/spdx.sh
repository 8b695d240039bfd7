# SPDX-License-Identifier: MIT
# Every source names its licence: C in the first line, a script in the comment
# that it begins with.
. "$(dirname "$0")/lib.sh"

tag='SPDX-License-Identifier: MIT'

while IFS= read -r file; do
	[ "$(head -n 1 "$file")" = "/* $tag */" ] ||
		complain "$file:1: not '/* $tag */'"
done < <(files '*.c' '*.h' '*.def')

while IFS= read -r file; do
	sed '/^#/!q' "$file" | grep -qx "# $tag" ||
		complain "$file:1: no '# $tag' in its first comment"
done < <(files '*.sh' '*.py' dev .ci/run)
exit $wrong
