"""Dot products and cosines: which words are aligned, perpendicular or opposed?"""

from embgeo import load

for pair in load("minilm").dot("cat", "dog", "algebra").pairs:
    print(f"{pair.a} . {pair.b} = {pair.dot:.4f}, cosine {pair.cosine:.4f}: {pair.relation}")
