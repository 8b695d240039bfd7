# SPDX-License-Identifier: MIT
# What documents name in the tree (`tests/unit/core`) is there; names with
# capitals or foo in them are anybody's.
. "$(dirname "$0")/lib.sh"

while IFS=: read -r file line path; do
	path=${path//\`/}
	case $path in
	*[A-Z]* | *foo*) ;;
	*) [ -e "$path" ] || complain "$file:$line: there is no $path" ;;
	esac
done < <(files '*.md' | xargs -r -d '\n' grep -noHE \
	'`(switchd|topo|plugs|capture|tests|bench|docs|labs)/[A-Za-z0-9_./-]+`' ||
	true)
exit $wrong
