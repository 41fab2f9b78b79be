"""The similarity of every word with every other, as a matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embgeo.errors import Report, UsageError, check_choice, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest, shortest_of
from embgeo.numerics.objectives import SIMILARITIES
from embgeo.questions.points import TermLike
from embgeo.questions.rows import about, tokens_of
from embgeo.questions.terms import phrase_notes, read_terms, term_notes
from embgeo.results.dot import TermLength
from embgeo.results.similarity import Similarity


def similarity(
    model: Model, terms: Sequence[TermLike], *, metric: str = "cosine", multi: str = "mean", report: Report = silent
) -> Similarity:  # fmt: skip
    """Every term against every other: cosines or dot products; see `EmbeddingSpace.similarity`."""
    check_choice("metric", metric, SIMILARITIES)
    if len(terms) < 2:
        raise UsageError("similarity needs two or more terms", "As in: embgeo similarity cat dog house")
    points = read_terms(model, terms, multi=multi)
    for point in points:
        if SIMILARITIES[metric].needs_direction or not np.isfinite(point.norm):
            point.check_direction()
    vectors = np.array([point.vector for point in points])  # [terms, dims]
    return Similarity(
        **about(model, "similarity", (*term_notes(points, multi), *phrase_notes(points))), metric=metric,
        terms=tuple(TermLength(
            term=point.term.term, tokens=point.term.tokens, norm=shortest(point.norm),
        ) for point in points),
        matrix=_matrix(vectors, metric, report),
    )  # fmt: skip


def similarity_of_texts(
    model: Model, texts: Sequence[str], *, metric: str = "cosine", cut: bool = False, report: Report = silent
) -> Similarity:  # fmt: skip
    """Every text against every other, by their sentence vectors computed in float64; errors as in `running.encode`."""
    from embgeo.questions.running import fill, read_sentences, runner, sentence_rules

    check_choice("metric", metric, SIMILARITIES)
    if len(texts) < 2:
        raise UsageError("similarity needs two or more texts", "As in: embgeo similarity --texts 'A cat.' 'A dog.'")
    ready = runner(model, sentences=True)
    rules = sentence_rules(ready)
    read = read_sentences(ready, rules, texts, cut=cut)
    vectors = np.empty((len(texts), ready.transformer.settings.width))  # [texts, dims]
    fill(vectors, ready, rules, read, report)
    notes = [f"the last {one.cut:,} tokens of '{one.text[:40]}…' were cut" for one in read if one.cut]
    return Similarity(
        **about(model, "similarity", (*ready.files.notes, *notes)), metric=metric,
        terms=tuple(TermLength(
            term=text, tokens=tokens_of(model, one.ids),
            norm=shortest(float(np.linalg.norm(vector))),
        ) for text, one, vector in zip(texts, read, vectors, strict=True)),
        matrix=_matrix(vectors, metric, report),
    )  # fmt: skip


def _matrix(vectors: F64, metric: str, report: Report) -> tuple[tuple[float, ...], ...]:
    """The similarity of each of the vectors [terms, dims] with all."""
    rows = []
    for done, vector in enumerate(vectors, 1):
        rows.append(tuple(shortest_of(SIMILARITIES[metric].exact(vectors, vector[None]))))  # [terms]
        report("Comparing", done, len(vectors), "terms")
    return tuple(rows)
