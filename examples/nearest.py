"""The nearest neighbors of cat by cosine, dot product and Euclidean distance."""

from embgeo import load

space = load("minilm")
for metric in ("cosine", "dot", "euclidean"):
    nearest = space.neighbors("cat", k=5, metric=metric)
    print(f"{metric}: " + ", ".join(f"{found.text} {found.score:.3f}" for found in nearest))
