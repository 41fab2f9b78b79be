"""The shape of a space, in figures; docs/space.md defines each."""

from __future__ import annotations

from dataclasses import dataclass

from embgeo.results.base import Answer, Token


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Which rows the figures are of.

    Attributes:
        all: of the matrix.
        counted: all but those that no token has (`absent`) and those with NaN or infinity (`bad`).
        zero: of the counted ones, those of length zero.
    """

    all: int
    counted: int
    absent: int
    bad: int
    zero: int


@dataclass(frozen=True, slots=True)
class Norms:
    """Euclidean lengths of the counted rows: quantiles, and how many lie in equal steps from `min` to `max`."""

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
        by_mean_norm: that by the mean length of the rows.
        share: of the rows' mean squared length, its squared length.
        median_distance: of the rows that have a direction, from it.
        nearest: the nearest of those.
    """

    norm: float
    by_mean_norm: float | None
    share: float | None
    median_distance: float | None
    nearest: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class RandomCosines:
    """Cosines of random pairs of different rows: their mean, its standard error, and their deviation."""

    samples: int
    seed: int
    mean: float
    error: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Anisotropy:
    """How far the rows point the same way.

    Attributes:
        cosine: the mean of all pairs of different rows that have a direction, exactly.
        pairs: how many those are.
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
        shares: [dims] of it along each component, the largest first.
        participation_ratio: the effective number of dimensions.
        components_90: how many components have 90 % of the variance.
    """

    variance: float
    shares: tuple[float, ...]
    participation_ratio: float | None
    components_90: int | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """A single coordinate against the others.

    Attributes:
        dimension: its number, from 0.
        mean, variance: of the coordinate.
        mean_sigmas, variance_sigmas: how many standard deviations they lie from those of all dimensions.
        variance_share: of the variance of all dimensions.
        cosine_share: of the mean cosine of all pairs.
        outlier: whether one of the two is beyond `Outliers.sigmas`.
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
    """Dimensions unlike the others: all that are beyond so many sigmas, and the farthest in any case."""

    sigmas: float
    count: int
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Hub(Token):
    """A token, in how many of the queries' lists of nearest rows it stands, and their share."""

    occurrences: int
    share: float


@dataclass(frozen=True, slots=True)
class Hubness:
    """How unevenly rows are nearest to others.

    Attributes:
        k: rows in a list.
        queries: rows whose k nearest were found, among all rows.
        whole: whether those are all that have a direction; if not, they are a random sample.
        seed: of the sample.
        skewness: of the number of lists of all rows that a row stands in, N_k; estimated unless `whole`.
        error: the standard error of that estimate; None if `whole`.
        never: the share of rows that stand in no list; None unless `whole`.
        hubs: the rows that stand in most lists.
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
    """Rows that are the same to the byte, zero rows apart: groups, rows in them, and the largest groups."""

    groups: int
    rows: int
    examples: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, slots=True)
class Short(Token):
    """A token and the length of its row."""

    norm: float


@dataclass(frozen=True, slots=True)
class Space(Answer):
    """The shape of a space.

    Attributes:
        dimensions: of the matrix.
        anisotropy: None with fewer than two rows that have a direction.
        hubness: None with too few rows for a list.
        shortest: the tokens with the shortest rows that aren't zero.
        reading: what the figures say, in sentences.
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
