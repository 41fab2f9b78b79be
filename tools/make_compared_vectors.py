"""Make the small files of vectors that tests and documentation compare.

    python tools/make_compared_vectors.py

The rows are random. The second file has them rotated, with noise and four different rows; its cities are capitalized,
it lacks two words and has one more. The third is the first after "training": a few rows have moved.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent.parent / "tests" / "data" / "compare"
WORDS = """
the of and a to in is was that it he for as with his on be at by I this had not are but from or have an they which one
you were her all she there would their we him been has when who will more no if out so said what up its about into than
them can only other new some could time these two may then do first any my now such like our over man me even most made
after also did many before must through back years where much your way well down should because each just those people
paris berlin rome london cat dog house river bank money king queen red blue green small large old young good bad
""".split()  # noqa: SIM905
DIMS = 8
MOVED = {"cat": 3.0, "bank": 2.5, "king": 2.0, "river": 0.5}
SEED = 16


def main() -> None:
    """Write the files."""
    random = np.random.default_rng(SEED)
    rows = random.standard_normal((len(WORDS), DIMS)) + 0.5
    rotation = np.linalg.qr(random.standard_normal((DIMS + 2, DIMS)))[0].T  # [dims, dims + 2]
    rotated = rows @ rotation + 0.35 * random.standard_normal((len(WORDS), DIMS + 2))
    rotated[[WORDS.index(word) for word in MOVED]] = random.standard_normal((len(MOVED), DIMS + 2))
    FOLDER.mkdir(exist_ok=True)
    write("first.vec", WORDS, rows)
    names = [word.title() if word in ("paris", "berlin", "rome", "london") else word for word in WORDS]
    write("second.vec", [*names[2:], "unlike"], np.concatenate([rotated[2:], random.standard_normal((1, DIMS + 2))]))
    tuned, step = rows.copy(), random.standard_normal(DIMS)
    for word, size in MOVED.items():
        tuned[WORDS.index(word)] += size * (step + 0.2 * random.standard_normal(DIMS))
    write("tuned.vec", WORDS, tuned)


def write(name: str, words: list[str], rows: NDArray[np.float64]) -> None:
    """Write rows in word2vec's text format."""
    lines = [f"{word} {' '.join(f'{value:.3f}' for value in row)}" for word, row in zip(words, rows, strict=True)]
    (FOLDER / name).write_text(f"{len(words)} {rows.shape[1]}\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
