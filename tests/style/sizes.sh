# SPDX-License-Identifier: MIT
# Functions and files stay small: what can be read at one go. A function's
# lines are those after its opening brace, as clang-tidy counts them.
. "$(dirname "$0")/lib.sh"

# A file in clang-format's layout has the braces of its functions, and only
# those, alone on a line in the first column.
files '*.c' '*.h' | xargs -r awk '
	FNR == 1 { start = 0 }
	FNR == 501 {
		print FILENAME ":501: more than 500 lines"
		wrong = 1
	}
	/^\{$/ { start = FNR }
	/^\}$/ && start {
		len = FNR - start
		if (len > 60) {
			print FILENAME ":" start ": function of " len " lines"
			wrong = 1
		}
		start = 0
		if (FILENAME ~ /^tests\//)
			next
		count[len]++
		n++
	}
	END {
		for (len = 0; len <= 60 || seen < n; len++) {
			seen += count[len]
			if (!median && seen * 2 >= n)
				median = len
			if (!p90 && seen * 10 >= n * 9)
				p90 = len
		}
		print n + 0 " functions outside tests: median " median + 0 \
			" lines, nine in ten up to " p90 + 0
		if (median > 15 || p90 > 40) {
			print "sizes: the median is to be 15, nine in ten 40"
			wrong = 1
		}
		exit wrong
	}'
