"""Benchmark files put to several models: what `embgeo eval` and the library call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embgeo.formats.benchmarks import Benchmark, read_analogies, read_odd, read_rated
from embgeo.models.model import Embedding
from embgeo.progress import Report, silent
from embgeo.questions.evaluation.analogies import evaluate_analogies
from embgeo.questions.evaluation.odd_one_out import evaluate_odd
from embgeo.questions.evaluation.similarity import evaluate_similarity
from embgeo.results.eval import AnalogyScores, Miss, OddScores, SimilarityScores


def analogy_scores(
    spaces: Sequence[Embedding], path: Path, *, method: str = "3cosadd", reference: str = "embgeo",
    restrict: int | None = None, listed: bool = True, report: Report = silent,
) -> tuple[AnalogyScores, list[Miss]]:  # fmt: skip
    """An analogy file (or a BATS folder) put to each model; the misses of all of them, if they are to be listed.

    Raises:
        as `files.read_analogies` and `analogies.evaluate_analogies`.
    """
    file = read_analogies(path)
    found = [
        evaluate_analogies(
            space, file, method=method, reference=reference, restrict=restrict, listed=listed, report=report
        )
        for space in spaces
    ]
    models, misses = tuple(model for model, _ in found), [miss for _, some in found for miss in some]
    return AnalogyScores("eval analogies", file.name, method, reference, _notes(spaces, file), models), misses


def similarity_scores(
    spaces: Sequence[Embedding], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> SimilarityScores:
    """A file of rated word pairs put to each model.

    Raises:
        as `files.read_rated` and `pairs.evaluate_similarity`.
    """
    file = read_rated(path)
    models = tuple(evaluate_similarity(space, file, reference=reference, restrict=restrict) for space in spaces)
    return SimilarityScores("eval similarity", file.name, reference, _notes(spaces, file), models)


def odd_scores(
    spaces: Sequence[Embedding], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> tuple[OddScores, list[Miss]]:
    """A file of odd-one-out lines put to each model; the misses of all of them.

    Raises:
        as `files.read_odd` and `oddlines.evaluate_odd`.
    """
    file = read_odd(path)
    found = [evaluate_odd(space, file, reference=reference, restrict=restrict) for space in spaces]
    models, misses = tuple(model for model, _ in found), [miss for _, some in found for miss in some]
    return OddScores("eval odd-one-out", file.name, reference, _notes(spaces, file), models), misses


def _notes(spaces: Sequence[Embedding], file: Benchmark[Any]) -> tuple[str, ...]:
    chosen = dict.fromkeys(note for space in spaces for note in space.notes)
    bad = file.bad_lines
    lines = (f"left out of {file.name}: {bad:,} {'line' if bad == 1 else 'lines'} that could not be read",)
    return (*chosen, *(lines if bad else ()))
