# SPDX-License-Identifier: MIT
# The pictures of graph/ are what others read: SVG is XML without anything from
# outside, with its boxes inside and none over another; dot takes the file for
# it, where there is one; the listing has 80 columns but for a word that is
# longer alone.
set -eu
cd "$SRC/tests/topo/graph"
python3 - *.svg <<'END'
import sys
import xml.etree.ElementTree as tree

NS = "{http://www.w3.org/2000/svg}"
for name in sys.argv[1:]:
    root = tree.parse(name).getroot()
    assert root.tag == NS + "svg", name
    left, top, width, height = map(int, root.get("viewBox").split())
    boxes = []
    for rect in root.iter(NS + "rect"):
        x, y, w, h = (int(rect.get(k)) for k in ("x", "y", "width", "height"))
        assert left <= x and x + w <= left + width, (name, x, w)
        assert top <= y and y + h <= top + height, (name, y, h)
        if rect.get("class"):
            boxes.append((x, y, x + w, y + h))
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            assert apart, (name, a, b)
    for element in root.iter():
        for key in element.keys():
            assert key in ("xmlns", "width", "height", "viewBox", "role",
                           "class", "x", "y", "rx", "d", "fill"), (name, key)
END
for file in *.dot; do
	! command -v dot >/dev/null || dot -Tsvg "$file" >/dev/null
done
! grep -nE '^.{81}' ./*.ascii | grep -vE ' [^ ]{50}'
