"""Run a benchmark file on several models; parameters and errors as in `EmbeddingSpace.eval_analogies`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embgeo.errors import Report, silent
from embgeo.formats.benchmarks import Benchmark, read_analogies, read_odd, read_rated, words_in
from embgeo.models.model import Model
from embgeo.questions.evaluation.analogies import evaluate_analogies
from embgeo.questions.evaluation.odd_one_out import evaluate_odd
from embgeo.questions.evaluation.similarity import evaluate_similarity
from embgeo.results.eval import AnalogyScores, Miss, OddScores, SimilarityScores


def analogy_scores(
    spaces: Sequence[Model], path: Path, *, method: str = "3cosadd", reference: str = "embgeo",
    restrict: int | None = None, listed: bool = True, report: Report = silent,
) -> tuple[AnalogyScores, list[Miss]]:  # fmt: skip
    """Score each model on an analogy file or a BATS folder; also the misses of all models, if `listed`."""
    file = read_analogies(path)
    results = [
        evaluate_analogies(
            model, file, method=method, reference=reference, restrict=restrict, listed=listed, report=report
        )
        for model in spaces
    ]
    models, misses = tuple(scores for scores, _ in results), [miss for _, missed in results for miss in missed]
    return AnalogyScores(
        command="eval analogies", file=file.name, method=method, reference=reference,
        notes=_notes(spaces, file, reference), models=models,
    ), misses  # fmt: skip


def similarity_scores(
    spaces: Sequence[Model], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> SimilarityScores:
    """Score each model on a file of rated word pairs."""
    file = read_rated(path)
    models = tuple(evaluate_similarity(model, file, reference=reference, restrict=restrict) for model in spaces)
    return SimilarityScores(
        command="eval similarity", file=file.name, reference=reference,
        notes=_notes(spaces, file, reference), models=models,
    )  # fmt: skip


def odd_scores(
    spaces: Sequence[Model], path: Path, *, reference: str = "embgeo", restrict: int | None = None
) -> tuple[OddScores, list[Miss]]:
    """Score each model on a file of odd-one-out lines; also the misses of all models."""
    file = read_odd(path)
    results = [evaluate_odd(model, file, reference=reference, restrict=restrict) for model in spaces]
    models, misses = tuple(scores for scores, _ in results), [miss for _, missed in results for miss in missed]
    return OddScores(
        command="eval odd-one-out", file=file.name, reference=reference,
        notes=_notes(spaces, file, reference), models=models,
    ), misses  # fmt: skip


def _notes(spaces: Sequence[Model], file: Benchmark[Any], reference: str) -> tuple[str, ...]:
    chosen = dict.fromkeys(note for model in spaces for note in model.notes)
    bad = file.bad_lines
    lines = (f"left out of {file.name}: {bad:,} {'line' if bad == 1 else 'lines'} that could not be read",)
    capitals = () if reference == "gensim" else (_capitals(model, file) for model in spaces)
    return (*chosen, *(lines if bad else ()), *dict.fromkeys(filter(None, capitals)))


def _capitals(model: Model, file: Benchmark[Any]) -> str:
    """A note on words that the model only has in other capitals; empty if there are none."""
    vocabulary = model.vocabulary
    lost = {word for word in words_in(file) if vocabulary.single_token(word) is None}
    found = sum(vocabulary.in_other_capitals(word)[1] is not None for word in lost)
    if not found:
        return ""
    named = "1 word" if found == 1 else f"{found:,} words"
    return f"{model.manifest.model} has {named} of {file.name} only in other capitals; --case fold finds them"
