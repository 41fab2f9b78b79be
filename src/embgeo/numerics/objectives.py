"""What makes a row a good answer: the metrics of neighbor lists and the methods that complete an analogy.

Each is defined only here, with its label and order. The command line takes its choices from these tables before NumPy
is loaded, so the functions that need NumPy import it themselves.

Analogies complete A - B + C, as in king - man + woman. With x^ for the row x at length 1:

    3cosadd        cos(x, A^ - B^ + C^)                                      Mikolov et al. 2013
    3cosmul        p(x, A) p(x, C) / (p(x, B) + 1e-6), p = (1 + cos) / 2     Levy & Goldberg 2014
    offset         cos(x, A - B + C), from the raw rows
    pairdirection  cos(x^ - C^, A^ - B^)                                     Levy & Goldberg 2014; vecto's PairDistance
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from embgeo.errors import check_choice

if TYPE_CHECKING:
    from embgeo.numerics.dtypes import F32, F64

SIGNS: Final = (1, -1, 1)  # of A - B + C
MIN_SQUARED_GAP: Final = 1e-12  # squared distance of unit rows below which there is no direction from one to the other


class Objective(NamedTuple):
    """A score of rows against the vectors of a query; the higher, the better.

    Attributes:
        name: in options and answers.
        label: in titles.
        exact: (rows [rows, dims], vectors [vectors, dims]) -> scores [rows]
        estimate: (products [vectors, rows], row lengths [rows], vector lengths [vectors]) -> scores [rows], monotonic
            in each product. Without it every row is scored by `exact`.
        signs: [vectors] for `estimate`: +1 where the score rises with the product, -1 where it falls, 0 where that
            depends on the other products.
        needs_direction: vectors and rows of length zero have no score.
        lowest_first: a distance: `exact` negates it, and answers show it without the sign.
        score_name: the score's column heading.
    """

    name: str
    label: str
    exact: Callable[[F64, F64], F64]
    estimate: Callable[[F64, F64, F64], F64] | None = None
    signs: tuple[int, ...] = (1,)
    needs_direction: bool = False
    lowest_first: bool = False
    score_name: str = "score"

    def shown(self, scores: F32 | F64) -> F32 | F64:
        """Scores as answers show them."""
        return -scores if self.lowest_first else scores


class ScoreRule(NamedTuple):
    """A score made from the cosines of a row with the vectors of a query.

    Attributes:
        signs: as in `Objective`, for the cosines.
        score: (cosines, an array for each vector; constants [constants, ...]) -> scores of the arrays' shape
        is_sum: the score is the cosine with the sum of the vectors.
    """

    signs: tuple[int, ...]
    score: Callable[[Sequence[F64], F64], F64]
    is_sum: bool = False


class AnalogyMethod(NamedTuple):
    """A way to complete A - B + C; the highest score comes first.

    Attributes:
        name: in options and answers.
        label: in titles.
        rule: the score from a row's cosines with A - B and with C; its only constant is the cosine of those two.
        from_all_three: the rule takes the cosines with A, B and C instead, without constants.
        unit_rows: A, B and C are scaled to length 1 first.
    """

    name: str
    label: str
    rule: ScoreRule
    from_all_three: bool = False
    unit_rows: bool = True


def sum_rule(vectors: int) -> ScoreRule:
    """The cosine with a sum of vectors; constants: each one's share [vectors] of it, |vector| / |sum|."""
    return ScoreRule((1,) * vectors, _weighted_sum, is_sum=True)


def of_cosines(rule: ScoreRule, constants: F64) -> Objective:
    """The objective of a single query that is scored by a rule.

    Args:
        constants: [constants] of the query.
    """
    return Objective(
        "", "", lambda rows, vectors: rule.score(list(_exact_cosines(rows, vectors)), constants),
        lambda dots, norms, lengths: rule.score(list(_cosines(dots, norms, lengths)), constants),
        rule.signs, needs_direction=True,
    )  # fmt: skip


def metric_named(name: str) -> Objective:
    """The objective of a metric.

    Raises:
        UsageError: an unknown metric.
    """
    check_choice("metric", name, METRICS)
    return METRICS[name]


