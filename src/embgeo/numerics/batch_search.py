"""The candidate rows for many questions at once, by blocked matrix products and bounds.

The questions of a file share their words, so each distinct vector is multiplied with the matrix once, not each
question: a score is a function of a few cosines, rising or falling in each. A block of rows is cut into groups. The
highest and lowest cosine of a group bound the scores of all its rows, and only groups whose bound reaches the k-th best
score so far are examined row by row. `rescoring` then scores the candidates in float64. Where too many rows come close
to the best for float32, equal rows are searched once, in float64. Memory is that of a block, whatever the number of
questions or rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from embgeo.numerics.batches import Batch, Candidates, RowFilter
from embgeo.numerics.distinct_rows import SearchedRows
from embgeo.numerics.dtypes import F32, F64, Ids
from embgeo.numerics.kernels import Matrix
from embgeo.numerics.objectives import ScoreRule
from embgeo.numerics.search import corners
from embgeo.numerics.shortening import best_of_many, with_equal_rows
from embgeo.numerics.units import VECTOR_BATCH, cosine_blocks, rows_with_direction

QUESTION_BATCH: Final = 4096  # at a time (below 2 ** 16, see `_kth`)
GROUP_ROWS: Final = 32  # rows under one bound
PAIR_BATCH: Final = 1 << 11  # (question, group) pairs looked at together
MAX_CANDIDATES: Final = 1 << 20  # candidates that are kept before they are looked through
MAX_SPARSITY: Final = 8  # a table may have this many times more cells than entries

Shorten = Callable[[Candidates], Candidates] | None


def search_batch(
    matrix: Matrix, batch: Batch, limits: RowFilter, k: int = 1, advance: Callable[[int], None] = lambda done: None
) -> Iterator[Candidates]:
    """The candidates for the k best rows of each question, up to `QUESTION_BATCH` questions at a time.

    Args:
        advance: called after each block with the number of questions done so far.
    """
    rows = SearchedRows(matrix, rows_with_direction(matrix, limits.allowed))
    crowded = False
    for first, stop in _chunks(batch.terms):
        numbers, places = np.unique(batch.terms[first:stop], return_inverse=True)
        part = _Part(
            batch.vectors[numbers], places.reshape(stop - first, -1).T, batch.constants[:, first:stop], batch.rule,
            limits.left_out[first:stop], first, k,
        )  # fmt: skip
        if not crowded:
            try:
                yield _search_part(matrix, part, limits.group, rows.ids, None, advance)
            except _CrowdedError:
                crowded = True
        if crowded:
            shorten = functools.partial(best_of_many, matrix, batch, k=k)
            found = _search_part(matrix, part, limits.group, rows.distinct.rows, shorten, advance, double=True)
            yield with_equal_rows(matrix, batch, found, rows.distinct, limits, k)
        advance(stop)


class _CrowdedError(Exception):
    """Too many rows could be the best of some questions."""


class _Part(NamedTuple):
    """Questions from `first` on that are searched together for their `k` best rows.

    They have distinct vectors [vectors, dims], and the places of each question's own among them [n, questions].
    """

    vectors: F64
    places: Ids
    constants: F64
    rule: ScoreRule
    left_out: Ids
    first: int
    k: int


def _chunks(terms: Ids) -> Iterator[tuple[int, int]]:
    """Runs (first, stop) of at most `QUESTION_BATCH` questions with at most `VECTOR_BATCH` distinct vectors."""
    first, total = 0, len(terms)
    while first < total:
        stop = min(first + QUESTION_BATCH, total)
        while stop > first + 1 and len(np.unique(terms[first:stop])) > VECTOR_BATCH:
            stop = first + max(1, (stop - first) // 2)
        yield first, stop
        first = stop


def _search_part(
    matrix: Matrix, part: _Part, group: Ids, ids: Ids, shorten: Shorten, advance: Callable[[int], None], *,
    double: bool = False,
) -> Candidates:  # fmt: skip
    """The candidates among some rows.

    Args:
        group: [all rows] as in `RowFilter`.
        ids: [rows] the rows to look at, rising.
        shorten: called with the candidates when they are too many; without it that is an error.
        double: with cosines in float64, of which most give the bounds of one score.
    """
    count, done = part.places.shape[1], 0
    error, blocks = cosine_blocks(matrix, part.vectors, ids, GROUP_ROWS, double=double)
    candidates = Candidates.none(count)._replace(first=part.first, stop=part.first + count)
    for some, cosines in blocks:
        seen = _Block(cosines.reshape(len(cosines), GROUP_ROWS, -1), error, some, group)
        candidates = _add_block(seen, part, candidates, shorten)
        done += len(some)
        advance(part.first + count * done // len(ids))
    return candidates.where(candidates.high >= candidates.floor[candidates.question])


class _Block(NamedTuple):
    """Cosines [vectors, GROUP, groups] of a block: row r of it is in group r % groups. A view that is overwritten."""

    cosines: F32 | F64
    error: float
    ids: Ids
    group: Ids

    def extreme(self, rule: ScoreRule, up: Callable[[int, int], F64], constants: F64, way: int) -> F64:
        """The highest (way 1) or lowest (-1) score.

        From float32 cosines with a margin for rounding; from float64 ones rounded to float32, as scores are.

        Args:
            up: (i, way) -> the highest or lowest that cosine i can be.
        """
        double = self.cosines.dtype == np.float64
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            scores = [
                rule.score([up(i, way * sign) for i, sign in enumerate(corner)], constants)
                for corner in corners(rule.signs)
            ]
            result = functools.reduce(np.maximum if way > 0 else np.minimum, scores)
            result = result + way * np.abs(result) * (2.0**-50 if double else 2.0**-22)
        result[np.isnan(result)] = way * np.inf
        return result.astype(np.float32).astype(np.float64) if double else result


def _add_block(block: _Block, part: _Part, candidates: Candidates, shorten: Shorten) -> Candidates:
    """Add the candidates of a block: in the groups that can reach the floor, the rows that do."""

    @functools.cache
    def ends(way: int) -> F64:  # [vectors, groups]; most rules need only one of the two
        extreme: F32 = block.cosines.max(axis=1) if way > 0 else block.cosines.min(axis=1)
        result: F64 = extreme.astype(np.float64) + way * block.error
        return result

    bound = block.extreme(part.rule, lambda i, way: ends(way)[part.places[i]], part.constants[:, :, None], 1)
    floor = candidates.floor
    if not np.isfinite(floor).all():
        floor = _first_floor(block, part, bound, floor, part.k)
    above = np.nextafter(candidates.floor, np.inf)  # what rows must reach that come after those of earlier blocks
    question, group = np.nonzero(bound >= np.maximum(floor, above)[:, None])
    parts, waiting, most = (
        [candidates._replace(floor=floor)],
        len(candidates.row),
        max(MAX_CANDIDATES, 8 * part.k * len(floor)),
    )
    for at in range(0, len(question), PAIR_BATCH):
        run = slice(at, at + PAIR_BATCH)
        parts.append(_rows_of(block, part, question[run], group[run], np.maximum(parts[0].floor, above)))
        waiting += len(parts[-1].row)
        if waiting > most:
            joined = _raise_floor(Candidates.joined(parts), part.k)
            if len(joined.row) > most // 2:
                if shorten is None:
                    raise _CrowdedError
                joined = shorten(joined)
            parts, waiting = [joined], len(joined.row)
    return _raise_floor(Candidates.joined(parts), part.k)


def _first_floor(block: _Block, part: _Part, bound: F64, floor: F64, k: int) -> F64:
    """A first floor: the k-th best score in the groups with the highest bounds."""
    groups, questions = bound.shape[1], len(floor)
    take = min(groups, k + part.left_out.shape[1])
    best = np.argpartition(bound, groups - take, axis=1)[:, groups - take :]  # [questions, take]
    result = floor.copy()
    per = max(1, PAIR_BATCH // take)
    for at in range(0, questions, per):
        some = np.arange(at, min(at + per, questions))
        rows = _rows_of(block, part, np.repeat(some, take), best[some].ravel(), floor)
        rows = rows._replace(question=rows.question - at)
        result[some] = np.maximum(result[some], _kth(rows, k, len(some)))
    return result


def _rows_of(block: _Block, part: _Part, question: Ids, group: Ids, floor: F64) -> Candidates:
    """The rows of (question, group) pairs [pairs] that reach the floor."""
    groups = block.cosines.shape[2]
    cosines = [block.cosines[places[question], :, group].astype(np.float64) for places in part.places]  # [pairs, GROUP]
    constants = part.constants[:, question, None]
    high = block.extreme(part.rule, lambda i, way: cosines[i] + way * block.error, constants, 1)
    local = group[:, None] + groups * np.arange(GROUP_ROWS)  # [pairs, GROUP]
    pair, place = np.nonzero((high >= floor[question][:, None]) & (local < len(block.ids)))
    reaching = [one[pair, place] for one in cosines]
    numbers, row = question[pair], block.ids[local[pair, place]]
    low = block.extreme(part.rule, lambda i, way: reaching[i] + way * block.error, part.constants[:, numbers], -1)
    left_out = (block.group[row][:, None] == part.left_out[numbers]).any(axis=1)
    return Candidates(0, 0, numbers, row, low, high[pair, place], left_out, floor)


def _kth(candidates: Candidates, k: int, questions: int) -> F64:
    """The k-th highest lower bound [questions] among each question's rows that are not left out; -inf if fewer."""
    result = np.full(questions, -np.inf)
    question, low = candidates.question[~candidates.left_out], candidates.low[~candidates.left_out]
    if k == 1:
        np.maximum.at(result, question, low)
        return result
    counts = np.bincount(question, minlength=questions)
    width = int(counts.max(initial=0))
    if width < k:
        return result
    order = np.argsort(question.astype(np.uint16), kind="stable")  # 16 bits: sorted by counting
    begins = np.cumsum(counts) - counts
    if (
        width * questions > MAX_SPARSITY * len(order) + PAIR_BATCH * GROUP_ROWS
    ):  # a few questions have far more rows than the others
        order = np.lexsort((-low, question))
        chosen = order[begins[counts >= k] + k - 1]
        result[counts >= k] = low[chosen]
        return result
    table = np.full((questions, width), -np.inf)
    table[question[order], np.arange(len(order)) - begins[question[order]]] = low[order]
    best: F64 = np.partition(table, width - k, axis=1)[:, width - k]  # [questions]; -inf where there are fewer
    return best


def _raise_floor(candidates: Candidates, k: int) -> Candidates:
    floor = np.maximum(candidates.floor, _kth(candidates, k, len(candidates.floor)))
    raised = candidates._replace(floor=floor)
    return raised.where(raised.high >= floor[raised.question])
