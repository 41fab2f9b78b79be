"""Make src/embgeo/pictures/font: the subset of DejaVu Sans for pictures, and its character widths.

    pip install fonttools
    python tools/make_font.py /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf

The widths determine the layout of pictures, and the font draws PNGs, so that both are the same on every machine. The
license (Bitstream Vera's, see font/LICENSE) allows changes under any name without "Bitstream" or "Vera" in it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

OUT = Path(__file__).resolve().parent.parent / "src" / "embgeo" / "pictures" / "font"
# Latin, IPA, Greek, Cyrillic, Armenian, Hebrew, Georgian, punctuation, arrows, operators, block and geometric shapes.
RANGES = [(0x20, 0x5FF), (0x10A0, 0x10FF), (0x1E00, 0x1FFF), (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x20CF)]
RANGES += [(0x2100, 0x22FF), (0x2423, 0x2423), (0x2580, 0x25FF), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD)]


def main(source: str) -> None:
    """Write the font and the widths."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(layout_features=["mark", "mkmk", "ccmp"], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for low, high in RANGES for code in range(low, high + 1)])
    subsetter.subset(font)
    font.save(OUT / "DejaVuSans-embgeo.ttf")
    names = font.getBestCmap()
    widths = np.zeros(max(names) + 1 if max(names) < 0x2600 else 0x2600, np.uint16)  # thousandths of the font's size
    for code, name in names.items():
        if code < len(widths):
            widths[code] = round(1000 * font["hmtx"][name][0] / font["head"].unitsPerEm)
    (OUT / "widths.bin").write_bytes(widths.astype("<u2").tobytes())


if __name__ == "__main__":
    main(sys.argv[1])
