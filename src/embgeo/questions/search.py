"""Search by meaning in the user's own text files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import Report, silent
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, Ids, shortest
from embgeo.questions.encoded_passages import encoded_passages
from embgeo.questions.passage_index import passage_index
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about
from embgeo.questions.running import read_sentences, runner, sentence_rules, sentence_vectors
from embgeo.results.search import FoundPassage, Search
from embgeo.transformer.activations import Floats

PRODUCT_ERROR: Final = 1e-4  # more than what float32 loses in a product, for vectors of length 1
UNIT_TOLERANCE: Final = 1e-5  # how far float32 leaves a normalized vector from length 1, and more
BLOCK_PASSAGES: Final = 8192  # passages widened at a time


def search(
    model: Model, query: str, files: Sequence[str], k: int = 10, *, by: str = "line", cut: bool = False,
    index: bool = False, report: Report = silent,
) -> Search:  # fmt: skip
    """The passages of files nearest in meaning to a query; see `EmbeddingSpace.search`."""
    check_count(k)
    ready = runner(model, "float32", report, sentences=True)
    rules = sentence_rules(ready)
    read = read_sentences(ready, rules, [query], cut=cut)
    ((_, vector),) = sentence_vectors(ready, rules, read)  # [1, dims]
    found, known, notes = encoded_passages(ready, rules, files, by, report)
    if not rules.by_dot:
        vector, known = _unit(vector), known._replace(vectors=_unit(known.vectors))
    approximate = passage_index(known.folder, known.key, known.vectors, report) if index else None
    if approximate:
        near = np.array(approximate.find(vector[0], min(k, len(known.vectors))) if k else [], np.intp)
        best, scores = _ordered(known.vectors, vector[0], np.sort(near), k)
    else:
        best, scores = _nearest(known.vectors, vector[0], k)
    if read[0].cut:
        notes = (f"the last {read[0].cut:,} tokens of the query were cut", *notes)
    return Search(
        **about(model, "search", (*ready.files.notes, *notes)), query=query, by=by,
        metric=rules.metric, files=found.files,
        passages=len(found.passages), computed=known.computed,
        recall=approximate and approximate.recall, recall_queries=approximate.queries if approximate else 0,
        results=tuple(
            FoundPassage(
                rank=rank, score=shortest(score), file=passage.file, line=passage.first,
                last_line=passage.last, text=passage.text, cut=int(known.cut[number]),
            )
            for rank, (number, score) in enumerate(zip(best, scores, strict=True), 1)
            for passage in (found.passages[number],)
        ),
    )  # fmt: skip


def _unit(vectors: Floats) -> Floats:
    """Vectors [vectors, dims] at length 1, in place; those that are so within rounding, as from Normalize, stay."""
    lengths = np.sqrt(np.einsum("vd,vd->v", vectors, vectors))  # [vectors]
    if np.abs(lengths - 1).max(initial=0) > UNIT_TOLERANCE:
        vectors /= np.maximum(lengths, 1e-12)[:, None]
    return vectors


def _nearest(vectors: F32, query: Floats, k: int) -> tuple[list[int], list[float]]:
    """The numbers of the k passages with the highest products, and these; equal ones in the order of the files.

    Products in float32 find candidates, within their error; those are recomputed in float64, row by row, so that
    equal passages have equal scores.
    """
    rough = vectors @ query.astype(np.float32)  # [passages, dims] @ [dims] -> [passages]
    few = min(k, len(rough))
    if not few:
        return [], []
    longest = float(np.sqrt(np.einsum("pd,pd->p", vectors, vectors).max()))
    least = np.partition(rough, len(rough) - few)[len(rough) - few] - 2 * PRODUCT_ERROR * longest * np.linalg.norm(
        query
    )
    return _ordered(vectors, query, np.flatnonzero(rough >= least), k)


def _ordered(vectors: F32, query: Floats, near: Ids, k: int) -> tuple[list[int], list[float]]:
    """The k best of some passages by their exact products, and these."""
    exact = np.concatenate([
        np.einsum("pd,d->p", vectors[part].astype(np.float64), query.astype(np.float64))  # [part]
        for part in np.split(near, range(BLOCK_PASSAGES, len(near), BLOCK_PASSAGES))
    ])  # [near]  # fmt: skip
    order = np.argsort(-exact, kind="stable")[:k]
    return near[order].tolist(), exact[order].tolist()
