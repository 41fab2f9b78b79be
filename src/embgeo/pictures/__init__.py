"""An answer in, a figure out: as SVG, or as braille for a terminal. It knows no model, no word and no matrix."""
