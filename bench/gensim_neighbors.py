"""Find nearest neighbors with Gensim, for comparison with `embgeo neighbors`.

    python gensim_neighbors.py VECTORS KEY

VECTORS is a KeyedVectors that was saved with its norms; its matrix is mapped.
"""

import sys

from gensim.models import KeyedVectors

path, key = sys.argv[1:]
for name, score in KeyedVectors.load(path, mmap="r").most_similar(key):
    sys.stdout.write(f"{score:.6f} {name}\n")