def analogy_method(name: str) -> AnalogyMethod:
    """The analogy method of this name.

    Raises:
        UsageError: an unknown method.
    """
    check_choice("analogy method", name, ANALOGY_METHODS)
    return ANALOGY_METHODS[name]


def _dots(rows: F64, vectors: F64) -> F64:
    import numpy as np

    # Summed row by row, not by BLAS, whose order of addition depends on a row's place: equal rows score equally.
    return np.array([(rows * vector).sum(axis=1) for vector in vectors])  # -> [vectors, rows]


def _cosines(dots: F64, norms: F64, lengths: F64) -> F64:
    return dots / (norms * lengths[:, None])  # [vectors, rows] / ([rows] * [vectors, 1])


def _exact_cosines(rows: F64, vectors: F64) -> F64:
    import numpy as np

    norms: F64 = np.sqrt((rows * rows).sum(axis=1))
    return _cosines(_dots(rows, vectors), norms, np.linalg.norm(vectors, axis=1))


def _exact_distances(rows: F64, vectors: F64) -> F64:
    import numpy as np

    squares: F64 = ((rows - vectors[0]) ** 2).sum(axis=1)
    return -np.sqrt(squares)


def _distances(dots: F64, norms: F64, lengths: F64) -> F64:
    import numpy as np

    squares: F64 = np.maximum(norms**2 + lengths[0] ** 2 - 2 * dots[0], 0)
    return -np.sqrt(squares)


def _weighted_sum(cosines: Sequence[F64], shares: F64) -> F64:
    total: F64 = shares[0] * cosines[0]
    for share, cosine in zip(shares[1:], cosines[1:], strict=True):
        total = total + share * cosine
    return total


def _three_cos_mul(cosines: Sequence[F64], _: F64) -> F64:
    import numpy as np

    a, b, c = ((1 + np.clip(cosine, -1, 1)) / 2 for cosine in cosines)
    ratio: F64 = a * c / (b + 1e-6)
    return ratio


def _pair_direction(cosines: Sequence[F64], constants: F64) -> F64:
    """(x^ - C^) . o^ / |x^ - C^| for o = A^ - B^, from x^ . o^ and x^ . C^; the constant is C^ . o^."""
    import numpy as np

    along, near = cosines
    gap = 2 - 2 * near  # |x^ - C^| squared
    result: F64 = np.where(
        gap > MIN_SQUARED_GAP, (along - constants[0]) / np.sqrt(np.maximum(gap, MIN_SQUARED_GAP)), np.nan
    )
    return result


COSINE: Final = Objective(
    "cosine", "cosine", lambda rows, vectors: _exact_cosines(rows, vectors)[0],
    lambda dots, norms, lengths: _cosines(dots, norms, lengths)[0], needs_direction=True, score_name="cosine",
)  # fmt: skip
DOT: Final = Objective(
    "dot", "dot", lambda rows, vectors: _dots(rows, vectors)[0], lambda dots, norms, lengths: dots[0], score_name="dot"
)
EUCLIDEAN: Final = Objective(
    "euclidean", "euclidean", _exact_distances, _distances, lowest_first=True, score_name="distance"
)
METRICS: Final = {metric.name: metric for metric in (COSINE, DOT, EUCLIDEAN)}
SIMILARITIES: Final = {name: metric for name, metric in METRICS.items() if not metric.lowest_first}
ANALOGY_METHODS: Final = {
    method.name: method
    for method in (
        AnalogyMethod("3cosadd", "3CosAdd", sum_rule(2)),
        AnalogyMethod("3cosmul", "3CosMul", ScoreRule(SIGNS, _three_cos_mul), from_all_three=True),
        AnalogyMethod("offset", "raw offset", sum_rule(2), unit_rows=False),
        AnalogyMethod("pairdirection", "pair direction", ScoreRule((1, 0), _pair_direction)),
    )
}
# Methods of `eval analogies`, with their labels; the last two learn from the other pairs of a relation.
EVAL_METHODS: Final = {name: method.label for name, method in ANALOGY_METHODS.items()} | {
    "3cosavg": "3CosAvg", "lrcos": "LRCos",
}  # fmt: skip
