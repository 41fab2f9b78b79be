"""Portions of work side by side, one thread per processor: NumPy releases Python's lock while it multiplies."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

Portion = TypeVar("Portion")
Result = TypeVar("Result")
MAX_THREADS: Final = 4  # each thread holds a block of cosines, and more threads would only wait for Python's lock


def side_by_side(run: Callable[[Portion], Result], portions: Sequence[Portion]) -> Iterator[tuple[Portion, Result]]:
    """Each portion with what `run` gives for it, in their order."""
    if len(portions) < 2 or workers() < 2:
        yield from ((portion, run(portion)) for portion in portions)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers())
    try:
        yield from zip(portions, pool.map(run, portions), strict=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def workers() -> int:
    """How many portions to run side by side: one per processor if each product has one thread, as `search` has it.

    Products that each use all processors run faster one at a time: their threads would wait for each other.
    """
    return processors() if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else 1


def processors() -> int:
    """How many threads can work in parallel."""
    own = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(own, MAX_THREADS)
