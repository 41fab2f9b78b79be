"""The tour as a text to read."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.drawing import facts, title
from embgeo.cli.outline import Outline, Sheet
from embgeo.cli.text import visible
from embgeo.results.tour import Figure, Stop, Tour

LABEL_WIDTH = 8  # columns for the labels of the lines


def table(answer: Tour) -> RenderableType:
    """The verdicts, then stop after stop."""
    return Group(*pages(answer))


def pages(answer: Tour) -> list[RenderableType]:
    """The verdicts of all stops, and a page for each stop; one stop alone is a page with the title."""
    stops = [Group(*_stop(stop)) for stop in answer.stops]
    if len(stops) == 1:
        return [Group(title(answer, "tour"), *stops)]
    return [Group(title(answer, "tour"), facts(_summary(answer)), Text()), *stops]


def outline(answer: Tour) -> Outline:
    """The verdicts, then stop after stop, to show next to other models'."""
    verdicts = [(f"{stop.number} {stop.name}", (stop.verdict,)) for stop in answer.stops]
    return Outline("tour", [], [Sheet("stop", (("", "left"),), verdicts), *map(_outlined, answer.stops)])


def _outlined(stop: Stop) -> Sheet:
    found = ", ".join(map(_figure, stop.figures))
    said = [f"{stop.verdict}. {stop.reason}{f' Found: {found}.' if found else ''}", *stop.notes]
    about = (("claim", stop.claim), ("rule", stop.rule))
    return Sheet("", (), (), said, "", f"{stop.number}. {stop.name}", about)


def _summary(answer: Tour) -> list[tuple[str, str]]:
    """The stops with each verdict, by their numbers and names."""
    counts = {"holds": answer.holds, "holds in part": answer.in_part, "does not hold here": answer.fails,
              "not asked here": answer.not_asked}  # fmt: skip
    names = {verdict: ", ".join(f"{stop.number} {stop.name}" for stop in answer.stops if stop.verdict == verdict)
             for verdict in counts}  # fmt: skip
    return [(f"{verdict} ({count})", names[verdict]) for verdict, count in counts.items() if count]


def _stop(stop: Stop) -> list[RenderableType]:
    room = shutil.get_terminal_size((80, 24)).columns - LABEL_WIDTH
    rows = [("claim", stop.claim), ("rule", stop.rule)]
    figures = [f"{_figure(figure)}," for figure in stop.figures]
    figures[-1:] = [figure.removesuffix(",") for figure in figures[-1:]]
    rows += _labeled("found", packed(figures, room))
    rows += [("why", stop.reason), *(("note", note) for note in stop.notes)]
    repeat = _labeled("repeat", [line for command in stop.commands for line in folded(command, room)])
    # A word longer than the line runs past its end: broken, it would be another command.
    whole = [
        Text.assemble((f"{name:<{LABEL_WIDTH}}", "dim"), visible(line), no_wrap=True, overflow="ignore")
        for name, line in repeat
    ]
    heading = Text(f"{stop.number}. {stop.name}: {stop.verdict}", "bold")
    return [heading, facts(rows, LABEL_WIDTH), *whole, Text()]


def _labeled(name: str, lines: Iterable[str]) -> list[tuple[str, str]]:
    """Lines under one label, which stands next to the first."""
    return [("" if number else name, line) for number, line in enumerate(lines)]


def _figure(figure: Figure) -> str:
    value = f"{figure.value:,}" if isinstance(figure.value, int) else f"{figure.value:z.4f}"
    return f"{figure.name}: {value}"


def packed(parts: Sequence[str], room: int) -> list[str]:
    """Parts packed into lines, none of them broken."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines


def folded(command: str, room: int) -> list[str]:
    """A command over several lines that a shell reads as one."""
    lines = packed([shlex.quote(word) for word in shlex.split(command)], room - 2)
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]
