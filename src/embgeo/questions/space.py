"""The shape of a space: lengths, mean, anisotropy, spectrum, outlier dimensions, hubs, duplicates.

docs/space.md defines each figure; `measure` goes through the matrix for them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from embgeo.errors import ModelError, Report, UsageError, silent
from embgeo.models.model import Model
from embgeo.numerics import hubness as hubs
from embgeo.numerics.census import Census
from embgeo.numerics.dtypes import F64, Ids, Mask, shortest
from embgeo.numerics.measurements import NEAREST, Measured, Sample, draw, measure
from embgeo.numerics.spectrum import SIGMAS, components_for, participation_ratio, spectrum, strangeness
from embgeo.questions.rows import about, listable
from embgeo.questions.space_readings import readings
from embgeo.results import space as shaped

STEPS: Final = 40  # of the histogram
QUERIES: Final = 2048  # the skewness of spaces with hubs is then known to about a fifth
MOST_SAMPLES: Final = 10_000_000  # pairs are kept, 16 bytes each
LEAST: Final = 3  # dimensions shown where none is an outlier


def space(
    model: Model, k: int = 5, *, samples: int = 1000, queries: int | None = QUERIES, seed: int = 0,
    report: Report = silent,
) -> shaped.Space:  # fmt: skip
    """The shape of a space in figures.

    Rows without a token and rows with NaN or infinity are left out of all of them.

    Args:
        k: how many tokens, dimensions and groups to name in each list.
        samples: random pairs of rows, for the mean cosine.
        queries: random rows whose nearest rows are found, for hubness; None for all rows. A pass for each 4,096.
        seed: of both.
        report: told how far each pass is.

    Raises:
        UsageError: a number below what makes sense, or only single rows of the model are here (see `peek`).
        ModelError: no row counts.
    """
    if k < 0 or not 2 <= samples <= MOST_SAMPLES or (queries is not None and queries < 1) or seed < 0:
        raise UsageError(
            f"can't show {k} of each from {samples} pairs and {queries} queries with seed {seed}",
            f"Show 0 or more, from 2 to {MOST_SAMPLES:,} pairs and 1 query or more, with a seed from 0.",
        )
    matrix, manifest = model.searchable(), model.manifest
    keep = listable(model, []) & np.isfinite(matrix.norms)
    if not keep.any():
        raise ModelError(f"'{manifest.model}' has no row to measure", "None has a token and finite numbers.")
    sample = draw(np.flatnonzero(keep & (matrix.norms > 0)), samples, queries, seed)
    figures = _figures(model, keep, sample, measure(matrix, keep, sample, report), k, seed)
    return shaped.Space(**about(model, "space"), **figures, reading=readings(figures))  # fmt: skip


def _figures(
    model: Model, keep: Mask, sample: Sample, found: Measured, k: int, seed: int
) -> dict[str, Any]:  # fmt: skip
    """The parts of a `Shape` by name."""
    norms = model.weights.norms
    return {
        "rows": _row_counts(norms, listable(model, [])),
        "dimensions": model.weights.shape[1],
        "norms": _norms(norms[keep]),
        "mean": _mean(model, norms[keep], found, k),
        "anisotropy": _anisotropy(found, seed),
        "spectrum": _spectrum(found.census),
        "outliers": _outliers(found.census, k),
        "hubness": _hubness(model, found, sample, k, seed),
        "duplicates": _duplicates(model, found.census, k),
        "shortest": tuple(
            shaped.Short(*_token(model, row), figure(norms[row])) for row in _lowest(norms, found.directed, k)
        ),
    }


def figure(value: float) -> float:
    """A number as results have it: with the digits of a float32, unless that has no room for it."""
    with np.errstate(over="ignore", under="ignore"):
        narrow = np.float32(value)
    return shortest(value) if np.isfinite(narrow) and (narrow != 0 or value == 0) else float(value)


def _row_counts(norms: F64, present: Mask) -> shaped.RowCounts:
    good = present & np.isfinite(norms)
    counts = (good, ~present, present & ~np.isfinite(norms), good & (norms == 0))
    return shaped.RowCounts(len(norms), *(int(np.count_nonzero(mask)) for mask in counts))


def _norms(norms: F64) -> shaped.Norms:
    points = np.quantile(norms, (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1))
    low, q05, q25, median, q75, q95, high = map(figure, points)
    width = points[-1] - points[0]
    if not width > 1e-12 * points[-1]:  # but for rounding, all are equally long
        width = 1.0
    counts, _ = np.histogram((norms - points[0]) / width, STEPS, (0, 1))
    return shaped.Norms(
        min=low, q05=q05, q25=q25, median=median, q75=q75, q95=q95, max=high, mean=figure(norms.mean()),
        deviation=figure(norms.std()), histogram=tuple(counts.tolist()),
    )  # fmt: skip


def _lowest(values: F64, rows: Ids, k: int) -> Ids:
    """The rows with the lowest values, as float32 has them where it can; lower rows first among equals."""
    wide = values[rows]
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    fits = np.isfinite(narrow) & ((narrow >= np.finfo(np.float32).tiny) | (wide == 0))
    return rows[np.lexsort((rows, narrow if fits.all() else wide))[:k]]


def _token(model: Model, row: int) -> tuple[int, str, str]:
    token = model.vocabulary.token(int(row))
    return token.id, token.piece, token.text


def _mean(model: Model, norms: F64, found: Measured, k: int) -> shaped.MeanVector:
    moments, rows = found.census.moments, found.directed
    length = float(np.linalg.norm(moments.mean))
    second = length**2 + float(np.trace(moments.covariance))  # mean squared length
    return shaped.MeanVector(
        norm=figure(length), by_mean_norm=figure(length / norms.mean()) if second > 0 else None,
        share=figure(length**2 / second) if second > 0 else None,
        median_distance=figure(np.median(found.far[rows])) if len(rows) else None,
        nearest=tuple(shaped.Near(*_token(model, row), figure(found.far[row])) for row in _lowest(found.far, rows, k)),
    )  # fmt: skip


def _anisotropy(found: Measured, seed: int) -> shaped.Anisotropy | None:
    count, middle, cosines = len(found.directed), found.census.unit_mean, found.cosines
    if count < 2:
        return None
    # The mean of all pairs, a row with itself included, is |mean of unit rows|^2; those n of n^2 pairs have cosine 1.
    every = (count * float(middle @ middle) - 1) / (count - 1)  # [dims] @ [dims]
    deviation = float(cosines.std(ddof=1))
    numbers = (cosines.mean(), deviation / len(cosines) ** 0.5, deviation)
    random = shaped.RandomCosines(len(cosines), seed, *map(figure, numbers))
    return shaped.Anisotropy(cosine=figure(every), pairs=count * (count - 1) // 2, random=random)


def _spectrum(found: Census) -> shaped.Spectrum:
    variances = spectrum(found.moments.mean, found.moments.covariance)  # [dims]
    total = float(variances.sum())
    shares = variances / total if total > 0 else variances
    ratio = participation_ratio(variances)
    return shaped.Spectrum(
        variance=figure(total), shares=tuple(map(figure, shares)),
        participation_ratio=None if ratio is None else figure(ratio), components_90=components_for(0.9, variances),
    )  # fmt: skip


def _outliers(found: Census, k: int) -> shaped.Outliers:
    mean, variance = found.moments.mean, np.diag(found.moments.covariance)  # [dims] each
    strange = strangeness(mean, variance)
    count = int(np.count_nonzero(strange.outlier))
    total, pairs = float(variance.sum()), max(1, found.directed - 1)
    cosines = (found.directed * found.unit_mean**2 - found.unit_squares) / pairs  # [dims], the mean cosine in parts
    every = float(cosines.sum())
    return shaped.Outliers(
        sigmas=SIGMAS, count=count, dimensions=tuple(
            shaped.Dimension(
                dimension=int(one), mean=figure(mean[one]), mean_sigmas=figure(strange.mean_sigmas[one]),
                variance=figure(variance[one]), variance_sigmas=figure(strange.variance_sigmas[one]),
                variance_share=figure(variance[one] / total) if total > 0 else None,
                cosine_share=figure(cosines[one] / every) if every > 0 else None,
                outlier=bool(strange.outlier[one]),
            )
            for one in strange.order[: max(count, min(k, LEAST))]
        ),
    )  # fmt: skip


def _hubness(model: Model, found: Measured, sample: Sample, k: int, seed: int) -> shaped.Hubness | None:
    asked, rows = len(sample.queries), found.directed
    if not asked:
        return None
    whole = asked == len(rows)
    counts = np.bincount(found.lists.ravel(), minlength=len(found.far))  # [rows]
    skewness = hubs.skewness(found.lists, rows)
    error = None if whole else hubs.skewness_error(found.lists, rows)
    top = [row for row in np.argsort(-counts, kind="stable")[:k] if counts[row] > 0]
    return shaped.Hubness(
        k=NEAREST, queries=asked, whole=whole, seed=seed, skewness=None if skewness is None else figure(skewness),
        error=None if error is None else figure(error), never=figure(np.mean(counts[rows] == 0)) if whole else None,
        hubs=tuple(shaped.Hub(*_token(model, row), int(counts[row]), figure(counts[row] / asked)) for row in top),
    )  # fmt: skip


def _duplicates(model: Model, found: Census, k: int) -> shaped.Duplicates:
    shown = (group[: max(k, 2)].tolist() for group in found.twins[:k])
    examples = tuple(tuple(model.vocabulary.token(row) for row in group) for group in shown)
    return shaped.Duplicates(groups=len(found.twins), rows=sum(map(len, found.twins)), examples=examples)
