"""What a line of `embgeo shell` costs compared with the product that answers it, and how long Tab takes.

    python bench/shell.py [--runs N] [--model MODEL]

The model is open, as after a first question. A line goes from its text to the text of its answer, which is written to
memory. Tab is measured as the prompt asks for it, and as a process of its own, as a system's shell does.
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
PRODUCT, QUESTION, JSON, TABLE = "product with every row", "space.neighbors", "shell, --format jsonl", "shell, table"
TYPED = {"a word": "c", "a word of an expression": "king - c", "an option": "neighbors cat --m"}
TAB, NUMPY = f"embgeo neighbors {WORD}<TAB>", "import numpy"


def main() -> None:
    """Measure lines, keystrokes, and Tab in a system's shell."""
    parser = common.options(__doc__ or "", runs=31)
    common.add_model(parser)
    given = parser.parse_args()
    with common.chosen_model(given.model) as model, spaces.keep_open():
        session = Session()
        session.ask([model])
        measure_lines(session, model, given.runs)
        measure_keys(session, given.runs)
        measure_tab(model, given.runs)


def measure_lines(session: Session, model: str, runs: int) -> None:
    """Time the product alone, the question, and the same as a line in two formats."""
    space = embgeo.load(model)
    vector = np.asarray(space[WORD])[None]  # [1, dims]
    times = common.time_calls(
        {
            PRODUCT: lambda: products(space.weights, vector),
            QUESTION: lambda: space.neighbors(WORD),
            JSON: lambda: printed(session, f"{WORD} --format jsonl"),
            TABLE: lambda: printed(session, WORD),
        },
        runs,
    )
    shape = f"{space.shape[0]:,} x {space.shape[1]} {space.manifest.dtype}"
    rows = [
        (label, common.milliseconds(times, label), *(common.ratio(times, label, base) for base in (PRODUCT, QUESTION)))
        for label in times
    ]
    common.show(f"{shape}: '{WORD}', {runs} runs in turns", ("", "ms", "by the product", "by the question"), rows)


def printed(session: Session, line: str) -> None:
    """Answer a line into memory."""
    with contextlib.redirect_stdout(io.StringIO()):
        assert outcome_of(session, line).code == 0


def measure_keys(session: Session, runs: int) -> None:
    """Time the candidates for what was typed."""
    calls = {label: functools.partial(candidates, session, typed) for label, typed in TYPED.items()}
    times = common.time_calls(calls, runs)
    rows = [(label, TYPED[label], common.milliseconds(times, label)) for label in times]
    common.show(f"Tab at the prompt, {runs} runs", ("", "typed", "ms"), rows)


def measure_tab(model: str, runs: int) -> None:
    """Time the process that a system's shell starts at Tab."""
    line = f"embgeo neighbors -m {model} {WORD}"
    os.environ |= {"COMP_WORDS": line, "COMP_CWORD": "4", "_EMBGEO_COMPLETE": "complete_bash"}
    commands = {TAB: [sys.executable, "-m", "embgeo"], NUMPY: [sys.executable, "-c", "import numpy"]}
    times = common.time_commands(commands, runs)
    rows = [(label, common.milliseconds(times, label), common.ratio(times, label, NUMPY)) for label in commands]
    common.show(f"Tab in a system's shell, {runs} runs in turns", ("", "ms", "by the import"), rows)


if __name__ == "__main__":
    main()
