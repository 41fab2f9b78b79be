"""Is there a direction from singular to plural? Eight pairs, and the same eight with every second one reversed."""

from embgeo import load

NOUNS = ("cat", "dog", "bird", "car", "book", "hand", "house", "tree")
space = load("minilm")
pairs = [(f"{noun}s", noun) for noun in NOUNS]
reversed_pairs = [pair if place % 2 else pair[::-1] for place, pair in enumerate(pairs)]
for examples in (pairs, reversed_pairs):
    direction = space.direction(pairs=examples)
    answer = direction.with_evidence(direction.score(["computers"]), test=[("computers", "computer"), ("men", "man")])
    evidence = answer.evidence
    if evidence and evidence.left_out and evidence.baseline and evidence.test:
        print(f"{evidence.left_out.right} of 8 right under the others, p = {evidence.baseline.p:.3f};", end=" ")
        print(f"{evidence.test.right} of 2 other pairs right; computers at {answer.scores[0].dot:+.3f}")
