"""The lower bound for a nearest-neighbor search: NumPy alone, with the matrix mapped and its norms precomputed.

    python floor.py MATRIX OFFSET DTYPE ROWS DIMS NORMS ID

MATRIX is a file that contains a DTYPE (F32, F16 or BF16) matrix [ROWS, DIMS] from byte OFFSET on, NORMS a .npy file
with the rows' norms. Prints the ids of the ten rows nearest to row ID by cosine.
"""

import sys

import numpy as np

path, offset, dtype, rows, dims, norms_path, token = sys.argv[1:]
numbers = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}[dtype]
matrix = np.memmap(path, numbers, "r", int(offset), (int(rows), int(dims)))
norms = np.load(norms_path)

wide = (matrix.astype(np.uint32) << 16).view(np.float32) if dtype == "BF16" else matrix.astype(np.float32, copy=False)
scores = wide @ wide[int(token)] / norms
scores[int(token)] = -np.inf
best = np.argpartition(-scores, 10)[:10]
sys.stdout.write(" ".join(map(str, best[np.argsort(-scores[best])].tolist())) + "\n")
