"""The shape of a space as a table."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import COLUMN_GAP, facts, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import token_text
from embgeo.results import space as shaped
from embgeo.results.base import Token

LEVELS = " ▁▂▃▄▅▆▇█"
COMPONENTS = 5
QUANTILES = "0 5 25 50 75 95 100%"


def table(answer: shaped.Space) -> RenderableType:
    """Figures, then the rows and dimensions that stand out, then what they say."""
    lines = (
        ("rows", _counts(answer.rows)),
        ("duplicates", _duplicates(answer.duplicates)),
        *_norms(answer.norms),
        ("mean vector", _mean(answer.mean)),
        *_cosine(answer.anisotropy),
        *_spectrum(answer.spectrum, answer.dimensions),
        *_hubness(answer.hubness),
    )
    reading = [Text(line) for line in answer.reading]
    shape = f"{answer.rows.all:,} rows × {answer.dimensions:,} dimensions"
    return Group(title(answer, "space", shape), facts(lines), *_lists(answer), Text(), *reading)


def outline(answer: shaped.Space) -> Outline:
    """The figures and what they say, to show next to other models'; the lists are each model's own."""
    rows = [(name, (value,)) for name, value in _figures(answer) if value]
    return Outline("space", [], [Sheet("", (("", "right"),), rows, answer.reading)])


def _figures(answer: shaped.Space) -> list[tuple[str, str]]:
    norms, cosine, found, hubs = answer.norms, answer.anisotropy, answer.spectrum, answer.hubness
    ratio = found.participation_ratio
    return [
        ("rows", f"{answer.rows.counted:,}"),
        ("dimensions", f"{answer.dimensions:,}"),
        ("rows in duplicates", f"{answer.duplicates.rows:,}"),
        ("mean length", f"{norms.mean:z.4f}"),
        ("deviation", f"{norms.deviation:z.4f}"),
        ("shortest", f"{norms.min:z.4f}"),
        ("longest", f"{norms.max:z.4f}"),
        ("length of the mean vector", f"{answer.mean.norm:z.4f}"),
        ("mean cosine", f"{cosine.cosine:z.4f}" if cosine else ""),
        ("first component", _share(found.shares[0]) if ratio is not None else ""),
        ("effective dimension", f"{ratio:z.1f}" if ratio is not None else ""),
        ("components for 90%", f"{found.components_90:,}" if ratio is not None else ""),
        ("hubness", f"{hubs.skewness:z.2f}" if hubs and hubs.skewness is not None else ""),
    ]


def _counts(rows: shaped.RowCounts) -> str:
    return (
        f"{rows.counted:,} counted, {rows.zero:,} of them zero; left out: {rows.absent:,} without a token, "
        f"{rows.bad:,} with NaN or infinity"
    )


def _duplicates(found: shaped.Duplicates) -> str:
    if not found.groups:
        return "none"
    shown = "; ".join(" = ".join(f"{token_text(t.text)} {t.id}" for t in group) for group in found.examples)
    return f"{found.rows:,} rows in {found.groups:,} groups: {shown}"


def _norms(norms: shaped.Norms) -> list[tuple[str, str]]:
    quantiles = (norms.min, norms.q05, norms.q25, norms.median, norms.q75, norms.q95, norms.max)
    return [
        ("lengths", f"mean {norms.mean:z.4f}, deviation {norms.deviation:z.4f}"),
        (QUANTILES, "  ".join(f"{value:z.4f}" for value in quantiles)),
        *(("", line) for line in _histogram(norms)),
    ]


def _histogram(norms: shaped.Norms) -> list[str]:
    """The histogram in a line; none where the terminal is too narrow for it."""
    line = f"{norms.min:z.2f} {sparkline(norms.histogram)} {norms.max:z.2f}"
    return [line] if len(QUANTILES) + COLUMN_GAP + len(line) <= shutil.get_terminal_size((80, 24)).columns else []


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count, the highest at full height; a count above 0 is always visible."""
    most = max(counts, default=0)
    steps = len(LEVELS) - 1
    return "".join(LEVELS[max(1, round(steps * count / most)) if count else 0] for count in counts)


