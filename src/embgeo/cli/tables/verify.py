"""The checks of a model as a table."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from embgeo.cli.columns import columns
from embgeo.cli.drawing import title
from embgeo.cli.text import visible
from embgeo.results.verify import Verification


def table(answer: Verification) -> RenderableType:
    """One check per line, then how many failed."""
    checks = columns(("", "left"), ("what", "left"), ("found", "left"), keys=2)
    for check in answer.checks:
        found = visible(check.found if check.passed else f"{check.found}, not {check.expected} ({check.source})")
        checks.add_row("passed" if check.passed else Text("FAILED", "bold"), visible(check.name), found)
    failed = sum(not check.passed for check in answer.checks)
    verdict = f"{failed} of {len(answer.checks)} failed" if failed else f"all {len(answer.checks)} passed"
    return Group(title(answer, "verify"), checks, Text(f"\n{verdict}", "bold"))
