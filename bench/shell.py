"""Time a line of `embgeo shell` against the product that answers it, and the completions of Tab.

    python bench/shell.py [--runs N] [--model MODEL]

The model is open, as after a first query. The time of a line runs from its text to the text of its answer, which is
written to memory. Tab is timed at embgeo's prompt, and as the process that a system shell starts.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
import sys

import numpy as np

import common
import embgeo
from embgeo.cli import spaces
from embgeo.cli.shell.candidates import candidates
from embgeo.cli.shell.loop import outcome_of
from embgeo.cli.shell.session import Session
from embgeo.numerics.kernels import products

WORD = "cat"
PRODUCT, METHOD, JSON, TABLE = "product with every row", "space.neighbors", "shell, --format jsonl", "shell, table"
TYPED = {"a word": "c", "a word of an expression": "king - c", "an option": "neighbors cat --m"}
TAB, NUMPY = f"embgeo neighbors {WORD}<TAB>", "import numpy"


def main() -> None:
    """Measure lines, keystrokes, and Tab in a system shell."""
    parser = common.options(__doc__ or "", runs=31)
    common.add_model(parser)
    args = parser.parse_args()
    with common.chosen_model(args.model) as model, spaces.keep_open():
        session = Session()
        session.ask([model])
        measure_lines(session, model, args.runs)
        measure_keys(session, args.runs)
        measure_tab(model, args.runs)


def measure_lines(session: Session, model: str, runs: int) -> None:
    """Time the bare product, the method, and the same query as a line in two formats."""
    space = embgeo.load(model)
    vector = np.asarray(space[WORD])[None]  # [1, dims]
    times = common.time_calls(
        {
            PRODUCT: lambda: products(space.weights, vector),
            METHOD: lambda: space.neighbors(WORD),
            JSON: lambda: answer(session, f"{WORD} --format jsonl"),
            TABLE: lambda: answer(session, WORD),
        },
        runs,
    )
    shape = f"{space.shape[0]:,} x {space.shape[1]} {space.manifest.dtype}"
    rows = [
        (label, common.milliseconds(times, label), *(common.ratio(times, label, base) for base in (PRODUCT, METHOD)))
        for label in times
    ]
    common.show(f"{shape}: '{WORD}', {runs} runs in turns", ("", "ms", "by the product", "by the question"), rows)


def answer(session: Session, line: str) -> None:
    """Answer a line, with its output in memory."""
    with contextlib.redirect_stdout(io.StringIO()):
        assert outcome_of(session, line).code == 0


def measure_keys(session: Session, runs: int) -> None:
    """Time the completions of each beginning."""
    calls = {label: functools.partial(candidates, session, typed) for label, typed in TYPED.items()}
    times = common.time_calls(calls, runs)
    rows = [(label, TYPED[label], common.milliseconds(times, label)) for label in times]
    common.show(f"Tab at the prompt, {runs} runs", ("", "typed", "ms"), rows)


def measure_tab(model: str, runs: int) -> None:
    """Time the process that a system shell starts at Tab."""
    line = f"embgeo neighbors -m {model} {WORD}"
    os.environ |= {"COMP_WORDS": line, "COMP_CWORD": "4", "_EMBGEO_COMPLETE": "complete_bash"}
    commands = {TAB: [sys.executable, "-m", "embgeo"], NUMPY: [sys.executable, "-c", "import numpy"]}
    times = common.time_commands(commands, runs)
    rows = [(label, common.milliseconds(times, label), common.ratio(times, label, NUMPY)) for label in commands]
    common.show(f"Tab in a system's shell, {runs} runs in turns", ("", "ms", "by the import"), rows)


if __name__ == "__main__":
    main()