def _mean(mean: shaped.MeanVector) -> str:
    parts = [f"length {mean.norm:z.4f}"]
    if mean.by_mean_norm is not None and mean.share is not None:
        parts += [f"{mean.by_mean_norm:z.4f} of the mean length", f"{_share(mean.share)} of the mean square"]
    return ", ".join(parts)


def _cosine(found: shaped.Anisotropy | None) -> list[tuple[str, str]]:
    if found is None:
        return []
    random = found.random
    sampled = (
        f"{random.mean:z.4f} ± {random.error:z.4f} of {random.samples:,} random pairs "
        f"(deviation {random.deviation:z.4f}, seed {random.seed})"
    )
    return [("mean cosine", f"{found.cosine:z.4f} of all pairs, exactly"), ("", sampled)]


def _spectrum(found: shaped.Spectrum, dimensions: int) -> list[tuple[str, str]]:
    if found.participation_ratio is None:
        return [("variance", "none")]
    first = "  ".join(_share(share) for share in found.shares[:COMPONENTS])
    effective = (
        f"{found.participation_ratio:z.1f} of {dimensions:,} (participation ratio); 90% takes {found.components_90:,}"
    )
    return [("first components", f"{first} of the variance"), ("effective dimension", effective)]


def _hubness(found: shaped.Hubness | None) -> list[tuple[str, str]]:
    if found is None:
        return []
    skewness = "none" if found.skewness is None else f"{found.skewness:z.2f}"
    if found.error is not None:
        skewness += f" ± {found.error:z.2f}"
    of = f"all {found.queries:,} queries" if found.whole else f"{found.queries:,} random queries (seed {found.seed})"
    never = "" if found.never is None else f"; {_share(found.never)} of the rows are in no list"
    return [("hubness", f"skewness {skewness} of the {found.k}-occurrence, from {of}{never}")]


def _lists(answer: shaped.Space) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if answer.outliers.dimensions:
        parts += [Text(), _dimensions(answer.outliers)]
    if answer.hubness and answer.hubness.hubs:
        hubs = ((hub, f"{hub.occurrences:,} ({_share(hub.share)})") for hub in answer.hubness.hubs)
        parts += [Text(), _tokens("hub", f"in lists of {answer.hubness.queries:,}", hubs)]
    if answer.mean.nearest:
        near = ((token, f"{token.distance:z.4f}") for token in answer.mean.nearest)
        name = f"distance (median {answer.mean.median_distance:z.4f})"
        parts += [Text(), _tokens("nearest to the mean", name, near)]
    if answer.shortest:
        parts += [Text(), _tokens("shortest", "length", ((token, f"{token.norm:z.4f}") for token in answer.shortest))]
    return parts


def _dimensions(found: shaped.Outliers) -> RenderableType:
    table = columns(
        ("dimension", "right"), ("mean", "right"), ("sigmas", "right"), ("variance", "right"), ("sigmas", "right"),
        ("share", "right"), ("of cosines", "right"), ("", "left"),
    )  # fmt: skip
    for one in found.dimensions:
        table.add_row(
            str(one.dimension), f"{one.mean:z.4g}", f"{one.mean_sigmas:z.1f}", f"{one.variance:.4g}",
            f"{one.variance_sigmas:z.1f}", _share(one.variance_share), _share(one.cosine_share),
            "outlier" if one.outlier else "",
        )  # fmt: skip
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:z.2f}%"


def _tokens(name: str, figure: str, rows: Iterable[tuple[Token, str]]) -> RenderableType:
    table = columns((name, "left"), (figure, "right"), ("id", "right"))
    for token, value in rows:
        table.add_row(Text(token_text(token.text), "bold"), value, str(token.id))
    return table
