"""Does the direction from cat to cats also order the numbers and separate plurals from singulars?"""

from embgeo import load

plural = load("minilm").direction("cats", "cat")
for words in (["one", "two", "three", "four"], ["book", "books"], ["mouse", "mice"], ["child", "children"]):
    answer = plural.score(words)
    print(", ".join(f"{score.term} {score.dot:+.4f}" for score in answer.scores), "->", answer.order)
