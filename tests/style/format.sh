# SPDX-License-Identifier: MIT
# Layout is what clang-format 14 makes of it.
. "$(dirname "$0")/lib.sh"

files '*.c' '*.h' | xargs -r clang-format --dry-run -Werror
