"""Find the nearest neighbors of each line with Gensim, for comparison with `embgeo neighbors -`.

    python gensim_lines.py VECTORS < KEYS

VECTORS is a KeyedVectors that was saved with its norms; its matrix is mapped. Writes a line of JSON for each key.
"""

import json
import sys

from gensim.models import KeyedVectors

vectors = KeyedVectors.load(sys.argv[1], mmap="r")
for line in sys.stdin:
    found = [{"key": key, "score": score} for key, score in vectors.most_similar(line.strip())]
    sys.stdout.write(json.dumps({"query": line.strip(), "results": found}) + "\n")
