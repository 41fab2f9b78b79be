"""An answer in, a figure or a page out: SVG, HTML, or braille for a terminal. It knows no model and asks nothing."""
