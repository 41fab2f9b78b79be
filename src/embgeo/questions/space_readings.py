"""What the figures of a space say in words, by thresholds that stand here and in docs/space.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from embgeo.results import space as shaped

ISOTROPIC: Final = 0.1  # mean cosine of all pairs below which rows lean no one way
NARROW: Final = 0.5  # and from which on they are called a narrow cone
MEAN_SHARE: Final = 0.1  # of the mean squared length, from which on the mean vector is spoken of
EVEN_NORMS: Final = 0.1  # deviation of the lengths by their mean below which they are called alike
FLAT: Final = (0.1, 0.5)  # participation ratio by dimensions: few of them; most of them
FEW_QUERIES: Final = "Whether there are hubs, so few queries can't tell: ask more with --queries."
SKEWED: Final = (1.0, 3.0)  # skewness of N_k, less two errors: hubs; strong hubs


def readings(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences about the figures of a `Shape`, by name."""
    said = [
        *_directions(figures["anisotropy"], figures["mean"]),
        *_lengths(figures["norms"]),
        *_components(figures["spectrum"], figures["dimensions"]),
        *_dimensions(figures["outliers"]),
        *_hubs(figures["hubness"], figures["rows"]),
        *_rows(figures["rows"], figures["duplicates"]),
    ]
    if figures["shortest"]:
        said.append(
            "The tokens nearest to the mean and the shortest are candidates for tokens that were hardly trained, no "
            "more than that: most can be ordinary."
        )
    return tuple(said)


def _directions(found: shaped.Anisotropy | None, mean: shaped.MeanVector) -> list[str]:
    if found is None:
        return []
    cosine = f"two different rows have a cosine of {found.cosine:.2f} on average"
    if found.cosine < ISOTROPIC:
        said = [f"Rows lean no one way: {cosine}."]
    elif found.cosine < NARROW:
        said = [f"Rows lean one way: {cosine}, so that a cosine means little until it is well above that."]
    else:
        said = [f"Rows point into a narrow cone: {cosine}, so that high cosines say little."]
    if mean.share is not None and mean.share >= MEAN_SHARE:
        said.append(
            f"They have {100 * mean.share:.0f} % of their squared length in common, the mean; centring takes it away."
        )
    return said


def _lengths(found: shaped.Norms) -> list[str]:
    if not found.mean > 0:
        return []
    spread = found.deviation / found.mean
    if spread < EVEN_NORMS:
        return [
            f"Rows are about equally long (deviation {100 * spread:.0f} %): dot product and cosine order much alike."
        ]
    return [f"Lengths differ (deviation {100 * spread:.0f} %): dot products favour long rows, cosines don't."]


def _components(found: shaped.Spectrum, dimensions: int) -> list[str]:
    if found.participation_ratio is None:
        return []
    ratio = found.participation_ratio / dimensions
    how = "few" if ratio < FLAT[0] else "part" if ratio < FLAT[1] else "most"
    number = f"{found.participation_ratio:.0f} of {dimensions:,}"
    return [f"Variance fills {how} of the dimensions: it is as spread as {number} equal ones would be."]


def _dimensions(found: shaped.Outliers) -> list[str]:
    if not found.count:
        return [f"No single dimension stands out by more than {found.sigmas:g} sigmas."]
    named = ", ".join(str(one.dimension) for one in found.dimensions[: min(found.count, 5)])
    more = " and others" if found.count > 5 else ""
    shares = [one.cosine_share for one in found.dimensions if one.outlier and one.cosine_share is not None]
    part = f", with {100 * sum(shares):.0f} % of the mean cosine" if shares else ""
    which = f"Dimension {named} stands" if found.count == 1 else f"Dimensions {named}{more} stand"
    return [f"{which} out by more than {found.sigmas:g} sigmas{part}."]


def _hubs(found: shaped.Hubness | None, rows: shaped.RowCounts) -> list[str]:
    if found is None or (found.whole and found.skewness is None):
        return []
    error = 0.0 if found.whole else found.error
    if found.skewness is None or error is None:
        return [FEW_QUERIES]
    if found.skewness - 2 * error > SKEWED[0]:
        strong = "strong " if found.skewness - 2 * error > SKEWED[1] else ""
        return [f"There are {strong}hubs{_first(found, rows)}."]
    return [FEW_QUERIES if found.skewness + 2 * error > SKEWED[0] else "There are no hubs to speak of."]


def _first(found: shaped.Hubness, rows: shaped.RowCounts) -> str:
    """How often the first hub is listed, and by how much that is more than an average row is."""
    if not found.hubs:
        return ""
    share = found.hubs[0].share
    more = share * (rows.counted - rows.zero) / found.k
    return f": the first is in {100 * share:.2f} % of the lists, {more:.0f} times as often as the average row"


def _rows(rows: shaped.RowCounts, twins: shaped.Duplicates) -> list[str]:
    said = []
    if twins.groups:
        said.append(
            f"{twins.rows:,} rows are exact copies of others in {twins.groups:,} groups: no question parts them."
        )
    if rows.zero:
        said.append(f"{rows.zero:,} rows are zero and have no direction.")
    return said
