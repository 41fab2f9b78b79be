"""An answer in, a figure or a page out: SVG, PNG, HTML, or braille for a terminal. Nothing here knows a model."""
