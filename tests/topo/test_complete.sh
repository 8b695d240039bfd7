# SPDX-License-Identifier: MIT
# Every error that topo can give has a file in bad/ whose golden text shows it,
# or, where a file would be too large or no plug has such an option, a unit test.
set -eu
python3 - "$SRC" <<'EOF'
import glob
import re
import sys

src = sys.argv[1]
LITERAL = r'"(?:[^"\\]|\\.)*"'
TEXT = LITERAL + r"(?:\s*" + LITERAL + ")*"  # adjacent literals are one
CALL = r"\b(?:err_set|err_at|errors_at|parse_fail)\s*\([^;\"]*?(" + TEXT + ")"
RETURN = r"\breturn\s+(?:\w+\s*\?\s*)?(" + TEXT + r")\s*(?::\s*NULL\s*)?;"

shown = glob.glob(src + "/tests/topo/bad/*.err")
shown += glob.glob(src + "/tests/unit/topo/*.c")
golden = "\n".join(open(f).read() for f in shown)
count = 0
missing = []
for path in sorted(glob.glob(src + "/topo/*.c")):
    code = open(path).read()
    found = re.findall(CALL, code)
    if path.endswith(("/yaml.c", "/hint.c")):
        found += re.findall(RETURN, code)
    for literals in found:
        text = "".join(s[1:-1] for s in re.findall(LITERAL, literals))
        text = text.encode().decode("unicode_escape").replace("%%", "%")
        if text in ("", "%s", "no memory"):
            continue
        count += 1
        parts = re.split(r"%[-0-9.*]*(?:ll|z|h)?[a-z]", text)
        if not re.search(".*".join(map(re.escape, parts)), golden):
            missing.append("%s: %s" % (path[len(src) + 1:], text))
print("%d texts of errors" % count)
if missing or count < 50:
    sys.exit("no test shows:\n  " + "\n  ".join(missing))
EOF
