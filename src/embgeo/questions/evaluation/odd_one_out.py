"""Odd-one-out lines: is the word that doesn't belong found?"""

from __future__ import annotations

import numpy as np

from embgeo.formats.benchmarks import Benchmark
from embgeo.models.model import Model
from embgeo.questions.evaluation.words import word_rows
from embgeo.questions.odd import centralities
from embgeo.questions.rows import identity
from embgeo.results.eval import Miss, ModelOdd


def evaluate_odd(
    model: Model, file: Benchmark[tuple[str, ...]], *, reference: str = "embgeo", restrict: int | None = None
) -> tuple[ModelOdd, list[Miss]]:
    """How often the last word of a line is the one with the lowest centrality (see `oddone`), and the misses.

    A line with a word outside the vocabulary is not asked; of equal ones the first counts as the odd one. With the
    reference `gensim` words outside are left out of their line as `doesnt_match` does, and a line is asked if one is
    known; words are the vocabulary's own strings as written; of equal ones the first by the alphabet is the odd one.

    Raises:
        UsageError: no such reference.
    """
    gensim, manifest = reference == "gensim", model.manifest
    row_of = word_rows(model, reference, restrict, fold=False).row
    right = outside = 0
    misses: list[Miss] = []
    for line in file.items:
        rows = [row_of(word) for word in line]
        known = [place for place, row in enumerate(rows) if row >= 0]
        if len(known) < (1 if gensim else len(line)):
            outside += 1
            continue
        scores = centralities(model.weights.take(np.array([rows[place] for place in known])))
        _, _, found = min(
            (score, line[place] if gensim else "", place) for score, place in zip(scores.tolist(), known, strict=True)
        )
        if rows[found] == rows[-1]:  # of a word that stands there twice, either
            right += 1
        else:
            misses.append(
                Miss(
                    model=manifest.model, section="", question=" ".join(line), expected=line[-1],
                    answered=line[found], answered_id=rows[found], transform=manifest.transform,
                )
            )  # fmt: skip
    asked = right + len(misses)
    accuracy = right / asked if asked else None
    return ModelOdd(**identity(model), right=right, asked=asked, outside=outside, accuracy=accuracy), misses
