"""The same neighbors with plain NumPy: the matrix is an ordinary memory-mapped array."""

import numpy as np

from embgeo import load

space = load("minilm")
rows = space.matrix.astype(np.float64)  # [rows, dims]
cat = rows[4937]  # [dims]
cosines = rows @ cat / np.linalg.norm(rows, axis=1) / np.linalg.norm(cat)  # [rows, dims] @ [dims] -> [rows]
print("NumPy: ", [int(row) for row in np.argsort(-cosines)[1:6]])
print("embgeo:", [found.id for found in space.neighbors("cat", k=5, raw=True)])
