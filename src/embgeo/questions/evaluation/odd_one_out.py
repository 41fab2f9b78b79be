"""Odd-one-out lines: how often a model finds the word that doesn't belong."""

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
    """How often the last word of a line has the lowest centrality (see `questions.odd`), and the misses.

    A line with a word outside the vocabulary is skipped; on a tie the first word is the odd one. With the reference
    `gensim`, as in `doesnt_match`, words outside are dropped and a line without words is skipped; words are the
    vocabulary's own strings as written; on a tie the first in alphabetical order is the odd one. Parameters and errors
    as in `word_rows`.
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
        scores = centralities(model.weights.take(np.array([rows[i] for i in known]))).tolist()
        _, _, place = min((score, line[i] if gensim else "", i) for score, i in zip(scores, known, strict=True))
        if rows[place] == rows[-1]:  # a word may occur twice in the line
            right += 1
        else:
            misses.append(
                Miss(
                    model=manifest.model, section="", question=" ".join(line), expected=line[-1],
                    answered=line[place], answered_id=rows[place], transform=manifest.transform,
                )
            )  # fmt: skip
    asked = right + len(misses)
    accuracy = right / asked if asked else None
    return ModelOdd(**identity(model), right=right, asked=asked, outside=outside, accuracy=accuracy), misses
