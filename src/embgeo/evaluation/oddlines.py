"""Odd-one-out lines: is the word that doesn't belong found?"""

from __future__ import annotations

import numpy as np

from embgeo.embedding import Embedding
from embgeo.evaluation.files import Benchmark
from embgeo.evaluation.words import words_of
from embgeo.oddone import centralities
from embgeo.results.evaluated import Miss, ModelOdd


def evaluate_odd(
    space: Embedding, file: Benchmark[tuple[str, ...]], *, reference: str = "embgeo", restrict: int | None = None
) -> tuple[ModelOdd, list[Miss]]:
    """How often the last word of a line is the one with the lowest centrality (see `oddone`), and the misses.

    A line with a word outside the vocabulary is not asked; of equal words the first counts as the odd one.

    Raises:
        UsageError: no such reference.
    """
    words, manifest = words_of(space, reference, restrict), space.manifest
    right = outside = 0
    misses: list[Miss] = []
    for line in file.items:
        rows = [words.row(word) for word in line]
        if min(rows) < 0:
            outside += 1
            continue
        found = int(np.argmin(centralities(space.matrix.take(np.array(rows)))))
        if found == len(line) - 1:
            right += 1
        else:
            told = (manifest.model, "", " ".join(line), line[-1], line[found], rows[found])
            misses.append(Miss(*told, transform=manifest.transform))
    asked = right + len(misses)
    accuracy = right / asked if asked else None
    score = (right, asked, outside, accuracy)
    return ModelOdd(manifest.model, manifest.revision, manifest.dtype, *score, transform=manifest.transform), misses
