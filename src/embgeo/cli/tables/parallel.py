"""Whether two differences are parallel, as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import facts, title
from embgeo.cli.text import visible
from embgeo.results.parallel import Parallel


def table(answer: Parallel) -> RenderableType:
    """The angle, and what chance gives to sides as close."""
    a, b, c, d = (visible(term.term) for term in answer.terms)
    rows = [("cosine", f"{answer.cosine:z.4f}"), ("angle", f"{answer.angle:z.1f} degrees")]
    rows.append(("lengths", f"{answer.norms[0]:z.4f} and {answer.norms[1]:z.4f}"))
    rows.append(("sides", f"cos({a}, {c}) {answer.sides[0]:z.4f}, cos({b}, {d}) {answer.sides[1]:z.4f}"))
    base = answer.baseline
    said: list[RenderableType] = []
    if base is not None:
        rows.append(
            ("by chance", f"mean {base.mean:z.4f}, deviation {base.deviation:z.4f}, 95 % up to {base.high:z.4f}")
        )
        as_high = round(base.reached * (1 + base.samples)) - 1
        of = f"of {base.samples:,} random figures with sides as close"
        said = [Text(f"\n{as_high:,} {of} are as parallel: p = {base.reached:.2g}.")]
    return Group(title(answer, f"({a} - {b}) and ({c} - {d})"), facts(rows), *said)
