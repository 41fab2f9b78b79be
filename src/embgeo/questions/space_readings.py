"""Sentences about the figures of a space; docs/space.md lists the thresholds too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from embgeo.results import space as results

ISOTROPIC: Final = 0.1  # mean cosine of all pairs below which rows have no direction in common
NARROW_CONE: Final = 0.5  # mean cosine from which rows are called a narrow cone
MEAN_SHARE: Final = 0.1  # of the mean squared length, from which the mean vector is mentioned
EVEN_NORMS: Final = 0.1  # deviation / mean of the lengths below which they are called equal
SPREAD_BOUNDS: Final = (0.1, 0.5)  # participation ratio / dimensions: below, few; from, most
FEW_QUERIES: Final = "Too few queries to tell whether there are hubs: take more with --queries."
SKEWED: Final = (1.0, 3.0)  # skewness of N_k minus two errors above which there are hubs; strong hubs


def readings(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences about the fields of `results.Space`, by name."""
    sentences = [
        *_directions(figures["anisotropy"], figures["mean"]),
        *_lengths(figures["norms"]),
        *_components(figures["spectrum"], figures["dimensions"], figures["rows"].counted),
        *_dimensions(figures["outliers"]),
        *_hubs(figures["hubness"], figures["rows"]),
        *_rows(figures["rows"], figures["duplicates"]),
    ]
    if figures["shortest"]:
        sentences.append(
            "The tokens nearest to the mean and the shortest are candidates for tokens that were hardly trained, no "
            "more than that: most can be ordinary."
        )
    return tuple(sentences)


def _directions(anisotropy: results.Anisotropy | None, mean: results.MeanVector) -> list[str]:
    if anisotropy is None:
        return []
    cosine = f"two different rows have a cosine of {anisotropy.cosine:z.2f} on average"
    if anisotropy.cosine < ISOTROPIC:
        sentences = [f"Rows have no direction in common: {cosine}."]
    elif anisotropy.cosine < NARROW_CONE:
        sentences = [f"Rows have a direction in common: {cosine}, so only cosines well above that mean much."]
    else:
        sentences = [f"Rows lie in a narrow cone: {cosine}, so high cosines say little."]
    if mean.share is not None and mean.share >= MEAN_SHARE:
        sentences.append(
            f"They have {100 * mean.share:.0f}% of their squared length in common, the mean; centering takes it away."
        )
    return sentences


def _lengths(norms: results.Norms) -> list[str]:
    if not norms.mean > 0:
        return []
    spread = norms.deviation / norms.mean
    if spread < EVEN_NORMS:
        return [
            f"Rows are about equally long (deviation {100 * spread:.0f}%): dot product and cosine order much alike."
        ]
    return [f"Lengths differ (deviation {100 * spread:.0f}%): dot products favor long rows, cosines don't."]


def _components(spectrum: results.Spectrum, dimensions: int, rows: int) -> list[str]:
    if rows <= dimensions:
        span = f"{rows:,} {'row spans' if rows == 1 else 'rows span'} at most {rows - 1:,} of {dimensions:,} dimensions"
        return [f"{span} around their mean: the figures describe these rows, and not a space."]
    if spectrum.participation_ratio is None:
        return []
    ratio = spectrum.participation_ratio / dimensions
    how = "few" if ratio < SPREAD_BOUNDS[0] else "part" if ratio < SPREAD_BOUNDS[1] else "most"
    number = f"{spectrum.participation_ratio:.0f} of {dimensions:,}"
    return [f"Variance fills {how} of the dimensions: it is as spread as {number} equal ones would be."]


def _dimensions(outliers: results.Outliers) -> list[str]:
    if not outliers.count:
        return [f"No single dimension stands out by more than {outliers.sigmas:g} sigmas."]
    named = ", ".join(str(one.dimension) for one in outliers.dimensions[: min(outliers.count, 5)])
    more = " and others" if outliers.count > 5 else ""
    shares = [one.cosine_share for one in outliers.dimensions if one.outlier and one.cosine_share is not None]
    part = f", with {100 * sum(shares):z.0f}% of the mean cosine" if shares else ""
    which = f"Dimension {named} stands" if outliers.count == 1 else f"Dimensions {named}{more} stand"
    return [f"{which} out by more than {outliers.sigmas:g} sigmas{part}."]


def _hubs(hubness: results.Hubness | None, rows: results.RowCounts) -> list[str]:
    if hubness is None or (hubness.whole and hubness.skewness is None):
        return []
    error = 0.0 if hubness.whole else hubness.error
    if hubness.skewness is None or error is None:
        return [FEW_QUERIES]
    if hubness.skewness - 2 * error > SKEWED[0]:
        strong = "strong " if hubness.skewness - 2 * error > SKEWED[1] else ""
        return [f"There are {strong}hubs{_first(hubness, rows)}."]
    return [FEW_QUERIES if hubness.skewness + 2 * error > SKEWED[0] else "There are no notable hubs."]


def _first(hubness: results.Hubness, rows: results.RowCounts) -> str:
    """How often the first hub is listed, and how many times as often as the average row."""
    if not hubness.hubs:
        return ""
    share = hubness.hubs[0].share
    more = share * (rows.counted - rows.zero) / hubness.k
    return f": the first is in {100 * share:.2f}% of the lists, {more:.0f} times as often as the average row"


def _rows(rows: results.RowCounts, duplicates: results.Duplicates) -> list[str]:
    sentences = []
    if groups := duplicates.groups:
        sentences.append(
            f"{duplicates.rows:,} rows are exact copies of others in {groups:,} groups: nothing can tell them apart."
        )
    if rows.zero:
        sentences.append(f"{rows.zero:,} rows are zero and have no direction.")
    return sentences
