"""Words in groups: average-linkage clustering on cosine distance, as SciPy computes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from embgeo.errors import Report, UsageError, is_whole, missing_package, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F64, shortest, shortest_of
from embgeo.numerics.objectives import COSINE
from embgeo.numerics.search import scan
from embgeo.numerics.subspace import unit
from embgeo.questions.points import Point, TermLike
from embgeo.questions.rows import about, listable
from embgeo.questions.terms import read_terms, term_notes
from embgeo.results.cluster import Cluster, Clustering, ClusterMember, Merge

DISTANCE_TOLERANCE: Final = 1e-12  # a step in distance below this is rounding


def cluster(
    model: Model, terms: Sequence[TermLike], groups: int | None = None, *, multi: str = "mean", report: Report = silent
) -> Clustering:  # fmt: skip
    """Group terms by the cosines between them; see `EmbeddingSpace.cluster`."""
    if len(terms) < 2:
        raise UsageError("cluster needs two or more terms", "As in: embgeo cluster cat dog red blue")
    if groups is not None and not is_whole(groups, 1, len(terms)):
        raise UsageError(f"can't make {groups} groups of {len(terms)} terms", f"Use 1 to {len(terms)} groups.")
    points = read_terms(model, terms, multi=multi)
    vectors = np.array([point.unit() for point in points])  # [terms, dims]
    hierarchy = _scipy()
    tree = hierarchy.linkage(vectors, "average", "cosine")  # [terms - 1, 4]: two groups, distance, merged size
    labels = hierarchy.cut_tree(tree, groups or _widest_gap(tree[:, 2]))[:, 0]  # [terms]
    cosines = vectors @ vectors.T  # [terms, dims] @ [dims, terms]
    members = [np.flatnonzero(labels == label) for label in dict.fromkeys(labels.tolist())]
    named = []
    for done, places in enumerate(members, 1):  # a pass over the vocabulary for each
        named.append(_group(model, points, vectors, places))
        report("Naming groups", done, len(members), "groups")
    return Clustering(
        **about(model, "cluster", term_notes(points, multi)), linkage="average", asked=groups,
        groups=tuple(named),
        order=tuple(point.term.term for point in points),
        cosines=tuple(tuple(shortest_of(row)) for row in cosines),
        merges=tuple(Merge(int(first), int(second), shortest(far)) for first, second, far, _ in tree.tolist()),
    )  # fmt: skip


def _widest_gap(heights: F64) -> int:
    """The number of groups before the merge with the widest step in distance; the fewest if steps are equal.

    One if all merges are at the same distance, within rounding: nothing separates groups then.
    """
    steps = np.diff(heights)  # [terms - 2]
    if not steps.max(initial=0) > DISTANCE_TOLERANCE:
        return 1
    last = len(steps) - 1 - int(np.argmax(steps[::-1]))
    return len(heights) - last


def _group(model: Model, points: list[Point], vectors: F64, places: Any) -> Cluster:
    center = vectors[places].mean(axis=0)  # [members, dims] -> [dims]
    if not np.linalg.norm(center) > 0:
        center = vectors[places[0]]  # the members cancel out: take the first
    cosines = vectors[places] @ unit(center)  # [members, dims] @ [dims] -> [members]
    hits = scan(model.searchable(), center[None, :], COSINE).best(1, listable(model, []))  # [1, dims]
    token = model.vocabulary.token(int(hits.ids[0]))
    order = np.argsort(-cosines, kind="stable")
    members = tuple(
        ClusterMember(term=points[place].term.term, tokens=points[place].term.tokens, cosine=shortest(cosine))
        for place, cosine in zip(places[order], cosines[order], strict=True)
    )
    return Cluster(id=token.id, piece=token.piece, text=token.text, cosine=shortest(hits.scores[0]), members=members)


def _scipy() -> Any:
    try:
        from scipy.cluster import hierarchy
    except ModuleNotFoundError:
        raise missing_package("cluster", "SciPy", "cluster") from None
    return hierarchy
