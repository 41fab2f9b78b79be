"""A progress bar on stderr during fetching, preparing and other long work, if stderr is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from embgeo.cli import output
from embgeo.cli.text import has_colors
from embgeo.errors import REMARK, Report, silent

BAR_WIDTH: Final = 20  # columns
SECONDS_BEFORE_BAR: Final = 0.5  # seconds of counted work before it is drawn


@contextmanager
def progress(*, quiet: bool) -> Iterator[Report]:
    """A `Report` that draws the amount done, the rate and the time left.

    Without a terminal only remarks are printed; on a terminal without colors, one plain line for each task.
    """
    if quiet:
        yield silent
    elif not sys.stderr.isatty():
        yield _remarks
    elif has_colors(sys.stderr):
        with ExitStack() as stack:
            yield _patient(_bar(stack))
    else:
        yield _patient(_lines())


def _patient(report: Report) -> Report:
    """A report that skips the start of anything but a transfer: most questions are answered before it would show."""
    began: list[float] = []

    def patient(what: str, done: int, total: int, unit: str = "bytes") -> None:
        if unit in ("bytes", REMARK) or (began and time.monotonic() - began[0] > SECONDS_BEFORE_BAR):
            report(what, done, total, unit)
        elif not began:
            began.append(time.monotonic())

    return patient


def _remarks(what: str, done: int, total: int, unit: str = "bytes") -> None:  # noqa: ARG001  # the signature of a Report
    if unit == REMARK:
        output.notes([what])


def _lines() -> Report:
    from embgeo.cli.drawing import size

    printed: set[str] = set()

    def report(what: str, done: int, total: int, unit: str = "bytes") -> None:
        _remarks(what, done, total, unit)
        if unit != REMARK and what not in printed:
            printed.add(what)
            output.print_error(f"{what}: {size(total) if unit == 'bytes' else f'{total:,} {unit}'}")

    return report


def _bar(stack: ExitStack) -> Report:
    bars: list[Report] = []

    def report(what: str, done: int, total: int, unit: str = "bytes") -> None:
        if unit == REMARK:
            _remarks(what, done, total, unit)
            return
        if not bars:  # Rich is imported only when there is something to draw
            bars.append(_draw(stack))
        bars[0](what, done, total, unit)

    return report


def _draw(stack: ExitStack) -> Report:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
    from rich.table import Column

    from embgeo.cli.rates import Amount, Rate
    from embgeo.cli.text import visible

    whole = Column(no_wrap=True)  # where a terminal is narrow, the bar alone gives way
    columns = (
        TextColumn("{task.description}", markup=False, table_column=whole),
        BarColumn(None, table_column=Column(max_width=BAR_WIDTH)),
        Amount(whole),
        Rate(whole),
        TimeRemainingColumn(table_column=whole),
    )
    bar = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int, unit: str = "bytes") -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(visible(what), total=total, unit=unit)
        bar.update(tasks[what], completed=done, total=total)

    return report
