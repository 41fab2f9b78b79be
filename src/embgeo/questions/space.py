"""The shape of a space: lengths, mean, anisotropy, spectrum, outlier dimensions, hubs, duplicates.

docs/space.md defines each figure; `measure` goes through the matrix for them.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from embgeo.errors import ModelError, UsageError
from embgeo.models.model import Embedding
from embgeo.numerics import hubness as hubs
from embgeo.numerics.census import Census
from embgeo.numerics.dtypes import F64, shortest
from embgeo.numerics.measurements import NEAREST, Measured, Sample, draw, measure
from embgeo.numerics.search import Ids, Mask
from embgeo.numerics.spectrum import SIGMAS, components_for, participation_ratio, spectrum, strangeness
from embgeo.progress import Report, silent
from embgeo.questions.space_readings import readings
from embgeo.results import space as shaped

STEPS: Final = 40  # of the histogram
QUERIES: Final = 2048  # the skewness of spaces with hubs is then known to about a fifth
MOST_SAMPLES: Final = 10_000_000  # pairs are kept, 16 bytes each
LEAST: Final = 3  # dimensions shown where none is an outlier


def shape(
    space: Embedding, k: int = 5, *, samples: int = 1000, queries: int | None = QUERIES, seed: int = 0,
    report: Report = silent,
) -> shaped.Shape:  # fmt: skip
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
    matrix, manifest = space.searchable(), space.manifest
    keep = space.allowed([]) & np.isfinite(matrix.norms)
    if not keep.any():
        raise ModelError(f"'{manifest.model}' has no row to measure", "None has a token and finite numbers.")
    sample = draw(np.flatnonzero(keep & (matrix.norms > 0)), samples, queries, seed)
    figures = _figures(space, keep, sample, measure(matrix, keep, sample, report), k, seed)
    return shaped.Shape(
        "space", manifest.model, manifest.revision, manifest.dtype, space.notes, **figures, reading=readings(figures),
        transform=manifest.transform,
    )  # fmt: skip


def _figures(
    space: Embedding, keep: Mask, sample: Sample, found: Measured, k: int, seed: int
) -> dict[str, Any]:  # fmt: skip
    """The parts of a `Shape` by name."""
    norms = space.matrix.norms
    return {
        "rows": _row_counts(norms, space.allowed([])),
        "dimensions": space.matrix.shape[1],
        "norms": _norms(norms[keep]),
        "mean": _mean(space, norms[keep], found, k),
        "anisotropy": _anisotropy(found, seed),
        "spectrum": _spectrum(found.census),
        "outliers": _outliers(found.census, k),
        "hubness": _hubness(space, found, sample, k, seed),
        "duplicates": _duplicates(space, found.census, k),
        "shortest": tuple(
            shaped.Short(*_token(space, row), figure(norms[row])) for row in _lowest(norms, found.directed, k)
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
        low, q05, q25, median, q75, q95, high, figure(norms.mean()), figure(norms.std()), tuple(counts.tolist())
    )


def _lowest(values: F64, rows: Ids, k: int) -> Ids:
    """The rows with the lowest values, as float32 has them where it can; lower rows first among equals."""
    wide = values[rows]
    with np.errstate(over="ignore", under="ignore"):
        narrow = wide.astype(np.float32)
    fits = np.isfinite(narrow) & ((narrow >= np.finfo(np.float32).tiny) | (wide == 0))
    return rows[np.lexsort((rows, narrow if fits.all() else wide))[:k]]


def _token(space: Embedding, row: int) -> tuple[int, str, str]:
    token = space.vocabulary.token(int(row))
    return token.id, token.piece, token.text


def _mean(space: Embedding, norms: F64, found: Measured, k: int) -> shaped.MeanVector:
    moments, rows = found.census.moments, found.directed
    length = float(np.linalg.norm(moments.mean))
    second = length**2 + float(np.trace(moments.covariance))  # mean squared length
    return shaped.MeanVector(
        figure(length),
        figure(length / norms.mean()) if second > 0 else None,
        figure(length**2 / second) if second > 0 else None,
        figure(np.median(found.far[rows])) if len(rows) else None,
        tuple(shaped.Near(*_token(space, row), figure(found.far[row])) for row in _lowest(found.far, rows, k)),
    )


def _anisotropy(found: Measured, seed: int) -> shaped.Anisotropy | None:
    count, middle, cosines = len(found.directed), found.census.unit_mean, found.cosines
    if count < 2:
        return None
    # The mean of all pairs, a row with itself included, is |mean of unit rows|^2; those n of n^2 pairs have cosine 1.
    every = (count * float(middle @ middle) - 1) / (count - 1)  # [dims] @ [dims]
    deviation = float(cosines.std(ddof=1))
    numbers = (cosines.mean(), deviation / len(cosines) ** 0.5, deviation)
    random = shaped.RandomCosines(len(cosines), seed, *map(figure, numbers))
    return shaped.Anisotropy(figure(every), count * (count - 1) // 2, random)


def _spectrum(found: Census) -> shaped.Spectrum:
    variances = spectrum(found.moments.mean, found.moments.covariance)  # [dims]
    total = float(variances.sum())
    shares = variances / total if total > 0 else variances
    ratio = participation_ratio(variances)
    return shaped.Spectrum(
        figure(total), tuple(map(figure, shares)), None if ratio is None else figure(ratio),
        components_for(0.9, variances),
    )  # fmt: skip


def _outliers(found: Census, k: int) -> shaped.Outliers:
    mean, variance = found.moments.mean, np.diag(found.moments.covariance)  # [dims] each
    strange = strangeness(mean, variance)
    count = int(np.count_nonzero(strange.outlier))
    total, pairs = float(variance.sum()), max(1, found.directed - 1)
    cosines = (found.directed * found.unit_mean**2 - found.unit_squares) / pairs  # [dims], the mean cosine in parts
    every = float(cosines.sum())
    return shaped.Outliers(
        SIGMAS,
        count,
        tuple(
            shaped.Dimension(
                int(one), figure(mean[one]), figure(strange.mean_sigmas[one]),
                figure(variance[one]), figure(strange.variance_sigmas[one]),
                figure(variance[one] / total) if total > 0 else None,
                figure(cosines[one] / every) if every > 0 else None,
                bool(strange.outlier[one]),
            )
            for one in strange.order[: max(count, min(k, LEAST))]
        ),
    )  # fmt: skip


def _hubness(space: Embedding, found: Measured, sample: Sample, k: int, seed: int) -> shaped.Hubness | None:
    asked, rows = len(sample.queries), found.directed
    if not asked:
        return None
    whole = asked == len(rows)
    counts = np.bincount(found.lists.ravel(), minlength=len(found.far))  # [rows]
    skewness = hubs.skewness(found.lists, rows)
    error = None if whole else hubs.skewness_error(found.lists, rows)
    top = [row for row in np.argsort(-counts, kind="stable")[:k] if counts[row] > 0]
    return shaped.Hubness(
        NEAREST, asked, whole, seed,
        None if skewness is None else figure(skewness), None if error is None else figure(error),
        figure(np.mean(counts[rows] == 0)) if whole else None,
        tuple(shaped.Hub(*_token(space, row), int(counts[row]), figure(counts[row] / asked)) for row in top),
    )  # fmt: skip


def _duplicates(space: Embedding, found: Census, k: int) -> shaped.Duplicates:
    shown = (group[: max(k, 2)].tolist() for group in found.twins[:k])
    examples = tuple(tuple(space.vocabulary.token(row) for row in group) for group in shown)
    return shaped.Duplicates(len(found.twins), sum(map(len, found.twins)), examples)
