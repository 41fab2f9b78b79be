"""Figures of a space; docs/space.md defines each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from embgeo.results.base import Answer, Token
from embgeo.results.records import Record, as_data
from embgeo.results.tabular import Drawable

SUBJECT_FIELDS = ("id", "dimension", "piece", "text")  # fields that say what a figure is of


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Which rows the figures describe.

    Attributes:
        all: every row of the matrix.
        counted: rows that have a token and finite numbers.
        absent: rows without a token.
        bad: rows with NaN or infinity.
        zero: counted rows of length zero.
    """

    all: int
    counted: int
    absent: int
    bad: int
    zero: int


@dataclass(frozen=True, slots=True)
class Norms:
    """Euclidean lengths of the counted rows: quantiles, and a histogram in equal steps from `min` to `max`."""

    min: float
    q05: float
    q25: float
    median: float
    q75: float
    q95: float
    max: float
    mean: float
    deviation: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Near(Token):
    """A token and the Euclidean distance of its row from the mean vector."""

    distance: float


@dataclass(frozen=True, slots=True)
class MeanVector:
    """The mean of the counted rows.

    Attributes:
        norm: its length.
        by_mean_norm: its length divided by the mean length of the rows.
        share: its squared length divided by the rows' mean squared length.
        median_distance: the median distance from it, over rows that are not zero.
        nearest: the tokens of the nearest rows that are not zero.
    """

    norm: float
    by_mean_norm: float | None
    share: float | None
    median_distance: float | None
    nearest: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class RandomCosines:
    """Cosines of random pairs of different rows.

    Attributes:
        mean, error, deviation: their mean, its standard error, and their deviation.
        histogram: their numbers in a hundred equal steps from -1 to 1.
    """

    samples: int
    seed: int
    mean: float
    error: float
    deviation: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Anisotropy:
    """How much the rows point the same way.

    Attributes:
        cosine: the exact mean cosine over all pairs of different rows that are not zero.
        pairs: the number of those pairs.
        random: the mean of a random sample of them.
    """

    cosine: float
    pairs: int
    random: RandomCosines


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The principal components of the counted rows.

    Attributes:
        variance: the sum of the variances of all dimensions.
        shares: [dims] the share of it along each component, the largest first.
        participation_ratio: the effective number of dimensions.
        components_90: how many components add up to 90% of the variance.
    """

    variance: float
    shares: tuple[float, ...]
    participation_ratio: float | None
    components_90: int | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A single coordinate compared with the others.

    Attributes:
        dimension: its number, from 0.
        mean, variance: of the coordinate.
        mean_sigmas, variance_sigmas: how many standard deviations they lie from the average over all dimensions.
        variance_share: its share of the variance of all dimensions.
        cosine_share: its share of the mean cosine of all pairs.
        outlier: whether mean or variance lies beyond `Outliers.sigmas`.
    """

    dimension: int
    mean: float
    mean_sigmas: float
    variance: float
    variance_sigmas: float
    variance_share: float | None
    cosine_share: float | None
    outlier: bool


@dataclass(frozen=True, slots=True)
class Outliers:
    """Dimensions unlike the others: the `count` beyond `sigmas`, or the most extreme ones if there are none."""

    sigmas: float
    count: int
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Hub(Token):
    """A token, the number of lists of nearest rows that it appears in, and their share of all lists."""

    occurrences: int
    share: float


@dataclass(frozen=True, slots=True)
class Hubness:
    """How unevenly rows occur among the nearest rows of others.

    Attributes:
        k: rows in a list.
        queries: rows whose k nearest rows were listed.
        whole: whether the queries are all rows that are not zero, or a random sample of them.
        seed: of the sample.
        skewness: of N_k, the number of rows that list a row among their k nearest; estimated unless `whole`.
        error: the standard error of that estimate; None if `whole`.
        never: the share of rows that appear in no list; None unless `whole`.
        hubs: the rows that appear in the most lists.
    """

    k: int
    queries: int
    whole: bool
    seed: int
    skewness: float | None
    error: float | None
    never: float | None
    hubs: tuple[Hub, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Rows that are the same to the byte, without zero rows: groups, rows in them, and the largest groups."""

    groups: int
    rows: int
    examples: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, slots=True)
class Short(Token):
    """A token and the length of its row."""

    norm: float


@dataclass(frozen=True, slots=True)
class Space(Answer, Drawable):
    """Figures of a space.

    Attributes:
        dimensions: of the matrix.
        anisotropy: None with fewer than two rows that are not zero.
        hubness: None with too few rows for a list.
        shortest: the tokens of the shortest rows that are not zero.
        reading: sentences about the figures.
    """

    rows: RowCounts
    dimensions: int
    norms: Norms
    mean: MeanVector
    anisotropy: Anisotropy | None
    spectrum: Spectrum
    outliers: Outliers
    hubness: Hubness | None
    duplicates: Duplicates
    shortest: tuple[Short, ...]
    reading: tuple[str, ...]

    def records(self) -> list[Record]:
        """Every number of the answer: `figure` is its path in the JSON, `of` its row, dimension or step."""
        data = as_data(self)
        figures = data.keys() - {"command", "model", "revision", "dtype", "transform", "notes", "reading"}
        return [row for name, value in data.items() if name in figures for row in _figures(name, value)]


def _figures(name: str, value: object, of: object = "", text: object = "") -> Iterator[Record]:
    if isinstance(value, dict):
        own, said = value.get("id", value.get("dimension", of)), value.get("text", text)
        if not (left := [key for key in value if key not in SUBJECT_FIELDS]):  # a token alone, in a group of duplicates
            yield {"figure": name, "of": own, "text": said, "value": of}
        for key in left:
            yield from _figures(f"{name}.{key}", value[key], own, said)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _figures(name, item, number if of == "" else of, text)
    else:
        yield {"figure": name, "of": of, "text": text, "value": value}
