"""Search by meaning in the user's own text files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from embgeo.errors import Report, UsageError, silent
from embgeo.formats.passages import Passages, read_passages
from embgeo.models.model import Model
from embgeo.numerics.dtypes import F32, shortest
from embgeo.questions.passage_vectors import PassageVectors, passage_vectors
from embgeo.questions.ranking import check_count
from embgeo.questions.rows import about
from embgeo.questions.running import read_sentences, runner, sentence_rules, sentence_vectors
from embgeo.results.search import FoundPassage, Search
from embgeo.transformer.activations import Floats

NAMED: Final = 5  # files that a note lists
ERROR: Final = 1e-4  # more than what float32 loses in a product, for vectors of length 1
SAME: Final = 1e-5  # how far float32 leaves a normalized vector from length 1, and more
PART: Final = 8192  # passages widened at a time


def search(
    model: Model, query: str, files: Sequence[str], k: int = 10, *, by: str = "line", cut: bool = False,
    report: Report = silent,
) -> Search:  # fmt: skip
    """The passages of files nearest in meaning to a query; see `EmbeddingSpace.search`."""
    check_count(k)
    ready = runner(model, "float32", report, sentences=True)
    rules = sentence_rules(ready)
    read = read_sentences(ready, rules, [query], cut=cut)
    ((_, vector),) = sentence_vectors(ready, rules, read)  # [1, dims]
    found = read_passages(files, by)
    if not found.passages:
        raise UsageError("there is no text to search", "Name files or folders with text in them, or - and pipe it in.")
    known = passage_vectors(ready, rules, [passage.text for passage in found.passages], report)
    if not rules.by_dot:
        vector, known = _unit(vector), known._replace(vectors=_unit(known.vectors))
    best, scores = _nearest(known.vectors, vector[0], k)
    notes = _notes(found, known, read[0].cut)
    return Search(
        **about(model, "search", (*ready.files.notes, *notes)), query=query, by=by,
        metric="dot" if rules.by_dot else "cosine", files=found.files,
        passages=len(found.passages), computed=known.computed,
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
    if np.abs(lengths - 1).max(initial=0) > SAME:
        vectors /= np.maximum(lengths, 1e-12)[:, None]
    return vectors


def _nearest(vectors: F32, query: Floats, k: int) -> tuple[list[int], list[float]]:
    """The numbers of the k passages with the highest products, and these; equal ones in the order of the files.

    Products in float32 find candidates, within their error; those are computed anew in float64, row by row, so that
    equal passages have equal scores.
    """
    rough = vectors @ query.astype(np.float32)  # [passages, dims] @ [dims] -> [passages]
    few = min(k, len(rough))
    if not few:
        return [], []
    longest = float(np.sqrt(np.einsum("pd,pd->p", vectors, vectors).max()))
    least = np.partition(rough, len(rough) - few)[len(rough) - few] - 2 * ERROR * longest * np.linalg.norm(query)
    near = np.flatnonzero(rough >= least)
    exact = np.concatenate([
        np.einsum("pd,d->p", vectors[part].astype(np.float64), query.astype(np.float64))  # [part]
        for part in np.split(near, range(PART, len(near), PART))
    ])  # [near]  # fmt: skip
    order = np.argsort(-exact, kind="stable")[:k]
    return near[order].tolist(), exact[order].tolist()


def _notes(found: Passages, known: PassageVectors, lost: int) -> list[str]:
    """What was left out, or cut.

    Args:
        lost: how many tokens of the query were cut.
    """
    kinds = {
        "not UTF-8 text, and left out": found.binary, "can't be read, and left out": found.unread,
        "written to while it was read": found.changed,
    }  # fmt: skip
    notes = [f"{what}: {_listed(names)}" for what, names in kinds.items() if names]
    if lost:
        notes.append(f"the last {lost:,} tokens of the query were cut")
    if count := int((known.cut > 0).sum()):
        what = "1 passage is" if count == 1 else f"{count:,} passages are"
        notes.append(f"{what} longer than the model takes, and cut at its limit")
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
