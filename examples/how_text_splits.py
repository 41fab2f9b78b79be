"""How a tokenizer splits text into tokens and ids, and the vector of one word."""

import numpy as np

from embgeo import load

space = load("minilm")
for token in space.tokens("Embeddings are geometry").tokens:
    print(token.id, token.text)
cat = np.asarray(space["cat"])
print(f"cat: {cat.shape[0]} numbers, length {np.linalg.norm(cat):.4f}")
