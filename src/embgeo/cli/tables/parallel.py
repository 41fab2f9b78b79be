"""Whether two differences are parallel, as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import facts, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import visible
from embgeo.results.parallel import Parallel


def table(answer: Parallel) -> RenderableType:
    """The angle, and what chance gives to sides as close."""
    said = [Text(f"\n{line}") for line in _by_chance(answer)]
    return Group(title(answer, _question(answer)), facts(_rows(answer)), *said)


def outline(answer: Parallel) -> Outline:
    """The same, to show next to other models'."""
    a, b, c, d = (term.term for term in answer.terms)
    figures = [("cosine", answer.cosine), (f"length of {a} - {b}", answer.norms[0]),
               (f"length of {c} - {d}", answer.norms[1]), (f"cosine of {a} and {c}", answer.sides[0]),
               (f"cosine of {b} and {d}", answer.sides[1])]  # fmt: skip
    if base := answer.baseline:
        figures += [("by chance: mean", base.mean), ("deviation", base.deviation), ("95% up to", base.high)]
    rows = [(name, (f"{value:z.4f}",)) for name, value in figures]
    rows.insert(1, ("angle in degrees", (f"{answer.angle:z.1f}",)))
    return Outline(_question(answer), [], [Sheet("", (("", "right"),), rows, _by_chance(answer))])


def _question(answer: Parallel) -> str:
    a, b, c, d = (visible(term.term) for term in answer.terms)
    return f"({a} - {b}) and ({c} - {d})"


def _rows(answer: Parallel) -> list[tuple[str, str]]:
    a, b, c, d = (visible(term.term) for term in answer.terms)
    rows = [("cosine", f"{answer.cosine:z.4f}"), ("angle", f"{answer.angle:z.1f} degrees")]
    rows.append(("lengths", f"{answer.norms[0]:z.4f} and {answer.norms[1]:z.4f}"))
    rows.append(("sides", f"cos({a}, {c}) {answer.sides[0]:z.4f}, cos({b}, {d}) {answer.sides[1]:z.4f}"))
    if base := answer.baseline:
        by_chance = f"mean {base.mean:z.4f}, deviation {base.deviation:z.4f}, 95% up to {base.high:z.4f}"
        rows.append(("by chance", by_chance))
    return rows


def _by_chance(answer: Parallel) -> list[str]:
    base = answer.baseline
    if base is None:
        return []
    as_high = round(base.reached * (1 + base.samples)) - 1
    of = f"of {base.samples:,} random figures with sides as close"
    return [f"{as_high:,} {of} are as parallel: p = {base.reached:.2g}."]
