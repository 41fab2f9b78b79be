"""Is king - man + woman really queen? The list without the input words, and the ranks that those would have."""

from embgeo import load

space = load("minilm")
answer = space.analogy("king", "man", "woman", k=3)
print(answer.query.text)
for found in answer:
    print(f"  {found.rank}. {found.text}  {found.score:.4f}")
for left in answer.excluded:
    print(f"  left out: {left.text}  {left.score:.4f}, rank {left.rank}")
