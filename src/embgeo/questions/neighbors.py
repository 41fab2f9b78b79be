"""Nearest neighbours: the tokens whose rows are nearest to a term's vector."""

from __future__ import annotations

from embgeo.errors import UsageError
from embgeo.models.model import Embedding
from embgeo.numerics.dtypes import F64, shortest_of
from embgeo.numerics.search import METRICS, Hits, Objective, scan
from embgeo.results.base import Query
from embgeo.results.neighbors import Neighbour, Neighbours


def neighbours(
    space: Embedding, term: str, k: int = 10, *,
    metric: str = "cosine", raw: bool = False, words: bool = False, multi: str = "mean",
) -> Neighbours:  # fmt: skip
    """The k tokens nearest to a term.

    Args:
        term: a term or an expression, see `Embedding.point`.
        k: how many; the term's own variants (with `raw`: its own rows) are left out.
        metric: `cosine`, `dot` or `euclidean` (distance; the smallest first).
        raw: list every row for itself, instead of folding variants into the best-placed one.
        words: only whole words of letters.
        multi: for a word of several tokens: `mean`, `sum`, `first`, `last` or `error`.

    Raises:
        TermError: the model has no vector for the term.
        UsageError: no such metric, or a negative k.
    """
    objective = metric_named(metric)
    check_count(k)
    point = space.point(term, multi=multi)
    if objective.needs_direction:
        point.unit()
    results = nearest(space, point.vector, point.ids, k, objective, raw=raw, words=words)
    notes = (*space.notes, *space.split_notes([point], multi))
    manifest = space.manifest
    return Neighbours(
        "neighbors", manifest.model, manifest.revision, manifest.dtype, notes,
        Query(term, point.parts), metric, results, transform=manifest.transform,
    )  # fmt: skip


def nearest(
    space: Embedding, vector: F64, without: list[int], k: int, objective: Objective, *, raw: bool, words: bool
) -> tuple[Neighbour, ...]:
    """The k tokens nearest to a vector [dims], but for the rows `without` and (unless `raw`) their variants."""
    question = scan(space.searchable(), vector[None, :], objective)  # [1, dims]
    hits = question.best(k, space.allowed(without, words=words, raw=raw), space.fold(raw=raw))
    return ranked(space, hits, objective.name, raw=raw)


def ranked(space: Embedding, hits: Hits, metric: str, *, raw: bool) -> tuple[Neighbour, ...]:
    """Rows found as the tokens that people see."""
    tokens = map(space.vocabulary.token, hits.ids.tolist())
    scores = shortest_of(-hits.scores if metric == "euclidean" else hits.scores)
    variants = space.variants(hits.ids, raw=raw)
    return tuple(
        Neighbour(token.id, token.piece, token.text, rank, score, others)
        for rank, (token, score, others) in enumerate(zip(tokens, scores, variants, strict=True), 1)
    )


def metric_named(name: str) -> Objective:
    """The objective of this name.

    Raises:
        UsageError: there is none.
    """
    if name not in METRICS:
        raise UsageError(f"'{name}' is no metric", f"Use one of {', '.join(METRICS)}.")
    return METRICS[name]


def check_count(k: int) -> None:
    """Refuse a negative number of answers."""
    if k < 0:
        raise UsageError(f"can't show {k} answers", "-k takes a whole number from 0.")
