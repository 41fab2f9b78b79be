"""Figures of a whole space: lengths, mean, anisotropy, spectrum, outlier dimensions, hubs, duplicates.

docs/space.md defines each figure.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics.correlation import cosines_of
from embgeo.numerics.dtypes import F64, Ids, Mask, shortest
from embgeo.numerics.duplicates import duplicates
from embgeo.numerics.hubness import NEIGHBORS, skewness, skewness_error
from embgeo.numerics.moments import Moments, UnitMoments, moments_and_units
from embgeo.numerics.nearest_rows import distances_and_nearest
from embgeo.numerics.samples import random_pairs, random_queries
from embgeo.numerics.spectrum import OUTLIER_SIGMAS, components_for, dimension_deviations, participation_ratio, spectrum
from embgeo.questions.rows import about, listable, tokens_of
from embgeo.questions.space_readings import readings
from embgeo.results import space as results

HISTOGRAM_STEPS: Final = 40  # of the histogram
COSINE_STEPS: Final = 100  # of the histogram of random cosines
DEFAULT_QUERIES: Final = 2048  # gives the skewness of spaces with hubs to about a fifth
MAX_SAMPLES: Final = 10_000_000  # pairs, 16 bytes each in memory
MIN_DIMENSIONS: Final = 3  # dimensions shown if none is an outlier


def space(
    model: Model, k: int = 5, *, samples: int = 1000, queries: int | None = DEFAULT_QUERIES, seed: int = 0,
    report: Report = silent,
) -> results.Space:  # fmt: skip
    """Describe a space in figures; see `EmbeddingSpace.space`."""
    if k < 0 or not 2 <= samples <= MAX_SAMPLES or (queries is not None and queries < 1) or seed < 0:
        raise UsageError(
            f"can't show {k} of each from {samples} pairs and {queries} queries with seed {seed}",
            f"Show 0 or more, from 2 to {MAX_SAMPLES:,} pairs and 1 query or more, with a seed from 0.",
        )
    matrix, present = model.searchable(), listable(model, [])
    if not (present & np.isfinite(matrix.norms)).any():
        raise ModelError(f"'{model.manifest.model}' has no row to measure", "None has a token and finite numbers.")
    figures = _figures(model, present, k, samples, queries, seed, report)
    return results.Space(**about(model, "space"), **figures, reading=readings(figures))


def _figures(
    model: Model, present: Mask, k: int, samples: int, queries: int | None, seed: int, report: Report
) -> dict[str, Any]:
    """The fields of `results.Space` that are figures."""
    matrix, norms = model.weights, model.weights.norms
    counted = present & np.isfinite(norms)
    directed = np.flatnonzero(counted & (norms > 0))
    sources = random_queries(directed, queries if len(directed) > NEIGHBORS + 1 else 0, seed)
    moments, units = moments_and_units(matrix, counted, report)
    distances, lists = distances_and_nearest(
        matrix, moments.mean, sources, counted & (norms > 0), NEIGHBORS, report
    )  # fmt: skip
    return {
        "rows": _row_counts(norms, present),
        "dimensions": matrix.shape[1],
        "norms": _norms(norms[counted]),
        "mean": _mean(model, moments, distances, directed, norms[counted], k),
        "anisotropy": _anisotropy(units, cosines_of(matrix, random_pairs(directed, samples, seed)), seed),
        "spectrum": _spectrum(moments),
        "outliers": _outliers(moments, units, k),
        "hubness": _hubness(model, lists, directed, k, seed),
        "duplicates": _duplicates(model, duplicates(matrix, directed), k),
        "shortest": tuple(
            results.Short(*model.vocabulary.token(row), rounded(norms[row]))
            for row in _lowest(norms, directed, k).tolist()
        ),
    }


def rounded(value: float) -> float:
    """A number with the digits of a float32, or of a float64 where float32 overflows or underflows."""
    with np.errstate(over="ignore", under="ignore"):
        narrow = np.float32(value)
    return shortest(value) if np.isfinite(narrow) and (narrow != 0 or value == 0) else float(value)


def _row_counts(norms: F64, present: Mask) -> results.RowCounts:
    good = present & np.isfinite(norms)
    counts = (good, ~present, present & ~np.isfinite(norms), good & (norms == 0))
    return results.RowCounts(len(norms), *(int(np.count_nonzero(mask)) for mask in counts))


def _norms(norms: F64) -> results.Norms:
    points = np.quantile(norms, (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1))
    low, q05, q25, median, q75, q95, high = map(rounded, points)
    width = points[-1] - points[0]
    if not width > 1e-12 * points[-1]:  # all are equally long, apart from rounding
        width = 1.0
    counts, _ = np.histogram((norms - points[0]) / width, HISTOGRAM_STEPS, (0, 1))
    return results.Norms(
        min=low, q05=q05, q25=q25, median=median, q75=q75, q95=q95, max=high, mean=rounded(norms.mean()),
        deviation=rounded(norms.std()), histogram=tuple(counts.tolist()),
    )  # fmt: skip


def _lowest(values: F64, rows: Ids, k: int) -> Ids:
    """The k rows with the lowest values, compared in float32 where it can hold them; lower rows first among equals."""
    wide = values[rows]
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    fits = np.isfinite(narrow) & ((narrow >= np.finfo(np.float32).tiny) | (wide == 0))
    return rows[np.lexsort((rows, narrow if fits.all() else wide))[:k]]


def _mean(model: Model, moments: Moments, distances: F64, rows: Ids, norms: F64, k: int) -> results.MeanVector:
    """The mean of all rows; of `rows`, which have a direction, the nearest to it; `norms` are those of all rows."""
    length = float(np.linalg.norm(moments.mean))
    second = length**2 + float(np.trace(moments.covariance))  # mean squared length
    every = np.append(
        distances[rows], np.full(len(norms) - len(rows), length)
    )  # a zero row is as far as the mean is long
    return results.MeanVector(
        norm=rounded(length), by_mean_norm=rounded(length / float(norms.mean())) if second > 0 else None,
        share=rounded(length**2 / second) if second > 0 else None,
        median_distance=rounded(np.median(every)) if len(rows) else None,
        nearest=tuple(
            results.Near(*model.vocabulary.token(row), rounded(distances[row]))
            for row in _lowest(distances, rows, k).tolist()
        ),
    )  # fmt: skip


def _anisotropy(units: UnitMoments, cosines: F64, seed: int) -> results.Anisotropy | None:
    count, middle = units.rows, units.mean
    if count < 2:
        return None
    # The mean over all n^2 pairs is |mean of unit rows|^2; the n pairs of a row with itself have cosine 1.
    mean = (count * float(middle @ middle) - 1) / (count - 1)  # [dims] @ [dims]
    deviation = float(cosines.std(ddof=1))
    numbers = map(rounded, (cosines.mean(), deviation / len(cosines) ** 0.5, deviation))
    counts, _ = np.histogram(np.clip(cosines, -1, 1), COSINE_STEPS, (-1, 1))
    average, error, spread = numbers
    random = results.RandomCosines(
        samples=len(cosines), seed=seed, mean=average, error=error, deviation=spread, histogram=tuple(counts.tolist())
    )  # fmt: skip
    return results.Anisotropy(cosine=rounded(mean), pairs=count * (count - 1) // 2, random=random)


def _spectrum(moments: Moments) -> results.Spectrum:
    variances = spectrum(moments.mean, moments.covariance)  # [dims]
    total = float(variances.sum())
    shares = variances / total if total > 0 else variances
    ratio = participation_ratio(variances)
    return results.Spectrum(
        variance=rounded(total), shares=tuple(map(rounded, shares)),
        participation_ratio=None if ratio is None else rounded(ratio), components_90=components_for(0.9, variances),
    )  # fmt: skip


def _outliers(moments: Moments, units: UnitMoments, k: int) -> results.Outliers:
    mean, variance = moments.mean, np.diag(moments.covariance)  # [dims] each
    strange = dimension_deviations(mean, variance)
    count = int(np.count_nonzero(strange.outlier))
    total, others = float(variance.sum()), max(1, units.rows - 1)
    cosines = (units.rows * units.mean**2 - units.squares) / others  # [dims], summing to the mean cosine
    mean_cosine = float(cosines.sum())
    return results.Outliers(
        sigmas=OUTLIER_SIGMAS, count=count, dimensions=tuple(
            results.Dimension(
                dimension=int(one), mean=rounded(mean[one]), mean_sigmas=rounded(strange.mean_sigmas[one]),
                variance=rounded(variance[one]), variance_sigmas=rounded(strange.variance_sigmas[one]),
                variance_share=rounded(variance[one] / total) if total > 0 else None,
                cosine_share=rounded(cosines[one] / mean_cosine) if mean_cosine > 0 else None,
                outlier=bool(strange.outlier[one]),
            )
            for one in strange.order[: max(count, min(k, MIN_DIMENSIONS))]
        ),
    )  # fmt: skip


def _hubness(model: Model, lists: Ids, rows: Ids, k: int, seed: int) -> results.Hubness | None:
    queries = len(lists)
    if not queries:
        return None
    whole = queries == len(rows)
    counts = np.bincount(lists.ravel(), minlength=len(model.weights.norms))  # [rows]
    skew = skewness(lists, rows)
    error = None if whole else skewness_error(lists, rows)
    top = [row for row in np.argsort(-counts, kind="stable")[:k].tolist() if counts[row] > 0]
    return results.Hubness(
        k=NEIGHBORS, queries=queries, whole=whole, seed=seed, skewness=None if skew is None else rounded(skew),
        error=None if error is None else rounded(error), never=rounded(np.mean(counts[rows] == 0)) if whole else None,
        hubs=tuple(
            results.Hub(*model.vocabulary.token(row), int(counts[row]), rounded(counts[row] / queries)) for row in top
        ),
    )  # fmt: skip


def _duplicates(model: Model, groups: list[Ids], k: int) -> results.Duplicates:
    shown = (group[: max(k, 2)].tolist() for group in groups[:k])
    examples = tuple(tokens_of(model, group) for group in shown)
    return results.Duplicates(groups=len(groups), rows=sum(map(len, groups)), examples=examples)
