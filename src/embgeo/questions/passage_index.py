"""Approximate search of passages with a usearch index, and its measured recall."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from embgeo.errors import Report, missing_package
from embgeo.formats.atomic import storing
from embgeo.numerics.dtypes import F32
from embgeo.transformer.activations import Floats

RECALL_SAMPLE: Final = 100  # passages whose nearest others measure the recall
RECALL_NEIGHBORS: Final = 10  # of the nearest others
MAX_INDEXES: Final = 3  # indexes of a model, the newest ones: each set of passages has its own
BLOCK_PASSAGES: Final = 4096  # passages added at a time


class PassageIndex(NamedTuple):
    """An index and its recall.

    Attributes:
        find: the numbers of the k passages that it takes for the nearest to a vector [dims].
        recall: the share of the ten nearest others of sampled passages that it finds.
        queries: how many passages were sampled.
    """

    find: Callable[[Floats, int], list[int]]
    recall: float
    queries: int


def passage_index(folder: Path, key: str, vectors: F32, report: Report) -> PassageIndex:
    """The index of passages from the store, or built and stored; vectors are compared by their dot products.

    Args:
        folder: of what the model's layers have computed.
        key: tells this set of passages from others.
        vectors: [passages, dims].

    Raises:
        UsageError: usearch is not installed.
        ModelError: the store can't be written.
    """
    try:
        from usearch.index import Index
    except ModuleNotFoundError:
        raise missing_package("--index", "usearch", "index") from None
    file = folder / f"index-{key}.usearch"
    with suppress(OSError, ValueError, KeyError, RuntimeError):
        measured = json.loads(file.with_suffix(".json").read_bytes())
        index = Index.restore(str(file))
        if index is not None and len(index) == len(vectors):
            return PassageIndex(_finder(index), float(measured["recall"]), int(measured["queries"]))
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    for at in range(0, len(vectors), BLOCK_PASSAGES):
        part = vectors[at : at + BLOCK_PASSAGES]
        index.add(np.arange(at, at + len(part)), part)
        report("Building the index", at + len(part), len(vectors), "passages")
    recall, queries = _measured(_finder(index), vectors)
    with storing(file) as out:
        out.write(bytes(index.save() or b""))
    with storing(file.with_suffix(".json")) as out:
        out.write(json.dumps({"recall": recall, "queries": queries}).encode())
    _forget_older(folder)
    return PassageIndex(_finder(index), recall, queries)


def _finder(index: Any) -> Callable[[Floats, int], list[int]]:
    return lambda vector, k: index.search(vector.astype(np.float32), k).keys.tolist()


def _measured(find: Callable[[Floats, int], list[int]], vectors: F32) -> tuple[float, int]:
    """The share of the nearest others that the index finds, over a sample of passages, always the same."""
    few = min(RECALL_NEIGHBORS, len(vectors) - 1)
    if few < 1:
        return 1.0, 0
    queries = np.random.default_rng(0).choice(len(vectors), min(RECALL_SAMPLE, len(vectors)), replace=False)
    found = 0
    for query in queries.tolist():
        scores = vectors @ vectors[query]  # [passages, dims] @ [dims] -> [passages]
        scores[query] = -np.inf
        least = np.partition(scores, -few)[-few]
        others = [number for number in find(vectors[query], few + 1) if number != query][:few]
        found += int((scores[others] >= least).sum())  # equal passages count, whichever is found
    return found / (few * len(queries)), len(queries)


def _forget_older(folder: Path) -> None:
    with suppress(OSError):
        files = sorted(folder.glob("index-*.usearch"), key=lambda file: -file.stat().st_mtime_ns)
        for file in files[MAX_INDEXES:]:
            file.unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)
