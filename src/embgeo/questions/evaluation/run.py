"""Benchmark files put to several models: what `embgeo eval` and the library call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embgeo.errors import Report, silent
from embgeo.formats.benchmarks import Benchmark, read_analogies, read_odd, read_rated
from embgeo.models.model import Model
from embgeo.questions.evaluation.analogies import evaluate_analogies
from embgeo.questions.evaluation.odd_one_out import evaluate_odd
from embgeo.questions.evaluation.similarity import evaluate_similarity
from embgeo.results.eval import AnalogyScores, Miss, OddScores, SimilarityScores


def analogy_scores(
    spaces: Sequence[Model], path: Path, *, method: str = "3cosadd", reference: str = "embgeo",
    restrict: int | None = None, listed: bool = True, report: Report = silent,
) -> tuple[AnalogyScores, list[Miss]]:  # fmt: skip
    """An analogy file (or a BATS folder) put to each model; the misses of all of them, if they are to be listed.

    Raises:
        as `files.read_analogies` and `analogies.evaluate_analogies`.
    """
    file = read_analogies(path)
    found = [
        evaluate_analogies(
            model, file, method=method, reference=reference, restrict=restrict, listed=listed, report=report
        )
        for model in spaces
    ]
    models, misses = tuple(model for model, _ in found), [miss for _, some in found for miss in some]
    return AnalogyScores(
        command="eval analogies",
        file=file.name,
        method=method,
        reference=reference,
        notes=_notes(spaces, file),
        models=models,
    ), misses


def similarity_scores(
    spaces: Sequence[Model], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> SimilarityScores:
    """A file of rated word pairs put to each model.

    Raises:
        as `files.read_rated` and `pairs.evaluate_similarity`.
    """
    file = read_rated(path)
    models = tuple(evaluate_similarity(model, file, reference=reference, restrict=restrict) for model in spaces)
    return SimilarityScores(
        command="eval similarity", file=file.name, reference=reference, notes=_notes(spaces, file), models=models,
    )  # fmt: skip


def odd_scores(
    spaces: Sequence[Model], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> tuple[OddScores, list[Miss]]:
    """A file of odd-one-out lines put to each model; the misses of all of them.

    Raises:
        as `files.read_odd` and `oddlines.evaluate_odd`.
    """
    file = read_odd(path)
    found = [evaluate_odd(model, file, reference=reference, restrict=restrict) for model in spaces]
    models, misses = tuple(model for model, _ in found), [miss for _, some in found for miss in some]
    return OddScores(
        command="eval odd-one-out",
        file=file.name,
        reference=reference,
        notes=_notes(spaces, file),
        models=models,
    ), misses


def _notes(spaces: Sequence[Model], file: Benchmark[Any]) -> tuple[str, ...]:
    chosen = dict.fromkeys(note for model in spaces for note in model.notes)
    bad = file.bad_lines
    lines = (f"left out of {file.name}: {bad:,} {'line' if bad == 1 else 'lines'} that could not be read",)
    return (*chosen, *(lines if bad else ()))
