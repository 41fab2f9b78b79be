"""python embgeo_here.py FOLDER float32|float64 [--lines FILE | TEXT] prints the first numbers of a vector."""

import sys
from pathlib import Path

from embgeo import load

folder, precision, *rest = sys.argv[1:]
texts = Path(rest[1]).read_text().splitlines() if rest[0] == "--lines" else rest
print(load(folder).encode(texts, precision=precision)[0, :3])
